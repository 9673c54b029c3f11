"""Turn refusals and errors into pages that say what went wrong, what is safe and what to do."""

import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.template.loader import get_template
from django.utils.translation import gettext_lazy as _
from django.views import defaults

from siquan.base.kernel.diskspace import is_disk_full
from siquan.base.kernel.errors import BadInput, NotFound, NotPossible, SiquanError

log = logging.getLogger(__name__)

PROGRAMS: Final = "/api/"  # programs get problem details from the API door, not pages

HOME: Final = {"url": "/", "label": _("回到首页")}
SAFE: Final = _("刚才这一步没有做，原有的记录都没有变。")

PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    400: {
        "what": _("这个请求读不懂"),
        "why": _("送来的内容不完整，或者已经损坏。"),
        "safe": SAFE,
        "todo": _("请回到上一页，检查后再提交一次。"),
    },
    403: {
        "what": _("您现在不能做这一步"),
        "drawing": "lock",
        "who": _("这一步只对负有相应职责的人员开放。"),
        "safe": SAFE,
        "todo": _("如果这是您的职责，请本单位管理员在“职责”中为您登记；也可以换一个账号登录。"),
    },
    404: {
        "what": _("没有找到这一页"),
        "drawing": "map",
        "why": _("地址可能写错了，或者这一项已经合并、撤回。"),
        "todo": _("请核对编号或链接；也可以从首页重新查找。"),
    },
    405: {
        "what": _("这个地址要按按钮才能打开"),
        "why": _("可能是登录或者刷新以后，浏览器直接打开了按钮的地址。"),
        "safe": SAFE,
        "todo": _("请回到有这个按钮的那一页，再按一次。"),
    },
    409: {
        "what": _("这一步现在做不了"),
        "safe": SAFE,
        "todo": _("别人可能刚刚办理过。请回到上一页刷新，看看现在走到了哪一步。"),
    },
    429: {
        "what": _("操作太频繁，请稍等"),
        "drawing": "clock",
        "why": _("短时间内收到了太多次同样的请求。"),
        "safe": _("已经提交成功的内容都在，不必重复提交。"),
        "todo": _("请过一会儿再试。"),
    },
    503: {
        "what": _("现在提交的人太多"),
        "drawing": "clock",
        "why": _("系统正在一件一件地收，您的这一次还没有收下。"),
        "safe": _("已经收到编号的事项都在，办理时限照常计算。"),
        "todo": _("请过几秒钟再提交一次，不会重复。有急事请拨打12345。"),
    },
}

STALE: Final[dict[str, Any]] = {
    "what": _("这一页放得太久了，请再提交一次"),
    "drawing": "clock",
    "who": "",
    "why": _("为了不让别人冒用，每一页只在一段时间里有效；浏览器不留 cookie 时也会这样。"),
    "todo": _("请再提交一次；不行就回到上一页，刷新以后再提交。"),
}
KEPT_BYTES: Final = 256 * 1024  # what was typed is given back up to here; photos are not
NOT_TYPED: Final = {"csrfmiddlewaretoken"}


class ProblemPages:
    """Answer refusals of the kernel with a page instead of a trace."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; an address that is only a button's is answered in words as well."""
        answer = self.get_response(request)
        if answer.status_code == 405 and request.method == "GET" and not request.path.startswith(PROGRAMS):
            allowed = answer["Allow"]
            answer = problem(request, 405)
            answer["Allow"] = allowed
        return answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn a known refusal into its page; leave everything else to Django."""
        if request.path.startswith(PROGRAMS):
            return None
        if is_disk_full(error):
            return storage_full(error)
        if isinstance(error, OperationalError | InterfaceError):
            return database_away()
        status = status_of(error)
        return problem(request, status, error) if status else None


def database_away() -> HttpResponse:
    """Say that it is us, not them, and to come back in a moment; the page needs no database."""
    answer = HttpResponse(get_template("503.html").render(), status=503)
    answer["Retry-After"] = "5"
    return answer


FULL_SECONDS: Final = 60


def storage_full(error: BaseException) -> HttpResponse:
    """Say that there is no room now, that nothing is lost and what to do; the page needs no database."""
    log.error("no room left on a disk: %s", error)
    answer = HttpResponse(get_template("web/full.html").render(), status=503)
    answer["Retry-After"] = str(FULL_SECONDS)
    return answer


def status_of(error: Exception) -> int | None:
    """Return the HTTP status of a refusal, None when it is not one."""
    if isinstance(error, PermissionDenied):
        return 403
    if isinstance(error, NotFound):
        return 404
    if isinstance(error, BadInput):
        return 400
    if isinstance(error, NotPossible):
        return 409
    return 409 if isinstance(error, SiquanError) else None


def problem(
    request: HttpRequest,
    status: int,
    error: Exception | None = None,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show the page of one kind of problem; the words of the refusal itself come first."""
    context = {"code": status, "ways": [HOME], **PROBLEMS[status], **(more or {})}
    said = str(error or "")
    if said and status == 403:
        context["who"] = said
    elif said and isinstance(error, SiquanError):
        context["why"] = said
    if status == 403 and "ways" not in (more or {}) and not request.user.is_authenticated:
        context["ways"] = [{"url": sign_in_url(request), "label": _("登录")}, HOME]
    template = "web/error.html" if status in {405, 409, 503} else f"{status}.html"
    return render(request, template, context, status=status)


def sign_in_url(request: HttpRequest) -> str:
    """Return the address of the sign-in page that leads back here."""
    return f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what cannot be read."""
    return problem(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say who may do this and whom to ask."""
    return problem(request, 403, exception)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the page lay open too long, and offer to send again what it held if the page was ours.

    A form of a stranger's site is not offered: nobody shall be led to press its button.
    """
    if request.headers.get("X-Once") == "1":  # the form fetches a new permit and sends again
        return HttpResponse("", status=403, content_type="text/plain")
    own = f"{request.scheme}://{request.get_host()}"
    kept = typed(request) if request.headers.get("Origin") == own else []
    return problem(request, 403, more={**STALE, "ways": [HOME], "typed": kept})


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what a form held, so that it can be sent again with one press; nothing when it is too much."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.method != "POST" or not str(length).isdigit() or int(length) > KEPT_BYTES:
        return []
    return [
        (name, str(value))
        for name, values in request.POST.lists()
        if name not in NOT_TYPED
        for value in values
    ]


def page_not_found(request: HttpRequest, exception: Http404) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return problem(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what nobody foresaw; a disk that fills up while an upload comes in is told apart."""
    error = sys.exc_info()[1]
    if is_disk_full(error):
        assert error
        return storage_full(error)
    return defaults.server_error(request)
