"""The history of a person's account and duties, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from siquan.base.journal.models import Entry
from siquan.city.duties.models import Role
from siquan.city.places.models import Division
from siquan.city.units.models import Unit

WORDS = {
    "duty.given": gettext_lazy("登记职责：{role}"),
    "duty.ended": gettext_lazy("终止职责：{role}"),
    "account.added": gettext_lazy("建立账号"),
    "account.changed": gettext_lazy("修改姓名或语言"),
    "account.closed": gettext_lazy("停用账号"),
    "account.opened": gettext_lazy("恢复账号"),
    "account.password_changed": gettext_lazy("修改密码"),
    "account.password_reset": gettext_lazy("重设密码"),
    "account.signed_out_everywhere": gettext_lazy("在所有设备上退出"),
    "account.token_made": gettext_lazy("新建接口令牌"),
    "account.token_revoked": gettext_lazy("停用接口令牌"),
}


def timeline_of(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return the entries as the timeline shows them: what, who, when, and the bounds of a duty."""
    listed = list(entries)
    unit_names = _names(Unit, listed, "unit")
    division_names = _names(Division, listed, "division")
    return [
        {
            "what": _what(entry),
            "who": str(entry.by or ""),
            "at": entry.at,
            "kind": "person" if entry.by_id else "system",
            "why": _bounds(entry.details, unit_names, division_names),
        }
        for entry in listed
    ]


def _names(model: type[Unit] | type[Division], entries: list[Entry], key: str) -> dict[int, str]:
    wanted = {entry.details.get(key) for entry in entries} - {None}
    return {row.pk: str(row) for row in model.objects.filter(pk__in=wanted).only("name", "name_en")}


def _what(entry: Entry) -> str:
    words = str(WORDS.get(entry.event, entry.event))
    role = entry.details.get("role")
    return words.format(role=Role(role).label if role in Role.values else "")


def _bounds(details: dict[str, Any], units: dict[int, str], divisions: dict[int, str]) -> str:
    if "role" not in details:
        return ""
    where = units.get(details.get("unit") or 0) or divisions.get(details.get("division") or 0) or _("全区")
    first, last = date.fromisoformat(details["valid_from"]), details.get("valid_to")
    if last is None:
        return _("{where}，{first:%Y-%m-%d} 起").format(where=where, first=first)
    return _("{where}，{first:%Y-%m-%d} 起，{last} 终止").format(where=where, first=first, last=last)
