"""Who is signed in, asked with every page: Django's sessions and accounts, by questions that are prepared."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.base.kernel.prepared import Given, Prepared


class SessionStore(db.SessionStore):
    """Sessions in the database (`SESSION_ENGINE`)."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the table."""
        return Session

    def _get_session_from_db(self) -> Session | None:
        found = _session.first(key=self.session_key, now=timezone.now()) if self.session_key else None
        if found is None:
            self._session_key = None
        return found


_session = Prepared(lambda: Session.objects.filter(session_key=Given("key"), expire_date__gt=Given("now")))


class Accounts(ModelBackend):
    """People of our own table (`AUTHENTICATION_BACKENDS`)."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the person of a session, None when the account may no longer be used."""
        user = _person.first(id=user_id)
        return user if user and self.user_can_authenticate(user) else None


_person = Prepared(lambda: User.objects.filter(pk=Given("id")))
