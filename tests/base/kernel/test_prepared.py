"""Questions that are written once: the same answers as the queryset they are made of."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from siquan.base.accounts.models import ApiToken, User
from siquan.base.journal.models import Entry
from siquan.base.kernel.prepared import Given, Prepared
from tests import make

pytestmark = pytest.mark.django_db


def test_a_prepared_question_answers_like_its_queryset_for_every_value() -> None:
    people = [make.user(name) for name in ("an", "bo", "chen")]
    by_name = Prepared(lambda: User.objects.filter(username=Given("name")))

    for person in people:
        (found,) = by_name(name=person.username)
        (wanted,) = User.objects.filter(username=person.username)
        assert found.__dict__.keys() - {"_state"} == wanted.__dict__.keys() - {"_state"}
        assert all(
            getattr(found, name) == getattr(wanted, name) for name in wanted.__dict__ if name[0] != "_"
        )
    assert by_name(name="nobody") == []


def test_related_rows_come_along_and_missing_ones_are_none() -> None:
    user = make.user()
    entry = {"event": "a.b", "about_type": "thing", "at": make.NOW, "by_kind": "person"}
    Entry.objects.create(about_id=1, by=user, **entry)
    Entry.objects.create(about_id=2, by=None, **entry)
    about = Prepared(lambda: Entry.objects.filter(about_id=Given("id")).select_related("by").order_by("id"))

    with CaptureQueriesContext(connection) as asked:
        (first,), (second,) = about(id=1), about(id=2)
        assert (first.by, second.by) == (user, None)

    assert len(asked) == 2


def test_columns_that_are_sealed_are_opened() -> None:
    make.user("an", phone="13800000001")
    phone = Prepared(lambda: User.objects.filter(username=Given("name")).values_list("phone", flat=True))

    assert phone(name="an") == ["13800000001"]


def test_several_columns_come_as_tuples() -> None:
    user = make.user("an")
    pair = Prepared(lambda: User.objects.filter(pk=Given("id")).values_list("id", "username"))

    assert pair(id=user.pk) == [(user.pk, "an")]


def test_a_value_may_stand_in_several_places() -> None:
    user = make.user()
    token = ApiToken(user=user, digest="d", created_at=make.NOW, expires_at=make.NOW)
    token.save()
    valid = Prepared(lambda: ApiToken.objects.valid(Given("at")))

    assert valid(at=make.NOW) == []
    assert valid(at=make.NOW - timedelta(seconds=1)) == [token]


def test_a_value_that_is_not_handed_in_is_an_error_and_not_a_wide_answer() -> None:
    make.user()
    by_name = Prepared(lambda: User.objects.filter(username=Given("name")))

    with pytest.raises(KeyError):
        by_name()


@pytest.mark.django_db(transaction=True)
def test_every_thread_asks_over_its_own_connection() -> None:
    make.user("an")
    by_name = Prepared(lambda: User.objects.filter(username=Given("name")))
    seen: list[Any] = [by_name(name="an")]

    def ask() -> None:
        try:
            seen.append(by_name(name="an"))
        finally:
            connections.close_all()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert seen[0] == seen[1]
