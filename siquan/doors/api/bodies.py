"""Read what programs send: JSON or multipart on the same resource, checked by the same forms as the pages."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from siquan.base.kernel.errors import BadInput
from siquan.doors.api.problems import FieldError
from siquan.doors.api.schemas import fits, kind_of

MULTIPART = "multipart/form-data"
LONGEST_INTEGER = 63  # bits


class FieldErrors(BadInput):
    """Several fields cannot be used."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(_("填写的内容有误，请改正后再提交。"))
        self.errors = errors


def fields_of(request: HttpRequest) -> dict[str, Any]:
    """Return the fields of a JSON object or of a form. Raises BadInput."""
    if _is_form(request):
        return {name: request.POST[name] for name in request.POST}
    if not request.body:
        return {}
    try:
        given = json.loads(request.body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadInput(_("请求的内容不是合格的 JSON。")) from error
    if not isinstance(given, dict):
        raise BadInput(_("请求的内容应该是一个 JSON 对象。"))
    if not all(_is_text(name) for name in given):
        raise BadInput(_("字段名里有不能用的字符。"))
    unusable = [name for name, value in given.items() if not _is_plain(value)]
    if unusable:
        words = _("请给一个普通的值：一段文字，或一个不太大的数。")
        raise FieldErrors([FieldError(field=name, message=words) for name in unusable])
    return given


def _no_number(name: str) -> None:
    """Refuse `NaN` and `Infinity`, which Python reads and JSON does not know. Raises ValueError."""
    raise ValueError(name)


def _is_plain(value: Any) -> bool:
    """Tell whether a form can read a value of JSON; it knows one text or number a field."""
    if isinstance(value, str):
        return _is_text(value)
    if isinstance(value, int):
        return value.bit_length() <= LONGEST_INTEGER
    return value is None or isinstance(value, float)


def _is_text(text: str) -> bool:
    """Tell whether text can be stored: JSON can spell half characters (`\\ud800`), nothing else can."""
    return not any("\ud800" <= each <= "\udfff" for each in text)


def _is_form(request: HttpRequest) -> bool:
    return (request.content_type or "") in {MULTIPART, "application/x-www-form-urlencoded"}


def _of_right_type(form: forms.Form, given: dict[str, Any]) -> dict[str, Any]:
    """Return the values of JSON as the form reads them. Raises FieldErrors."""
    wrong = [name for name, value in given.items() if not fits(form.fields[name], value)]
    if wrong:
        raise FieldErrors([FieldError(field=name, message=_type_asked(form.fields[name])) for name in wrong])
    whole = {name: int(value) for name, value in given.items() if kind_of(form.fields[name]) == "integer"}
    return given | whole


def _type_asked(field: forms.Field) -> str:
    kinds = {
        "string": _("一段文字"),
        "integer": _("一个整数"),
        "number": _("一个数"),
        "boolean": "true / false",
    }
    return _("这里应该是{kind}。").format(kind=kinds[kind_of(field)])


def files_of(request: HttpRequest) -> MultiValueDict[str, Any]:
    """Return the uploaded files of a multipart request; none of any other."""
    return request.FILES if request.content_type == MULTIPART else MultiValueDict()


def checked(form_class: type[forms.Form], request: HttpRequest) -> dict[str, Any]:
    """Return the cleaned fields of a form filled from the request. Raises FieldErrors, BadInput."""
    given = {name: value for name, value in fields_of(request).items() if value is not None}
    form = form_class(given, files_of(request))
    unknown = sorted({*given, *form.files} - set(form.fields))
    if unknown:
        raise FieldErrors([FieldError(field=name, message=_("没有这个字段。")) for name in unknown])
    written = sorted(name for name in given if isinstance(form.fields[name], forms.FileField))
    if written:
        raise FieldErrors([FieldError(field=name, message=_("这里应该是文件。")) for name in written])
    if not _is_form(request):
        form.data = _of_right_type(form, given)
    if not form.is_valid():
        raise FieldErrors(
            [
                FieldError(field=name, message=str(message))
                for name, messages in form.errors.items()
                for message in messages
            ]
        )
    return {name: value for name, value in form.cleaned_data.items() if name in given or name in form.files}
