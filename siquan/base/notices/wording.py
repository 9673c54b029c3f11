"""Keep words so that each reader gets them in their own language, whenever they read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import dateformat, timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, override

from siquan.base.kernel.errors import Words


@dataclass(frozen=True)
class Named:
    """A name that the data holds in both languages."""

    zh: str
    en: str = ""


Param = Words | Named | int | float | date | datetime | None
CHINESE, ENGLISH = ("Y年n月j日", "H:i"), ("j M Y", "H:i")


def source(words: Words) -> str:
    """Return words in the language they are written in, which is how they are looked up later."""
    with override(settings.LANGUAGE_CODE):
        return str(words)


def kept(params: Mapping[str, Param]) -> dict[str, Any]:
    """Return what stands in the gaps as JSON: a time stays a time, words stay translatable."""
    return {name: _kept(value) for name, value in params.items()}


def _kept(value: Param) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, Named):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, Promise):
        return {"words": source(value)}
    return value if value is None or isinstance(value, int | float) else str(value)


def render(words: str, params: Mapping[str, Any], language: str | None) -> str:
    """Return the words in a language, with their gaps filled; a gap that nobody filled shows a dash."""
    if not words:
        return ""
    with override(language or settings.LANGUAGE_CODE):
        shown = {name: _shown(value) for name, value in params.items()}
        return gettext(words).format_map(_Gaps(shown))


class _Gaps(dict[str, object]):
    """A word list that has a dash for everything it does not know."""

    def __missing__(self, key: str) -> str:
        return "—"


def _shown(value: Any) -> object:
    if not isinstance(value, dict):
        return "—" if value is None else value
    is_chinese = (get_language() or "zh").startswith("zh")
    if "zh" in value:
        return value["zh"] if is_chinese or not value["en"] else value["en"]
    day, hour = CHINESE if is_chinese else ENGLISH
    if "at" in value:
        return dateformat.format(timezone.localtime(datetime.fromisoformat(value["at"])), f"{day} {hour}")
    if "day" in value:
        return dateformat.format(date.fromisoformat(value["day"]), day)
    return gettext(value["words"]) if value.get("words") else ""
