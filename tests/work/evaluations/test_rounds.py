"""A round of outside evaluation: committed, drawn, judged blind, published."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.utils import ProgrammingError
from django.test import Client, RequestFactory
from django.urls import reverse

from siquan.base.accounts.models import User
from siquan.base.accounts.services import make_token
from siquan.base.journal.models import Entry
from siquan.base.kernel import draws, replays
from siquan.base.kernel.errors import BadInput, NotFound, NotPossible
from siquan.work.evaluations import queries, services
from siquan.work.evaluations.models import Assignment, Judgement, Round
from siquan.work.evaluations.permissions import RULES
from siquan.work.evaluations.states import EVENTS, TRANSITIONS, VERBS, State
from tests import make
from tests.work.evaluations import judging

pytestmark = pytest.mark.django_db


def signed(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_every_verb_has_a_rule_words_and_an_event() -> None:
    verbs = {verb for row in TRANSITIONS.values() for verb in row} | {"announce"}

    assert verbs == set(RULES) == set(VERBS) == set(EVENTS)


def test_the_fingerprint_is_published_before_the_seed() -> None:
    announced = judging.announced()
    told = Entry.objects.get(event="evaluation.announced").details

    assert draws.keeps(told["commitment"], announced.seed)
    assert announced.seed not in str(told)
    page = signed(make.lead()).get(f"/evaluations/{announced.pk}/").content.decode()
    assert announced.commitment in page
    assert announced.seed not in page
    with pytest.raises(ProgrammingError), transaction.atomic():
        Round.objects.filter(pk=announced.pk).update(seed="another")


def test_only_the_lead_leads_rounds() -> None:
    announced = judging.announced()

    for verb in services.ACTS:
        with pytest.raises(PermissionDenied, match="负责人"):
            services.ACTS[verb](announced.pk, by=make.dispatcher(), at=judging.LATER)


def test_the_draw_takes_what_can_be_judged_and_can_be_replayed() -> None:
    numbers = [judging.judged_case().number for _each in range(4)]
    make.case("closed", text="没有照片")
    judging.evaluator()

    found = services.draw_round(judging.announced(size=2).pk, by=make.lead(), at=judging.LATER)

    assert found.frame == {"closed": 5, "strata": {"110101001": [4, 2]}}
    drawn = set(found.items.values_list("case__number", flat=True))
    assert drawn == set(draws.drawn(found.seed, {"all": numbers}, {"all": 2})["all"])
    assert Entry.objects.get(event="evaluation.drawn").details["seed"] == found.seed


def test_a_time_that_is_not_over_is_not_drawn() -> None:
    judging.judged_case()
    judging.evaluator()

    with pytest.raises(NotPossible, match="过完"):
        services.draw_round(judging.announced().pk, by=make.lead(), at=make.NOW)


def test_without_outsiders_nothing_is_drawn() -> None:
    judging.judged_case()
    insider = judging.evaluator()
    make.duty(insider, "checker")

    with pytest.raises(NotPossible, match="评价员"):
        services.draw_round(judging.announced().pk, by=make.lead(), at=judging.LATER)


def test_a_round_is_drawn_once_and_cancelled_only_before() -> None:
    found, _people = judging.opened(1)

    with pytest.raises(NotPossible):
        services.draw_round(found.pk, by=make.lead(), at=judging.LATER)
    with pytest.raises(NotPossible):
        services.cancel_round(found.pk, by=make.lead(), at=judging.LATER)
    assert services.cancel_round(judging.announced().pk, by=make.lead(), at=make.NOW).state == State.CANCELLED


def test_repeats_go_to_two_different_people() -> None:
    found, people = judging.opened(4, people=2, repeats=2)
    given = Assignment.objects.filter(item__round=found)

    assert given.count() == 6
    for again in given.filter(is_repeat=True):
        assert again.evaluator in people
        assert given.get(item=again.item, is_repeat=False).evaluator != again.evaluator


def test_the_page_of_an_evaluator_names_no_unit_no_handler_and_no_closing() -> None:
    case = judging.judged_case(text="环卫中心的车停在路口，环境卫生服务中心没人管")
    person = judging.evaluator()
    services.draw_round(judging.announced().pk, by=None, at=judging.LATER)
    key = Assignment.objects.get().pk
    client = signed(person)
    pages = [client.get("/evaluations/mine/"), client.get(f"/evaluations/sheet/{key}/")]
    token = {"authorization": f"Bearer {make_token(person, label='x', at=make.NOW)}"}
    pages.append(client.get("/api/v1/evaluations/mine", headers=token))

    handlers = User.objects.filter(pk__in=case.handler_ids).values_list("username", flat=True)
    for page in pages:
        assert page.status_code == 200
        source = page.content.decode()
        for hidden in ("环卫中心", "环境卫生服务中心", case.number, "已清理干净", "已结案", *handlers):
            assert hidden not in source, hidden
    assert "〔某单位〕" in pages[1].content.decode()
    assert client.get(f"/cases/{case.number}/").status_code == 404


def test_the_room_shows_an_evaluator_the_photos_given_to_them_and_no_others() -> None:
    found, (person, other) = judging.opened(2, people=2)
    mine = Assignment.objects.get(item__round=found, evaluator=person)
    theirs = Assignment.objects.get(item__round=found, evaluator=other)
    request = RequestFactory().get("/")
    request.user = person

    def sees(given: Assignment) -> bool:
        return queries.sees_photo(request, given.item.case.photos.earliest("id").file)

    assert (sees(mine), sees(theirs)) == (True, False)
    services.close_round(found.pk, by=None, at=judging.LATER)
    assert not sees(mine)


def test_a_judgement_is_kept_once_corrected_by_a_new_row_and_ends_with_the_round() -> None:
    found, (person,) = judging.opened(1)
    key = Assignment.objects.get().pk
    for _time in range(2):
        services.judge(key, by=person, at=judging.LATER, verdict="yes")
    assert Judgement.objects.count() == 1

    services.judge(key, by=person, at=judging.LATER, verdict="no", note="还有一堆，电话13912345678")

    said = Assignment.objects.get().judgement
    assert said is not None
    assert (said.verdict, said.corrects.verdict) == ("no", "yes")
    assert "13912345678" not in said.note
    services.close_round(found.pk, by=make.lead(), at=judging.LATER)
    with pytest.raises(NotPossible):
        services.judge(key, by=person, at=judging.LATER, verdict="yes")


def test_nobody_judges_what_was_given_to_somebody_else() -> None:
    judging.opened(1)
    key = Assignment.objects.get().pk

    with pytest.raises(NotFound):
        services.judge(key, by=judging.evaluator(), at=judging.LATER, verdict="yes")
    assert signed(judging.evaluator()).get(f"/evaluations/sheet/{key}/").status_code == 404


def test_whoever_takes_a_duty_in_the_case_loop_judges_no_more() -> None:
    _found, (person,) = judging.opened(1)
    make.duty(person, "dispatcher")
    person = User.objects.get(pk=person.pk)

    with pytest.raises(PermissionDenied, match="外部评价员"):
        services.judge(Assignment.objects.get().pk, by=person, at=judging.LATER, verdict="yes")


def test_an_answer_that_is_none_is_refused() -> None:
    _found, (person,) = judging.opened(1)

    with pytest.raises(BadInput):
        services.judge(Assignment.objects.get().pk, by=person, at=judging.LATER, verdict="maybe")


def test_results_stand_beside_the_claim_with_an_interval_and_open_to_their_cases() -> None:
    found, people = judging.opened(4, people=2, repeats=4)
    for number, given in enumerate(Assignment.objects.filter(is_repeat=False).order_by("item__position")):
        verdict = ("yes", "yes", "no", "cannot")[number]
        services.judge(given.pk, by=given.evaluator, at=judging.LATER, verdict=verdict)
        again = Assignment.objects.get(item=given.item, is_repeat=True)
        services.judge(again.pk, by=again.evaluator, at=judging.LATER, verdict=verdict)
    lead = signed(make.lead())
    assert (
        "环卫中心" not in lead.get(f"/evaluations/{found.pk}/").content.decode()
    )  # nothing before it is closed
    services.close_round(found.pk, by=make.lead(), at=judging.LATER)

    results = queries.results_of(Round.objects.get(pk=found.pk))

    assert (results.claimed, results.pairs, results.same, results.kappa) == (4, 4, 4, 1.0)
    assert results.right.share == pytest.approx(2 / 3)
    assert [(line.judged, line.right) for line in results.by_unit] == [(3, 2)]
    page = lead.get(f"/evaluations/{found.pk}/?unit=HW&verdict=no").content.decode()
    assert "66.7" in page
    no = Assignment.objects.get(is_repeat=False, judgement__verdict="no").item.case.number
    assert page.count('class="number" href="/cases/') == 1
    assert no in page
    assert len(people) == 2


def test_a_round_costs_the_same_number_of_queries_for_more_cases(django_assert_num_queries: object) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for size in (1, 3):
        found, _people = judging.opened(2, size=size, first=date(2026, 9, 21))
        services.close_round(found.pk, by=None, at=judging.LATER)
        client = signed(make.lead())
        with CaptureQueriesContext(connection) as seen:
            client.get(f"/evaluations/{found.pk}/")
        counts.append(len(seen))

    assert counts[0] == counts[1]


def test_the_lead_announces_draws_and_closes_by_page_and_by_program() -> None:
    judging.judged_case()
    person, lead = judging.evaluator(), make.lead()
    given = {
        "title": "九月", "first": "2026-09-21", "last": "2026-09-27", "size": 1, "repeats": 0,
        "due_on": "2026-10-10",
    }  # fmt: skip
    assert signed(lead).post("/evaluations/new/", given).status_code == 302
    head = {"authorization": f"Bearer {make_token(lead, label='x', at=make.NOW)}"}
    theirs = {"authorization": f"Bearer {make_token(person, label='x', at=make.NOW)}"}
    door, client = "/api/v1/evaluations", Client()
    key = client.get(door, headers=head).json()[0]["id"]

    assert client.get(door, headers=theirs).status_code == 403
    assert client.post(door, given, "application/json", headers=head).status_code == 201
    assert client.post(f"{door}/{key}/draw", headers=theirs).status_code == 403
    assert client.post(f"{door}/{key}/draw", headers=head).json()["state"] == "open"
    sheet = client.get(f"{door}/mine", headers=theirs).json()[0]["id"]
    said = client.post(f"{door}/sheets/{sheet}/judge", {"verdict": "yes"}, "application/json", headers=theirs)
    assert said.json()["verdict"] == "yes"
    assert client.get(f"{door}/{key}", headers=head).json()["put_right"] is None
    assert client.post(f"{door}/{key}/close", headers=head).json()["state"] == "closed"
    assert client.get(f"{door}/{key}", headers=head).json()["put_right"] == 1.0
    assert client.post(f"{door}/{key}/dance", headers=head).status_code == 422
    assert client.get(f"{door}/0", headers=head).status_code == 404


def test_the_draw_of_a_round_is_replayed_on_its_page_and_out_of_its_file(client: Client) -> None:
    found, _evaluators = judging.opened(count=4, size=2)
    client.force_login(make.lead())

    page = client.get(reverse("evaluations:replay", args=[found.pk])).content.decode()
    told = replays.read(client.get(reverse("evaluations:replay_file", args=[found.pk])).content.decode())

    assert "和当时抽的完全一样" in page
    assert [(each.code, each.agrees) for each in replays.replay(told)] == [
        ("commitment", True),
        ("members", True),
        ("drawn", True),
    ]
    assert sum(map(len, told.members.values())) == 4
    assert Entry.objects.get(event=EVENTS["draw"]).details["members_sha256"] == told.members_sha256


def test_who_evaluates_does_not_see_the_list(client: Client) -> None:
    found, evaluators = judging.opened(count=2)
    client.force_login(evaluators[0])

    assert client.get(reverse("evaluations:replay_file", args=[found.pk])).status_code == 403
