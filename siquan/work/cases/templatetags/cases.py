"""Tags of the case pages: `{% load cases %}`."""

from __future__ import annotations

import re

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from siquan.work.cases.states import State

register = template.Library()

HAN = re.compile(r"[\u3400-\u9fff]")


@register.filter
def in_words(state: str) -> str:
    """Name a state; for lists, where Django's `get_state_display` is dear."""
    return str(State(state).label)


@register.filter
def said(value: object) -> SafeString:
    """Show words that stand in the records as they were written, named as Chinese on a page in English."""
    words = "" if value is None else str(value)
    if HAN.search(words) and not (get_language() or "zh").startswith("zh"):
        return format_html('<span lang="zh-Hans">{}</span>', words)
    return format_html("{}", words)
