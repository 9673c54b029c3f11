"""The page of a case and what is done from it: every verb by its page, refused with a page that helps."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from siquan.base.files.models import StoredFile
from siquan.work.cases import forms, queries, services
from siquan.work.cases.models import Case, CasePhoto, Comment, Purpose, Source
from siquan.work.cases.queries.timeline import EVENTS
from siquan.work.cases.services import clocks
from siquan.work.cases.states import EVENTS as EVENT_OF
from siquan.work.cases.states import TRANSITIONS, State
from siquan.work.cases.verbwords import DONE, ICONS, KEYS, NEXT, STEP_OF
from tests import make
from tests.work.cases.test_life import HAPPY, prepare

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


def words(answer: Any) -> str:
    return str(answer.content.decode())


def said(answer: Any) -> str:
    return " ".join(str(each) for each in get_messages(answer.wsgi_request))


def shown(color: str = "#2E7D4F") -> SimpleUploadedFile:
    return SimpleUploadedFile("after.jpg", make.photo(color), "image/jpeg")


def test_every_verb_has_what_its_page_needs() -> None:
    verbs = set(forms.FORMS)

    assert verbs <= set(KEYS) and verbs <= set(ICONS) and verbs <= set(DONE)
    assert set(EVENT_OF.values()) <= set(EVENTS)
    assert set(NEXT) == set(State)
    assert set(STEP_OF) == {state for state in State if state in clocks.CLOCK_OF_STATE} | {State.CLOSED}
    for state, row in TRANSITIONS.items():
        keys = [KEYS[verb] for verb in row if verb not in ("refuse-extension", "grant-extension", "resume")]
        assert len(set(keys)) == len(keys), state
        assert not {"j", "k", "x"} & set(keys)


@pytest.mark.parametrize("verb", HAPPY)
def test_every_verb_is_done_from_its_page(verb: str, client: Client, settings: Any) -> None:
    state, who, _, after = HAPPY[verb]
    case, given = prepare(verb, state)
    if case.due_at:  # the pages act now, not in September
        Case.objects.filter(pk=case.pk).update(due_at=timezone.now() + make.hours(2))
    client.force_login(who(case))
    address = f"/cases/{case.number}/{verb}/"
    if "photos" in forms.FORMS[verb].base_fields:
        given["photos"] = shown()

    asked = client.get(address)
    answer = client.post(address, given)

    assert asked.status_code == 200
    assert 'method="post"' in words(asked)
    assert answer.status_code == 302, words(answer)
    assert Case.objects.get(pk=case.pk).state == after
    assert str(DONE[verb]) in said(answer)


@pytest.mark.parametrize("verb", HAPPY)
def test_the_wrong_person_gets_a_page_that_says_who_may(verb: str, client: Client) -> None:
    case, given = prepare(verb, HAPPY[verb][0])
    client.force_login(make.staff("leader"))  # sees every case, does nothing

    asked = client.get(f"/cases/{case.number}/{verb}/")
    answer = client.post(f"/cases/{case.number}/{verb}/", given)

    assert (asked.status_code, answer.status_code) == (403, 403)
    assert "谁可以做" in words(answer)
    assert Case.objects.get(pk=case.pk).state == case.state


def test_a_case_one_may_not_see_is_not_there(client: Client) -> None:
    case = make.case(State.IN_HAND)
    client.force_login(make.clerk(make.unit("STRANGER")))

    for address in (f"/cases/{case.number}/", f"/cases/{case.number}/report-done/", "/cases/2600000000/"):
        assert client.get(address).status_code in (400, 404)


@pytest.mark.parametrize("verb", ["explode", "see", "unmask"])
def test_a_verb_that_does_not_exist_is_not_there(verb: str, client: Client) -> None:
    case = make.case()
    client.force_login(make.lead())

    assert client.get(f"/cases/{case.number}/{verb}/").status_code == 404


def test_in_the_wrong_state_the_page_says_where_the_case_is(client: Client) -> None:
    case = make.case()
    client.force_login(make.dispatcher())

    answer = client.post(f"/cases/{case.number}/close/", {})

    assert answer.status_code == 409
    assert "案件现在是“待立案”，不能“结案”" in words(answer)
    assert f"/cases/{case.number}/file/" in words(answer)


def test_pressing_twice_tells_who_has_done_it_and_does_it_once(client: Client) -> None:
    case = make.case(State.DISPATCHED)
    clerk = make.clerk(make.unit("HW"))
    client.force_login(clerk)
    client.post(f"/cases/{case.number}/accept/")

    again = client.post(f"/cases/{case.number}/accept/")

    assert (again.status_code, again["Location"]) == (302, f"/cases/{case.number}/")
    assert f"环卫中心 · {clerk} 已于"[:6] in said(again)
    assert "不用再办一次" in said(again)


def test_a_button_of_an_old_page_leads_to_the_page_as_it_is_now(client: Client) -> None:
    case = make.case(State.DISPATCHED)
    client.force_login(make.clerk(make.unit("HW")))
    client.post(f"/cases/{case.number}/accept/")

    late = client.get(f"/cases/{case.number}/accept/", **HTMX)

    assert (late.status_code, late["HX-Redirect"]) == (200, f"/cases/{case.number}/")
    assert late.content == b""


def test_a_form_that_lacks_something_is_shown_again_and_nothing_is_done(client: Client) -> None:
    case = make.case(State.HANDLED)
    client.force_login(make.checker(make.street()))

    answer = client.post(f"/cases/{case.number}/verify-pass/", {})

    assert answer.status_code == 422
    assert "请至少放一张照片" in words(answer)
    assert Case.objects.get(pk=case.pk).state == State.HANDLED


def test_what_the_service_refuses_stands_at_its_field(client: Client) -> None:
    case = make.case(State.FILED)
    client.force_login(make.dispatcher())

    answer = client.post(f"/cases/{case.number}/merge/", {"into": case.number})

    assert answer.status_code == 422
    assert "没有找到要并入的案件" in words(answer)
    assert 'href="#id_into"' in words(answer)


def test_a_file_that_is_no_photo_is_refused_with_words(client: Client) -> None:
    case = make.case(State.IN_HAND)
    client.force_login(make.clerk(make.unit("HW")))
    paper = SimpleUploadedFile("a.jpg", b"%PDF-1.7", "image/jpeg")

    answer = client.post(f"/cases/{case.number}/report-done/", {"note": "好了", "photos": paper})

    assert answer.status_code == 422
    assert "不是能识别的照片" in words(answer)
    assert StoredFile.objects.count() == 0


def test_htmx_gets_the_form_alone(client: Client) -> None:
    case = make.case(State.FILED)
    client.force_login(make.dispatcher())

    part = words(client.get(f"/cases/{case.number}/dispatch/", **HTMX))

    assert "<html" not in part
    assert "按责任清单：环卫中心" in part
    assert "责任清单第 2 行" in part


def test_a_merge_offers_its_way_back(client: Client) -> None:
    case, into = make.case(), make.case()
    client.force_login(make.dispatcher())

    answer = client.post(f"/cases/{case.number}/merge/", {"into": into.number})

    assert f'<a href="/cases/{case.number}/unmerge/">撤销并案</a>' in said(answer)


def test_whoever_hands_a_case_back_lands_at_their_work(client: Client) -> None:
    case = make.case(State.DISPATCHED)
    client.force_login(make.clerk(make.unit("HW")))

    answer = client.post(f"/cases/{case.number}/return/", {"reason": "不归我们"})

    assert answer["Location"] == "/desk/"
    assert case.number in said(answer)


@pytest.mark.parametrize(
    ("wanted", "where"), [("/cases/?state=filed", "/cases/?state=filed"), ("https://evil.example/", None)]
)
def test_after_an_act_one_is_back_in_the_list_but_never_elsewhere(
    wanted: str, where: str | None, client: Client
) -> None:
    case = make.case()
    client.force_login(make.dispatcher())

    answer = client.post(f"/cases/{case.number}/file/", {"category": "E0102", "next": wanted})

    assert answer["Location"] == (where or f"/cases/{case.number}/")


def test_the_page_tells_everything_about_a_case(client: Client) -> None:
    case = make.case(State.HANDLED, phone="13812345678", name="王小明", photos=[make.photo()])
    services.comment(case.pk, by=make.dispatcher(), at=make.NOW, text="内部提醒", is_for_reporter=False)
    client.force_login(make.checker(make.street()))

    page = words(client.get(f"/cases/{case.number}/"))

    for told in ("处置完成，等待核查", "派遣给环卫中心", "内部提醒", "暴露垃圾", "东华门街道", "8个工作时"):
        assert told in page
    assert f"/cases/{case.number}/verify-pass/" in page
    assert f"/cases/{case.number}/accept/" not in page
    assert "138****5678" in page
    for secret in ("13812345678", "王小明", "<script>", "onclick="):
        assert secret not in page


def test_the_page_says_which_rule_sent_it_where(client: Client) -> None:
    make.rules()
    case = make.case(State.FILED)
    centre = make.dispatcher()
    client.force_login(centre)
    before = words(client.get(f"/cases/{case.number}/"))

    services.ACTS["dispatch"](case.pk, by=centre, at=timezone.now())
    after = words(client.get(f"/cases/{case.number}/"))

    assert "派遣后将由" in before
    assert "责任清单第 2 行：市容环境 × 全区 → 环卫中心" in before
    assert "责任清单第 2 行：市容环境 × 全区 → 环卫中心" in after


def test_markup_in_a_report_stays_text(client: Client) -> None:
    case = make.case(text="<script>alert(1)</script><b>垃圾</b>")
    client.force_login(make.dispatcher())

    page = words(client.get(f"/cases/{case.number}/"))

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_a_comment_stays_inside_unless_it_is_for_the_reporter(client: Client) -> None:
    case = make.case()
    client.force_login(make.dispatcher())

    client.post(f"/cases/{case.number}/comment/", {"text": "只给同事"})
    client.post(f"/cases/{case.number}/comment/", {"text": "给反映人", "is_for_reporter": "on"})

    kept = {each.text: each.is_for_reporter for each in Comment.objects.filter(case=case)}
    assert kept == {"只给同事": False, "给反映人": True}


def test_the_lead_recalculates_the_clock(client: Client) -> None:
    case = make.case(State.IN_HAND)
    client.force_login(make.lead())

    answer = client.post(f"/cases/{case.number}/recalculate/")

    assert answer.status_code == 302
    assert queries.history(case)[-1].event == "case.clock_recalculated"


def test_photos_are_shown_to_staff_who_see_the_case_and_to_its_reporter(client: Client) -> None:
    case = make.case(photos=[make.photo()])
    key = CasePhoto.objects.get(case=case, purpose=Purpose.REPORT).file.key
    stranger = Client()
    stranger.force_login(make.clerk(make.unit("STRANGER")))
    reporter = Client()
    session = reporter.session
    session[queries.REPORTER_TOKENS] = [case.token]
    session.save()
    reporter.cookies["sessionid"] = session.session_key
    client.force_login(make.dispatcher())

    seen = [each.get(f"/files/{key}").status_code for each in (client, reporter, stranger, Client())]

    assert seen == [200, 200, 404, 404]


def test_a_case_without_a_place_cannot_be_filed_and_says_why(client: Client) -> None:
    make.rules()
    make.street()
    case = make.case(lon=None, lat=None, source=Source.HOTLINE)
    client.force_login(make.dispatcher())

    answer = client.post(f"/cases/{case.number}/file/", {"category": "E0102"})

    assert answer.status_code == 422
    assert "还没有位置" in words(answer)
    assert "定位后才能立案" in words(client.get(f"/cases/{case.number}/"))
