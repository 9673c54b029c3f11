"""The private link: everything for its holder, nothing of the staff, nothing for anybody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from siquan.work.cases import services
from siquan.work.cases.models import Case, Comment, CommentKind
from siquan.work.cases.states import State
from tests import make

pytestmark = pytest.mark.django_db


def page_of(client: Client, case: Case) -> str:
    return client.get(f"/r/{case.token}/").content.decode()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.REPORTED, "已经收到"),
        (State.FILED, "已经立案"),
        (State.DISPATCHED, "已经交给环卫中心"),
        (State.IN_HAND, "环卫中心正在处理"),
        (State.WAITING, "在几号门？"),
        (State.SUSPENDED, "暂时办不了"),
        (State.HANDLED, "等人到现场看"),
        (State.VERIFIED, "马上结案"),
        (State.CLOSED, "真的解决了吗"),
        (State.REJECTED, "不属于本区职责"),
        (State.VOID, "已撤销"),
    ],
)
def test_every_state_is_told_in_plain_words(client: Client, state: State, words: str):
    assert words in page_of(client, make.case(state))


def test_merged_case_leads_to_the_other(client: Client):
    other, case = make.case(), make.case()
    services.ACTS["merge"](case.pk, by=make.dispatcher(), at=make.NOW, into=other.number)

    page = page_of(client, case)
    assert "合在一起办" in page
    assert f'href="/c/{other.number}/"' in page


def test_names_of_staff_and_inner_remarks_are_not_shown(client: Client):
    handler = make.clerk(make.unit("HW"))
    handler.name = "王五六"
    handler.save()
    case = make.case(State.CLOSED, by=handler)
    services.comment(case.pk, by=make.dispatcher(), at=make.NOW, text="内部看法", is_for_reporter=False)
    services.comment(case.pk, by=make.dispatcher(), at=make.NOW, text="请打13912345678找老李")

    page = page_of(client, case)
    assert "王五六" not in page
    assert "内部看法" not in page
    assert "13912345678" not in page
    assert "139****5678" in page


def test_page_stays_out_of_search_engines_and_caches(client: Client):
    case = make.case()
    for path in (f"/r/{case.token}/", f"/r/{case.token}/sent/"):
        answer = client.get(path)
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Referrer-Policy"] == "strict-origin"
        assert "no-store" in answer["Cache-Control"]


def test_wrong_token_is_not_found(client: Client):
    assert client.get("/r/nothing/").status_code == 404
    assert client.post("/r/nothing/say/", {"kind": "comment", "text": "x"}).status_code == 404


def test_comment_is_taken_down_with_photo(client: Client):
    case = make.case()
    photo = SimpleUploadedFile("a.jpg", make.photo(), "image/jpeg")
    answer = client.post(
        f"/r/{case.token}/say/", {"kind": "comment", "text": "又多了一堆", "photos": photo}, follow=True
    )

    assert "又多了一堆" in answer.content.decode()
    assert "留言收到了" in answer.content.decode()
    assert case.photos.get().purpose == "comment"


def test_the_same_remark_sent_twice_is_one_remark(client: Client):
    case = make.case()
    for words in ("又多了一堆", "又多了一堆", "还是没人来"):
        client.post(f"/r/{case.token}/say/", {"kind": "comment", "text": words})

    assert list(case.comments.order_by("id").values_list("text", flat=True)) == ["又多了一堆", "还是没人来"]


def test_the_same_words_with_another_photo_are_another_remark(client: Client):
    case = make.case()
    for colour in ("#111111", "#111111", "#222222"):
        photo = SimpleUploadedFile("a.jpg", make.photo(colour), "image/jpeg")
        client.post(f"/r/{case.token}/say/", {"kind": "comment", "text": "看", "photos": photo})

    assert case.comments.count() == case.photos.count() == 2


def test_answer_sets_the_case_going_again(client: Client):
    case = make.case(State.WAITING)
    client.post(f"/r/{case.token}/say/", {"kind": "answer", "text": "3号门"})

    case.refresh_from_db()
    assert case.state == State.IN_HAND
    assert "补充了情况" in page_of(client, case)


@pytest.mark.parametrize("kind", [CommentKind.SOLVED, CommentKind.UNSOLVED, CommentKind.REOPEN_WISH])
def test_verdict_after_closing_is_taken_down(client: Client, kind: CommentKind):
    case = make.case(State.CLOSED)
    client.post(f"/r/{case.token}/say/", {"kind": kind, "text": "说明"})

    assert Comment.objects.get(case=case).kind == kind
    assert ("您说：解决了" in page_of(client, case)) == (kind == CommentKind.SOLVED)


def test_a_verdict_counts_until_the_case_is_closed_again(client: Client):
    case = make.case(State.CLOSED)
    services.say_as_reporter(case.pk, at=make.NOW + timedelta(hours=1), kind=CommentKind.SOLVED)
    assert "您说：解决了" in page_of(client, case)
    people = {
        "centre": make.dispatcher(),
        "unit": make.clerk(make.unit("HW")),
        "checker": make.checker(make.street()),
    }
    later = make.NOW + timedelta(hours=2)
    for who, verb, said in [
        ("centre", "reopen", {"reason": "又有了"}),
        ("centre", "dispatch", {"unit": "HW"}),
        ("unit", "accept", {}),
        ("unit", "report-done", {"note": "好"}),
        ("checker", "verify-pass", {}),
        ("centre", "close", {}),
    ]:
        services.ACTS[verb](case.pk, by=people[who], at=later, **said)

    assert "您说：解决了" not in page_of(client, case)


def test_refusals_stand_on_the_page_with_the_words_kept(client: Client):
    case = make.case()
    early = client.post(f"/r/{case.token}/say/", {"kind": "unsolved", "text": "没好"})
    empty = client.post(f"/r/{case.token}/say/", {"kind": "comment", "text": ""})
    strange = client.post(f"/r/{case.token}/say/", {"kind": "close", "text": "x"})

    assert [each.status_code for each in (early, empty, strange)] == [422, 422, 422]
    assert "案件还在办理" in early.content.decode()
    assert not Comment.objects.exists()


def test_photos_open_for_whoever_holds_the_link_only(client: Client):
    case = make.case(photos=[make.photo()])
    picture = f"/files/{case.photos.get().file.key}"

    assert client.get(picture).status_code == 404
    client.get(f"/r/{case.token}/")
    assert client.get(picture).status_code == 200
    assert Client().get(picture).status_code == 404


def test_same_number_of_queries_for_one_and_three_remarks(client: Client):
    case = make.case(State.CLOSED, photos=[make.photo()])
    services.say_as_reporter(case.pk, at=make.NOW, kind=CommentKind.COMMENT, text="一")
    page_of(client, case)
    with CaptureQueriesContext(connection) as one:
        page_of(client, case)
    for colour in ("#111111", "#222222"):
        photos = [make.photo(colour)]
        services.say_as_reporter(case.pk, at=make.NOW, kind=CommentKind.COMMENT, text=colour, photos=photos)
    with CaptureQueriesContext(connection) as three:
        page_of(client, case)

    assert len(three) == len(one) < 12


def test_a_question_is_not_the_reporters_to_ask(client: Client):
    case = make.case(State.IN_HAND)

    answer = client.post(f"/r/{case.token}/say/", {"kind": "question", "text": "谁在问？"})

    assert answer.status_code == 422
    assert not case.comments.exists()


def test_without_script_the_page_says_that_photos_must_be_chosen_again(client: Client) -> None:
    case = make.case()
    photo = SimpleUploadedFile("a.jpg", make.photo(), "image/jpeg")

    answer = client.post(f"/r/{case.token}/say/", {"kind": "comment", "text": "", "photos": photo})

    assert answer.status_code == 422
    assert "刚才选的照片要再选一次" in answer.content.decode()
    assert "刚才选的照片要再选一次" not in client.get(f"/r/{case.token}/").content.decode()


def test_who_has_answered_is_thanked_not_asked_again(client: Client):
    case = make.case(State.CLOSED)
    assert "真的解决了吗" in client.get(f"/r/{case.token}/").content.decode()

    client.post(f"/r/{case.token}/say/", {"kind": "solved"})

    page = client.get(f"/r/{case.token}/").content.decode()
    assert "真的解决了吗" not in page
    assert "您已经说过了，谢谢" in page
