"""Tags for the components: `{% load web %}`. The cheat sheet is in siquan/base/web/README.md."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from django import template
from django.core.paginator import Page
from django.forms import BoundField
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from siquan.base.kernel.replays import Check, Told
from siquan.base.web import look as looks

register = template.Library()

SPRITE: Final = Path(__file__).parent.parent / "static/web/icons.svg"
SHAPES: Final[dict[str, str]] = {
    "good": '<circle cx="5" cy="5" r="5"/>',
    "watch": '<path d="M5 0 10 9.5H0z"/>',
    "late": '<path d="M.5 .5h9v9h-9z"/>',
}
KINDS: Final[dict[str, str]] = {"green": "good", "yellow": "watch", "red": "late"}
MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@cache
def icon_names() -> frozenset[str]:
    """Return the names of all icons drawn in the sprite."""
    return frozenset(re.findall(r'<symbol id="([a-z-]+)"', SPRITE.read_text(encoding="utf-8")))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon; with a label it speaks, without one it is decoration."""
    if name not in icon_names():
        raise template.TemplateSyntaxError(f"no icon is called {name!r}")
    url = static("web/icons.svg")
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>', label, url, name
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', url, name)


_icon = icon  # where a word `icon` means which one


def kind_of(colour: object) -> str:
    """Return good, watch, late or plain for a colour word or one of these four."""
    word = str(getattr(colour, "value", colour) or "").lower()
    word = KINDS.get(word, word)
    return word if word in SHAPES else "plain"


@register.simple_tag
def shape(kind: str) -> SafeString:
    """Draw the shape that belongs to good, watch or late."""
    drawing = SHAPES.get(kind_of(kind), "")
    if not drawing:
        return SafeString("")
    return SafeString(f'<svg class="chip__shape" viewBox="0 0 10 10" aria-hidden="true">{drawing}</svg>')


@register.simple_tag
def chip(kind: str, text: object, url: str = "", icon: str = "") -> SafeString:
    """Show a word with its shape."""
    kind, drawing = kind_of(kind), icon and _icon(icon)
    tag, link = ("a", format_html(' href="{}"', url)) if url else ("span", "")
    start = f'<{tag} class="chip chip--{kind}"{link}>{shape(kind)}{drawing}'
    return SafeString(f"{start}<span>{conditional_escape(str(text))}</span></{tag}>")


@register.simple_tag
def deadline_chip(deadline: object, url: str = "") -> SafeString:
    """Show where a deadline stands: shape, word and time left; it leads to the explanation.

    `deadline` has `colour` (green, yellow, red or good, watch, late) and `words`; a `url` is optional.
    """
    if deadline is None:
        return chip("plain", "—")
    colour, words, own_url = (_read(deadline, name) for name in ("colour", "words", "url"))
    return chip(kind_of(colour), words, url or own_url or "")


