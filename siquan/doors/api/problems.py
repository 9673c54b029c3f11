"""Refusals as problem details (RFC 9457): what went wrong, in a code for programs and in words for people."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from siquan.base.kernel.diskspace import is_disk_full
from siquan.base.kernel.errors import BadInput, NotFound, NotPossible, SiquanError

log = logging.getLogger(__name__)

PROBLEM_KIND = "application/problem+json"


class FieldError(Schema):
    """One field that cannot be used, and why."""

    field: str
    message: str


class Problem(Schema):
    """Problem details."""

    type: str = "about:blank"
    status: int
    code: str
    title: str
    detail: str
    errors: list[FieldError] = []
    possible: list[str] = []


STATUS: dict[type[SiquanError], int] = {NotFound: 404, NotPossible: 409, BadInput: 422}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[FieldError] | None = None,
    possible: list[str] | None = None,
) -> HttpResponse:
    """Return a problem as a response."""
    titles = {
        400: _("请求读不懂"),
        401: _("需要令牌"),
        403: _("没有权限"),
        404: _("没有找到"),
        409: _("现在不能这样做"),
        413: _("内容太大"),
        422: _("内容有误"),
        500: _("系统出了差错"),
        503: _("暂时不能服务"),
    }
    body = Problem(
        status=status,
        code=code,
        title=str(titles.get(status, _("出错了"))),
        detail=detail,
        errors=errors or [],
        possible=possible or [],
    )
    return HttpResponse(body.model_dump_json(), status=status, content_type=f"{PROBLEM_KIND}; charset=utf-8")


def from_error(error: SiquanError) -> HttpResponse:
    """Return one of our own refusals as a response."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 409)
    errors = list(getattr(error, "errors", []))
    if isinstance(error, BadInput) and error.field:
        errors = [FieldError(field=error.field, message=str(error.message))]
    possible = list(error.possible) if isinstance(error, NotPossible) else []
    return problem(status, error.code, str(error.message), errors=errors, possible=possible)


def install(api: NinjaAPI) -> None:
    """Answer every refusal of the API with problem details."""
    _install_unreadable(api)
    _install_our_faults(api)

    @api.exception_handler(SiquanError)
    def refused(request: HttpRequest, error: SiquanError) -> HttpResponse:
        return from_error(error)

    @api.exception_handler(PermissionDenied)
    def not_allowed(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
        return problem(403, "not-allowed", str(error) or _("您没有做这件事的权限。"))

    @api.exception_handler(AuthenticationError)
    def unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        answer = problem(401, "token-needed", _("请带上有效的令牌：Authorization: Bearer …"))
        answer["WWW-Authenticate"] = "Bearer"
        return answer

    @api.exception_handler(Http404)
    def not_there(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(404, "not-found", _("没有找到。请核对编号或链接。"))

    @api.exception_handler(ValidationError)
    def does_not_fit(request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [FieldError(field=_field(each), message=str(each["msg"])) for each in error.errors]
        return problem(422, "bad-input", _("填写的内容有误，请改正后再提交。"), errors=errors)

    @api.exception_handler(HttpError)
    def other(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, "bad-request", str(error))


def _full(error: Exception) -> HttpResponse:
    log.error("no room left on a disk: %s", error)
    words = _("服务器的磁盘满了，这一次没有收下。请过几分钟用同一个提交编号再试，不会重复。")
    answer = problem(503, "storage-full", words)
    answer["Retry-After"] = "60"
    return answer


def _install_our_faults(api: NinjaAPI) -> None:
    """Answer what went wrong on our side."""

    @api.exception_handler(OperationalError)
    @api.exception_handler(InterfaceError)
    def database_away(request: HttpRequest, error: Exception) -> HttpResponse:
        if is_disk_full(error):
            return _full(error)
        answer = problem(503, "database-away", _("系统正在恢复，请几秒后用同一个提交编号再试，不会重复。"))
        answer["Retry-After"] = "5"
        return answer

    @api.exception_handler(Exception)
    def failed(request: HttpRequest, error: Exception) -> HttpResponse:
        if is_disk_full(error):
            return _full(error)
        log.exception("%s %s failed", request.method, request.path)
        words = _("系统出了差错，已经记录下来；这一步没有做，原有的记录都没有变。请稍后再试。")
        return problem(500, "failed", words)


def _install_unreadable(api: NinjaAPI) -> None:
    """Answer what cannot even be taken apart."""

    @api.exception_handler(RequestDataTooBig)
    @api.exception_handler(TooManyFilesSent)
    def too_big(request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(413, "too-big", _("内容太大：文字不超过4 MB，照片每张不超过20 MB、最多6张。"))

    @api.exception_handler(MultiPartParserError)
    @api.exception_handler(BadRequest)
    @api.exception_handler(SuspiciousOperation)
    def unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(400, "unreadable", _("请求的内容读不懂，请检查 Content-Type 和格式。"))


def _field(error: dict[str, Any]) -> str:
    return (
        ".".join(str(part) for part in error["loc"] if part not in {"body", "query", "path", "form"})
        or "body"
    )
