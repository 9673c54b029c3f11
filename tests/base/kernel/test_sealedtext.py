"""Sealed columns: code reads plain words, the database holds none."""

from __future__ import annotations

import pytest
from django.core.exceptions import FieldError
from django.db import connection

from siquan.base.accounts.models import User
from siquan.base.kernel import copytext, sealing
from siquan.base.kernel.sealedtext import sealed_fields, sealed_models
from tests import make

pytestmark = pytest.mark.django_db
PHONE = User._meta.get_field("phone_print")


def raw(column: str) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"select {column} from accounts_user")
        return bytes(cursor.fetchone()[0])


def test_the_database_holds_the_words_sealed_and_the_code_reads_them() -> None:
    make.user(email="li@example.org", phone="13800138000")

    found = User.objects.get()
    assert (found.email, found.phone) == ("li@example.org", "13800138000")
    assert list(User.objects.values_list("email", flat=True)) == ["li@example.org"]
    assert b"li@example" not in raw("email")
    assert sealing.key_of(raw("phone"))


def test_nothing_is_sealed_where_there_are_no_words() -> None:
    make.user()

    assert raw("phone") == b""
    assert User.objects.get().phone == ""
    assert User.objects.get().phone_print == ""


def test_the_same_words_are_sealed_differently_every_time() -> None:
    field = User._meta.get_field("email")

    assert field.sealed("li@example.org") != field.sealed("li@example.org")


def test_a_sealed_value_does_not_open_in_another_column() -> None:
    made = make.user(email="li@example.org", phone="13800138000")
    with connection.cursor() as cursor:
        cursor.execute("update accounts_user set phone = email")

    with pytest.raises(sealing.Tampered):
        User.objects.get(pk=made.pk)


def test_a_sealed_column_refuses_to_be_searched() -> None:
    with pytest.raises(FieldError):
        User.objects.filter(phone__contains="138").exists()
    with pytest.raises(FieldError):
        User.objects.filter(phone="13800138000").exists()


def test_a_number_is_found_by_its_fingerprint_however_it_is_written() -> None:
    made = make.user(phone="138 0013 8000")

    assert User.objects.get(phone_print__in=PHONE.prints_of("+86 13800138000")) == made
    assert not User.objects.filter(phone_print__in=PHONE.prints_of("13900138000")).exists()
    assert PHONE.prints_of("") == []


def test_a_fingerprint_follows_the_words() -> None:
    made = make.user(phone="13800138000")
    made.phone = "13900139000"
    made.save(update_fields=["phone", "phone_print"])

    assert User.objects.get(phone_print__in=PHONE.prints_of("13900139000")) == made


def test_a_row_written_by_copy_is_the_same() -> None:
    made = make.user()
    sealed = User._meta.get_field("phone").sealed("13800138000")
    with connection.cursor() as cursor:
        cursor.execute("create temporary table copied (id bigint, phone bytea) on commit drop")
        with cursor.copy("copy copied (id, phone) from stdin") as copy:
            for block in copytext.blocks([(made.pk, sealed)]):
                copy.write(block)
        cursor.execute("update accounts_user u set phone = c.phone from copied c where c.id = u.id")

    assert User.objects.get().phone == "13800138000"


def test_every_sealed_table_is_found() -> None:
    found = {model._meta.label: [field.name for field in sealed_fields(model)] for model in sealed_models()}

    assert found["accounts.User"] == ["email", "phone"]
    assert found["cases.Reporter"] == ["name", "phone", "words"]
    assert found["notices.Delivery"] == ["address"]
