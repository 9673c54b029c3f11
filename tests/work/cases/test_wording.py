"""Two versions of what was said: masked in the case for everybody, sealed as it was written."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from siquan.base.journal.models import Entry
from siquan.work.cases import services
from siquan.work.cases.models import Case, Comment, CommentKind, Reporter
from siquan.work.cases.services.bulk import Life, write_lives
from siquan.work.cases.services.wording import hidden_words
from siquan.work.cases.states import State
from tests import make

pytestmark = pytest.mark.django_db
TEXT = "我是张小三，家住3号楼，请打13812345678"


def test_a_case_holds_masked_words_and_the_reporter_row_what_was_written() -> None:
    case = make.case(text=TEXT, address="钱粮胡同3号楼2单元501室", name="张小三", phone="13812345678")

    assert case.text == "我是张**，家住3号楼，请打138****5678"
    assert case.address == "钱粮胡同3号楼**单元**室"
    assert hidden_words(case.reporter) == {"text": TEXT, "address": "钱粮胡同3号楼2单元501室"}


def test_words_that_name_nobody_are_kept_once() -> None:
    case = make.case(text="东口有垃圾")

    assert not Reporter.objects.filter(case=case).exists()


def test_a_repeated_report_with_a_number_in_it_is_still_the_same_report() -> None:
    make.rules()
    make.street()
    first = services.report_case(make.report(text=TEXT), key="k", by=None, at=make.NOW)
    again = services.report_case(make.report(text=TEXT), key="k", by=None, at=make.NOW)

    assert (again.case.pk, again.is_new) == (first.case.pk, False)


def test_a_remark_is_masked_and_kept_as_written_and_twice_is_once() -> None:
    case = make.case(State.IN_HAND)
    for _again in range(2):
        services.say_as_reporter(case.pk, at=make.NOW, kind=CommentKind.COMMENT, text="打13812345678")

    found = Comment.objects.get()
    assert (found.text, found.original) == ("打138****5678", "打13812345678")


def test_what_staff_write_into_reasons_is_masked_everywhere() -> None:
    case = make.case(State.IN_HAND)
    clerk = make.clerk(case.unit)
    services.ACTS["ask-extension"](
        case.pk, by=clerk, at=make.NOW, amount=4, measure="working-hours", reason="约了13812345678"
    )

    assert case.extensions.get().reason == "约了138****5678"
    assert Entry.objects.get(event="case.extension_asked").details["reason"] == "约了138****5678"


def test_many_cases_at_once_are_masked_and_sealed_the_same() -> None:
    make.rules()
    make.street()
    life = Life(
        text=TEXT, at=int(make.NOW.timestamp()), title="找张小三", name="张小三", phone="138 1234 5678"
    )
    write_lives([life, Life(text="无人", at=int(make.NOW.timestamp()))])

    case = Case.objects.get(text__startswith="我是")
    assert (case.title, case.text) == ("找张**", "我是张**，家住3号楼，请打138****5678")
    assert (case.reporter.name, case.reporter.phone) == ("张小三", "138 1234 5678")
    assert json.loads(case.reporter.words) == {"title": "找张小三", "text": TEXT}
    prints = Reporter._meta.get_field("phone_print").prints_of("13812345678")
    assert Reporter.objects.get(phone_print__in=prints) == case.reporter
    assert Reporter.objects.count() == 1


def test_the_database_holds_no_plain_name_or_number() -> None:
    make.case(text=TEXT, name="张小三", phone="13812345678")
    with connection.cursor() as cursor:
        cursor.execute("select name, phone, words from cases_reporter")
        kept = b"".join(bytes(each) for each in cursor.fetchone())
    assert "张小三".encode() not in kept
    assert b"13812345678" not in kept
