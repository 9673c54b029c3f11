"""Refusals become pages that say what went wrong, what is safe and what to do."""

from __future__ import annotations

import errno

import psycopg
import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from siquan.base.kernel.errors import BadInput, NotFound, NotPossible, OutsideDistrict
from siquan.base.web import problems
from siquan.base.web.once import OnceAnswers


def answer_to(error: Exception, path: str = "/cases/1/") -> HttpResponse | None:
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    return problems.ProblemPages(lambda _: HttpResponse()).process_exception(request, error)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (PermissionDenied("Only staff of the unit may do this."), 403),
        (NotFound(), 404),
        (BadInput("The date lies in the future."), 400),
        (OutsideDistrict(), 400),
        (NotPossible("This case is closed.", verb="accept", state="closed"), 409),
    ],
)
def test_each_refusal_has_its_status_and_its_own_words(error: Exception, status: int):
    answer = answer_to(error)

    assert answer is not None
    assert answer.status_code == status
    assert str(error) in answer.content.decode()


@pytest.mark.django_db
def test_the_address_of_a_button_opened_by_itself_says_to_press_the_button(client: Client):
    """After signing in, the browser goes to where the session had run out: that may have been a button."""
    answer = client.get(reverse("web:look"))

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "再按一次" in answer.content.decode()


def test_not_allowed_says_who_may_and_whom_to_ask():
    text = answer_to(PermissionDenied("只有派遣员可以派遣。")).content.decode()  # type: ignore[union-attr]

    assert "谁可以做" in text
    assert "只有派遣员可以派遣。" in text
    assert "管理员" in text


def test_a_stranger_is_shown_the_way_to_sign_in_and_back():
    text = answer_to(PermissionDenied("只有派遣员可以派遣。")).content.decode()  # type: ignore[union-attr]

    assert "sign-in/?next=%2Fcases%2F1%2F" in text


def test_words_of_a_refusal_are_never_markup():
    text = answer_to(BadInput("<script>alert(1)</script>")).content.decode()  # type: ignore[union-attr]

    assert "<script>alert" not in text


def test_programs_get_no_pages():
    assert answer_to(PermissionDenied(), path="/api/v1/cases") is None


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_says_what_is_safe_and_what_to_do(number: int):
    error = RuntimeError("while keeping a photo")
    error.__cause__ = OSError(number, "full")

    answer = answer_to(error)

    assert answer is not None
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "请腾出空间" in answer.content.decode()


def test_a_full_disk_of_the_database_is_told_from_a_database_that_is_away():
    full, away = OperationalError(), OperationalError()
    full.__cause__ = psycopg.errors.DiskFull("could not extend file")

    assert "请腾出空间" in answer_to(full).content.decode()
    assert "请腾出空间" not in answer_to(away).content.decode()


def test_a_disk_that_fills_up_while_an_upload_is_read_is_no_unknown_error(rf: RequestFactory):
    for number, status in ((errno.ENOSPC, 503), (errno.EIO, 500)):
        try:
            raise OSError(number, "while the body was read")
        except OSError:
            assert problems.server_error(rf.post("/report/")).status_code == status


def test_unknown_errors_stay_errors():
    assert answer_to(ZeroDivisionError()) is None


def test_a_wrong_address_gets_the_designed_page(client: Client):
    answer = client.get("/no/such/page/")

    assert answer.status_code == 404
    assert "没有找到这一页" in answer.content.decode()


@pytest.mark.parametrize("page", ["500.html", "503.html", "web/full.html"])
def test_the_last_pages_need_nothing(page: str):
    text = render_to_string(page)

    assert "什么没有受影响" in text
    assert "Everything that already has a number is safe" in text
    assert "<script" not in text
    assert "style=" not in text


def redirecting(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(status=302, headers={"Location": "/f/8KQ2/"})
    answer.set_cookie("messages", "kept")
    return answer


def test_a_form_that_sent_itself_is_told_where_to_go():
    answer = OnceAnswers(redirecting)(RequestFactory().post("/", headers={"X-Once": "1"}))

    assert (answer.status_code, answer.headers["X-Once-Next"]) == (200, "/f/8KQ2/")
    assert "Location" not in answer.headers
    assert answer.cookies["messages"].value == "kept"


def test_a_form_is_told_of_a_sign_in_that_ran_out_and_not_that_it_was_taken():
    def to_sign_in(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=302, headers={"Location": "/account/sign-in/?next=/cases/new/"})

    answer = OnceAnswers(to_sign_in)(RequestFactory().post("/cases/new/", headers={"X-Once": "1"}))

    assert answer.status_code == 401
    assert answer["X-Once-Sign-In"] == "/account/sign-in/?next=/cases/new/"
    assert "X-Once-Next" not in answer


def test_other_forms_are_redirected():
    answer = OnceAnswers(redirecting)(RequestFactory().post("/"))

    assert (answer.status_code, answer.headers["Location"]) == (302, "/f/8KQ2/")


def test_a_form_that_lay_open_too_long_is_given_back():
    strict = Client(enforce_csrf_checks=True, HTTP_ORIGIN="http://testserver")
    answer = strict.post("/report/", {"text": "路灯<b>不亮</b>", "csrfmiddlewaretoken": "x" * 32})
    page = answer.content.decode()

    assert answer.status_code == 403
    assert "这一页放得太久了" in page
    assert 'name="text" value="路灯&lt;b&gt;不亮&lt;/b&gt;"' in page
    assert "x" * 32 not in page


@pytest.mark.parametrize("origin", ["https://elsewhere.example", ""])
def test_a_form_of_another_site_is_not_given_back(origin: str):
    strict = Client(enforce_csrf_checks=True, **({"HTTP_ORIGIN": origin} if origin else {}))
    answer = strict.post("/report/", {"text": "路灯不亮"})

    assert answer.status_code == 403
    assert "路灯不亮" not in answer.content.decode()
