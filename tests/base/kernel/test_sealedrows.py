"""An installation that held plain rows: the migrations seal them, and could take it back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import make

BEFORE = [
    ("cases", "0005_dispatch_batches"),
    ("accounts", "0002_session_rounds"),
    ("notices", "0001_notices"),
]


def migrate(*targets: tuple[str, str]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets))
    return MigrationExecutor(connection).loader.project_state(list(targets)).apps


@pytest.mark.django_db(transaction=True)
def test_plain_rows_are_sealed_and_words_masked() -> None:
    text = "请打13812345678"
    case = make.case(text=text, name="张三", phone="13812345678")
    person = make.user(email="li@example.org", phone="13900139000")
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        old = migrate(*BEFORE)
        reporter = old.get_model("cases", "Reporter").objects.get(pk=case.pk)
        assert (reporter.name, reporter.phone) == ("张三", "13812345678")
        assert old.get_model("cases", "Case").objects.get(pk=case.pk).text == text
        assert old.get_model("accounts", "User").objects.get(pk=person.pk).email == "li@example.org"
    finally:
        migrate(*latest)

    case.refresh_from_db()
    person.refresh_from_db()
    assert case.text == "请打138****5678"
    assert (case.reporter.name, case.reporter.phone) == ("张三", "13812345678")
    assert '"请打13812345678"' in case.reporter.words
    assert case.reporter.phone_print == type(case.reporter)._meta.get_field("phone_print").print_of(
        "13812345678"
    )
    assert (person.email, person.phone) == ("li@example.org", "13900139000")
