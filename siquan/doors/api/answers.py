"""What programs are answered: checked against its description, and written as JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.renderers import BaseRenderer
from pydantic import BaseModel
from pydantic_core import to_json


class Answer(BaseModel):
    """A part of an answer, made from plain values.

    Not ninja's own Schema, which takes a detour through Python for every value, in order to read objects of
    the database that we never hand it.
    """


class Json(BaseRenderer):
    """JSON in UTF-8, written by pydantic's core."""

    media_type = "application/json"

    def render(self, _request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """Return the body of an answer."""
        return to_json(data)
