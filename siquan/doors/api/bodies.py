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

MULTIPART = "multipart/form-data"
LONGEST_INTEGER = 63  # bits


class FieldErrors(BadInput):
    """Several fields cannot be used."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(_("填写的内容有误，请改正后再提交。"))
        self.errors = errors


def fields_of(request: HttpRequest) -> dict[str, Any]:
    """Return the fields of a JSON object or of a form. Raises BadInput."""
    if (request.content_type or "") in {MULTIPART, "application/x-www-form-urlencoded"}:
        return {name: request.POST[name] for name in request.POST}
    if not request.body:
        return {}
    try:
        given = json.loads(request.body)
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
    if not form.is_valid():
        raise FieldErrors(
            [
                FieldError(field=name, message=str(message))
                for name, messages in form.errors.items()
                for message in messages
            ]
        )
    return {name: value for name, value in form.cleaned_data.items() if name in given or name in form.files}


def schema_of(form_class: type[forms.Form]) -> dict[str, Any]:
    """Return the JSON schema of what a form takes, without its files."""
    properties: dict[str, Any] = {}
    required = []
    for name, field in form_class.base_fields.items():
        if isinstance(field, forms.FileField):
            continue
        properties[name] = _property(field)
        if field.required:
            required.append(name)
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": required} if required else {})


def _property(field: forms.Field) -> dict[str, Any]:
    described: dict[str, Any] = {"type": "string", "description": str(field.label or "")}
    if isinstance(field, forms.IntegerField):
        described |= {"type": "integer", "minimum": field.min_value, "maximum": field.max_value}
    elif isinstance(field, forms.DateField):
        described |= {"format": "date"}
    elif isinstance(field, forms.ChoiceField):
        described |= {"enum": [value for value, _label in field.choices]}  # type: ignore[misc, union-attr]
    elif isinstance(field, forms.CharField) and field.max_length:
        described |= {"maxLength": field.max_length}
    if field.required and described["type"] == "string":
        described["minLength"] = 1
    return described


def body_of(form_class: type[forms.Form]) -> dict[str, Any]:
    """Return the OpenAPI request body of a form: JSON, and multipart where it takes photos."""
    content: dict[str, Any] = {"application/json": {"schema": schema_of(form_class)}}
    photos = [name for name, field in form_class.base_fields.items() if isinstance(field, forms.FileField)]
    if photos:
        with_photos = schema_of(form_class)
        with_photos["properties"] |= {
            name: {"type": "array", "items": {"type": "string", "format": "binary"}} for name in photos
        }
        content["multipart/form-data"] = {"schema": with_photos}
    needed = any(field.required for field in form_class.base_fields.values())
    return {"requestBody": {"required": needed, "content": content}}
