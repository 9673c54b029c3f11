"""What is forgotten by the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from siquan.base.accounts import jobs
from siquan.base.accounts.models import SignIn, Tries, User

pytestmark = pytest.mark.django_db


def test_ended_sessions_with_their_browsers_and_old_tries_are_forgotten() -> None:
    now, user = timezone.now(), User.objects.create_user("li", name="李")
    for hours in (1, 48):
        Tries.objects.create(key=f"k{hours}", failures=8, last_at=now - timedelta(hours=hours))
        ends = now + timedelta(hours=24 - hours)
        Session.objects.create(session_key=f"k{hours}", session_data="", expire_date=ends)
        SignIn.objects.create(user=user, session_key=f"k{hours}", started_at=now, seen_at=now)

    assert jobs.forget_what_expired() == 1

    for table, field in ((Tries, "key"), (Session, "session_key"), (SignIn, "session_key")):
        assert list(table.objects.values_list(field, flat=True)) == ["k1"]