def _read(thing: object, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """Show one form field with label, hint and error."""
    return SafeString(bound.as_field_group())


@register.inclusion_tag("web/parts/page_title.html")
def page_title(title: object, lead: object = "", over: object = "") -> dict[str, Any]:
    """Show the one h1 of a page, with a line above and a sentence below."""
    return {"title": title, "lead": lead, "over": over}


@register.inclusion_tag("web/parts/notice.html")
def notice(kind: str, text: object, title: object = "") -> dict[str, Any]:
    """Show a message that stays on the page: ok, warn, error or info."""
    icons = {"ok": "check-circle", "warn": "warn", "error": "x-circle"}
    return {"kind": kind, "text": text, "title": title, "icon": icons.get(kind, "info")}


@register.inclusion_tag("web/parts/empty.html")
def empty_state(
    title: object, text: object = "", icon: str = "inbox", url: str = "", label: object = ""
) -> dict[str, Any]:
    """Say what would be here, and the one thing to do."""
    return {"title": title, "text": text, "icon": icon, "url": url, "label": label}


@register.inclusion_tag("web/parts/tile.html")
def figure_tile(
    label: object,
    number: object,
    unit: object = "",
    *,
    date: object,
    source: object = "",
    note: object = "",
    url: str = "",
    kind: str = "",
) -> dict[str, Any]:
    """Show one figure with unit, date and source; never a figure without a date."""
    return {
        "label": label, "number": number, "unit": unit, "date": date,
        "source": source, "note": note, "url": url, "kind": kind,
    }  # fmt: skip


@register.inclusion_tag("web/parts/timeline.html")
def timeline(entries: object) -> dict[str, Any]:
    """Show who did what, when and why; an entry is {who, what, at, why, kind, url}."""
    return {"entries": entries}


@register.inclusion_tag("web/parts/steps.html")
def steps(current: int, *names: object) -> dict[str, Any]:
    """Show where a person is among a few steps; counted from 1."""
    return {"names": list(enumerate(names, start=1)), "current": current}


@register.inclusion_tag("web/parts/progress.html")
def progress(value: int, most: int, label: object) -> dict[str, Any]:
    """Show how much of a long thing is done, with its number."""
    return {"value": value, "most": most, "label": label}


@register.inclusion_tag("web/parts/photo_grid.html")
def photo_grid(photos: object) -> dict[str, Any]:
    """Show photos; a photo is {url, thumb_url, alt, caption}."""
    return {"photos": photos}


@register.inclusion_tag("web/parts/replay.html")
def replay(told: Told | None, checks: Sequence[Check], file_url: str) -> dict[str, Any]:
    """Show a draw that was drawn once more: what agrees, how it is done, and the file for others."""
    names = sorted(told.members) if told else []
    return {
        "told": told,
        "checks": checks,
        "agrees": all(each.agrees for each in checks),
        "count": sum(len(told.members[name]) for name in names) if told else 0,
        "strata": [(name, len(told.members[name]), len(told.drawn.get(name, []))) for name in names]
        if told
        else [],
        "file_url": file_url,
        "file_name": "FILE.json",
    }


@register.inclusion_tag("web/parts/before_after.html")
def before_after(before: object, after: object) -> dict[str, Any]:
    """Show two photos of one place; a photo is {url, alt, at, distance}."""
    return {"before": before, "after": after}


@register.inclusion_tag("web/parts/map_legend.html")
def map_legend(blocks: bool = True, points: bool = True) -> dict[str, Any]:
    """Say what tints of blocks and shapes of points mean, on a map that shows them."""
    return {"blocks": blocks, "points": points}


@register.inclusion_tag("web/parts/pager.html", takes_context=True)
def pager(context: Context, found: Page[Any]) -> dict[str, Any]:
    """Show which rows these are and how to get to the others, keeping all filters of the address."""
    return {"found": found, "request": context.get("request")}


@register.inclusion_tag("web/parts/cursor_pager.html")
def cursor_pager(next_url: str = "", previous_url: str = "", total: object = None) -> dict[str, Any]:
    """Show the way to the next rows of a long list that is read by cursor."""
    return {"next_url": next_url, "previous_url": previous_url, "total": total}


@register.simple_tag(takes_context=True)
def look(context: Context) -> looks.Look:
    """Return the reader's type size, theme and density."""
    return looks.look_of(context.get("request"))


@register.simple_tag(takes_context=True)
def look_attributes(context: Context) -> SafeString:
    """Write the reader's choices as attributes of the html element."""
    chosen = asdict(looks.look_of(context.get("request")))
    return format_html_join(" ", 'data-{}="{}"', chosen.items())


@register.filter
def day(value: date | None) -> str:
    """Write a date as people say it: 2026年9月25日 or 25 Sep 2026."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    if (get_language() or "zh").startswith("zh"):
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


@register.filter
def moment(value: datetime | None) -> SafeString:
    """Write a time with its date, readable by people and programs; the year only when it is not this year."""
    if value is None:
        return SafeString("—")
    here = timezone.localtime(value) if timezone.is_aware(value) else value
    return format_html('<time datetime="{}">{}</time>', here.isoformat(), moment_words(here))


def moment_words(value: datetime) -> str:
    """Write a time with its date in plain words; the year only when it is not this year."""
    here = timezone.localtime(value) if timezone.is_aware(value) else value
    words = day(here)
    if here.year == timezone.localdate().year:
        words = words.split("年", 1)[-1] if "年" in words else words.rsplit(" ", 1)[0]
    return f"{words} {here:%H:%M}"
