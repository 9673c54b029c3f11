"""Possible duplicates found at an import are a list to work down: merge in one step, or not the same."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from siquan.base.journal.models import Entry
from siquan.base.kernel.coordinates import Datum
from siquan.base.kernel.errors import BadInput
from siquan.work.cases import queries, services
from siquan.work.cases.filters import Filters
from siquan.work.cases.models import Case, TicketImport
from siquan.work.cases.services import import_files
from siquan.work.cases.states import State
from siquan.work.cases.twins import Twin
from tests import make
from tests.counting import statements

pytestmark = pytest.mark.django_db
WORDS = "垃圾桶满了两天没人收"


@pytest.fixture(autouse=True)
def district() -> None:
    make.rules()
    make.street()


def earlier() -> Case:
    """Return an open case that the tickets below repeat."""
    case = make.case(State.FILED)
    Case.objects.filter(pk=case.pk).update(text=WORDS, reported_at=make.NOW)
    case.refresh_from_db()
    return case


def imported(count: int = 1, start: int = 1) -> list[Case]:
    """Import so many tickets that say the same at the same place an hour later."""
    when = timezone.localtime(make.NOW + make.hours(1))
    lon, lat = make.INSIDE
    rows = "".join(
        f"H{n},{WORDS},{lon},{lat},{when:%Y-%m-%d %H:%M},E0102\n" for n in range(start, start + count)
    )
    content = f"编号,内容,经度,纬度,时间,类别\n{rows}".encode()
    by = make.dispatcher()
    record = import_files.take_file([content], by=by, at=make.NOW, datum=Datum.WGS84)
    done = import_files.start_import(record.pk, by=by, at=make.NOW + make.hours(2))
    assert done.imported == count, done.preview
    refs = [f"H{n}" for n in range(start, start + count)]
    return list(Case.objects.filter(source_ref__in=refs).order_by("pk"))


def listed() -> list[str]:
    cases = Filters(twins="1").apply(Case.objects.all(), at=make.NOW)
    return [each.number for each in cases.order_by("pk")]


def test_a_ticket_that_repeats_an_open_case_is_on_the_list_with_its_reasons(client: Client):
    first = earlier()
    (ticket,) = imported()
    client.force_login(make.dispatcher())

    page = client.get("/cases/?twins=1").content.decode()

    assert listed() == [ticket.number]
    assert Twin.objects.get().other_id == first.pk
    assert first.number in page
    assert "相距0米" in page
    assert "说法相近" in page
    assert reverse("cases:act", args=[ticket.number, "merge"]) in page


def test_merging_from_the_list_is_one_step_and_takes_it_off(client: Client):
    first = earlier()
    (ticket,) = imported()
    client.force_login(make.dispatcher())

    sent = client.post(
        reverse("cases:act", args=[ticket.number, "merge"]), {"into": first.number, "next": "/cases/?twins=1"}
    )

    ticket.refresh_from_db()
    assert (ticket.state, ticket.merged_into_id) == (State.MERGED, first.pk)
    assert sent["Location"] == "/cases/?twins=1"
    assert listed() == []


def test_not_the_same_takes_it_off_for_good_and_is_told(client: Client):
    first = earlier()
    (ticket,) = imported()
    assert [each.number for each in queries.duplicates_of(ticket)] == [first.number]
    client.force_login(make.dispatcher())

    client.post(reverse("cases:act", args=[ticket.number, "not-same"]), {"other": first.number})

    assert listed() == []
    assert queries.duplicates_of(ticket) == []
    assert Entry.objects.get(event="case.not_same", about_id=ticket.pk).details["other"] == first.number


def test_whoever_parts_them_again_from_an_old_page_changes_nothing():
    first = earlier()
    (ticket,) = imported()
    services.part_cases(ticket.pk, by=make.dispatcher(), at=make.NOW, other=first.number)

    services.part_cases(ticket.pk, by=make.lead(), at=make.NOW, other=first.number)

    assert Entry.objects.filter(event="case.not_same", about_id=ticket.pk).count() == 1


def test_a_finished_import_leads_to_the_possible_duplicates(client: Client):
    earlier()
    imported(2)
    record = TicketImport.objects.get()
    assert record.by
    client.force_login(record.by)

    page = client.get(reverse("cases:import_file", args=[record.pk]))

    assert "看可能重复的2件" in page.content.decode()


def test_the_list_of_possible_duplicates_says_when_none_is_left(client: Client):
    client.force_login(make.dispatcher())

    page = client.get("/cases/?twins=1").content.decode()

    assert "没有等着判断的重复案件" in page
    assert 'href="/cases/?state=open"' in page


def test_two_cases_that_only_the_page_takes_for_the_same_can_be_parted_too():
    first = earlier()
    (ticket,) = imported()
    Twin.objects.all().delete()

    services.part_cases(ticket.pk, by=make.dispatcher(), at=make.NOW, other=first.number)

    assert queries.duplicates_of(ticket) == []


def test_nobody_parts_what_nobody_takes_for_the_same_and_only_the_centre_parts():
    first = earlier()
    (ticket,) = imported()
    stranger = make.case(State.REPORTED, text="路灯不亮")

    with pytest.raises(PermissionDenied):
        services.part_cases(ticket.pk, by=make.clerk(make.unit("HW")), at=make.NOW, other=first.number)
    with pytest.raises(BadInput) as refused:
        services.part_cases(stranger.pk, by=make.dispatcher(), at=make.NOW, other=ticket.number)
    assert refused.value.field == "other"


def test_what_can_no_longer_be_merged_has_not_to_be_decided():
    first = earlier()
    (ticket,) = imported()
    services.ACTS["void"](first.pk, by=make.lead(), at=make.NOW, reason="误报")

    assert listed() == []
    assert Twin.objects.filter(case=ticket, parted_at=None).exists()


def test_the_list_asks_the_same_number_of_questions_for_one_and_for_three(client: Client):
    earlier()
    imported()
    client.force_login(make.dispatcher())
    client.get("/cases/?twins=1")
    one = statements(client, "/cases/?twins=1")
    imported(2, start=2)

    assert len(listed()) == 3
    assert statements(client, "/cases/?twins=1") == one


def test_another_case_is_not_on_the_list():
    earlier()
    make.case(State.REPORTED, text="路灯不亮")

    assert listed() == []
