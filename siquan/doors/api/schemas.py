"""Say in JSON schema what a form takes; programs are held to it, so that the contract is what happens."""

from __future__ import annotations

from typing import Any

from django import forms

from siquan.work.cases.services.reporting import MOST_PHOTOS

Schema = dict[str, Any]
NOT_BLANK = r"\S"


def kind_of(field: forms.Field) -> str:
    """Return the JSON type of a field's value."""
    if isinstance(field, forms.BooleanField):
        return "boolean"
    if isinstance(field, forms.TypedChoiceField) and field.coerce is int:
        return "integer"
    if isinstance(field, forms.FloatField):  # before integers, of which Django makes it a kind
        return "number"
    return "integer" if isinstance(field, forms.IntegerField) else "string"


def fits(field: forms.Field, value: Any) -> bool:
    """Tell whether a value of JSON has the type the schema of the field names."""
    kind = kind_of(field)
    if kind == "string":
        return isinstance(value, str)
    if isinstance(value, bool) or kind == "boolean":
        return isinstance(value, bool) and kind == "boolean"
    return isinstance(value, int) or (isinstance(value, float) and (kind == "number" or value.is_integer()))


def schema_of(form_class: type[forms.Form], *, with_files: bool = False) -> Schema:
    """Return the JSON schema of what a form takes, with its files or without."""
    fields = {
        name: field
        for name, field in form_class.base_fields.items()
        if with_files or not isinstance(field, forms.FileField)
    }
    schema: Schema = {
        "type": "object",
        "properties": {name: _property(field) for name, field in fields.items()},
        "additionalProperties": False,
    }
    required = [name for name, field in fields.items() if field.required]
    return schema | ({"required": required} if required else {})


def body_of(form_class: type[forms.Form]) -> dict[str, Any]:
    """Return the OpenAPI request body of a form: JSON, and multipart where it takes photos.

    Where a photo is needed only multipart can bring it.
    """
    photos = [each for each in form_class.base_fields.values() if isinstance(each, forms.FileField)]
    content: dict[str, Any] = {}
    if not any(each.required for each in photos):
        content["application/json"] = {"schema": schema_of(form_class)}
    if photos:
        content["multipart/form-data"] = {"schema": schema_of(form_class, with_files=True)}
    needed = any(field.required for field in form_class.base_fields.values())
    return {"requestBody": {"required": needed, "content": content}}


def _property(field: forms.Field) -> Schema:
    if isinstance(field, forms.FileField):
        least = {"minItems": 1} if field.required else {}
        picture = {"type": "string", "format": "binary"}
        return {"type": "array", "maxItems": MOST_PHOTOS, "items": picture, **least}
    kind = kind_of(field)
    described: Schema = {"type": kind if field.required else [kind, "null"]}
    if field.label:
        described["description"] = str(field.label)
    return described | _bounds(field) | (_needed(field) if kind == "string" else {})


def _needed(field: forms.Field) -> Schema:
    return {"minLength": 1, "pattern": NOT_BLANK} if field.required else {}


def _bounds(field: forms.Field) -> Schema:
    if isinstance(field, forms.ChoiceField):
        return {"enum": _choices(field)}
    if isinstance(field, forms.DateField):
        return {"format": "date"}
    names = {"min_value": "minimum", "max_value": "maximum", "max_length": "maxLength"}
    given = {words: getattr(field, name, None) for name, words in names.items()}
    return {words: value for words, value in given.items() if value is not None}


def _choices(field: forms.ChoiceField) -> list[Any]:
    values: list[Any] = [value for value, _label in field.choices]  # type: ignore[misc, union-attr]
    if field.required:
        return values
    empty = [None] if kind_of(field) == "integer" else ["", None]
    return [*values, *(each for each in empty if each not in values)]
