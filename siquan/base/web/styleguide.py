"""Samples of every component, for the style guide: the test bench of look, keyboard and screen reader."""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Paginator
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from siquan.base.web.templatetags.web import icon_names

NOW: Final = datetime(2026, 9, 24, 16, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
TIANANMEN_EAST: Final = {"lon": 116.4174, "lat": 39.9289}


class SampleForm(forms.Form):
    """One field of each kind."""

    place = forms.CharField(
        label=_("地点"), help_text=_("写到门牌号或最近的路口，例如“东四十条甲 25 号门口”。")
    )
    kind = forms.ChoiceField(
        label=_("哪一类问题"),
        choices=[
            ("waste", _("垃圾堆放")),
            ("road", _("路面破损")),
            ("light", _("路灯不亮")),
            ("other", _("其他")),
        ],
        widget=forms.RadioSelect(attrs={"class": "choices--cards"}),
    )
    words = forms.CharField(label=_("情况说明"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    phone = forms.CharField(
        label=_("手机号"), help_text=_("可以不填。只用来告诉您办理结果。"), required=False
    )
    since = forms.DateField(
        label=_("从哪天开始"), widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    agree = forms.BooleanField(label=_("照片里没有拍到别人的脸和车牌"))


def samples(frame: str) -> dict[str, Any]:
    """Return what the style guide shows, in the frame of the desk or of the portal."""
    portal = frame == "portal"
    rows = _rows()
    return {
        "frame": "web/portal.html" if portal else "web/desk.html",
        "is_portal": portal,
        "form": SampleForm(auto_id="sample_%s"),
        "wrong_form": SampleForm({"words": "…"}, auto_id="wrong_%s"),
        "icons": sorted(icon_names()),
        "rows": rows,
        "found": Paginator(range(87), 20).page(2),
        "entries": _entries(),
        "photos": _photos(),
        "before": {"url": static("web/samples/before.svg"), "alt": _("胡同口堆着旧家具"), "at": NOW},
        "after": {
            "url": static("web/samples/after.svg"),
            "alt": _("同一个胡同口，已经清走"),
            "at": NOW + timedelta(hours=20),
            "distance": _("相距 3 米"),
        },
        "deadlines": [row["deadline"] for row in rows] + [None],
        "case_points": _points(rows),
        "map_start": TIANANMEN_EAST,
        **_frame_context(portal),
    }


def _rows() -> list[dict[str, Any]]:
    pin, street, unit = TIANANMEN_EAST, _("东四街道"), _("区城市管理委员会")
    told = [
        ("DC2609-00418-7", _("东四九条胡同口堆放旧家具"), "late", _("超时 1.5 个工作时")),
        ("DC2609-00421-3", _("东四十条地铁 B 口共享单车挤占盲道"), "watch", _("今天 17:00 到期")),
        ("DC2609-00433-6", _("演乐胡同 24 号门前路灯不亮"), "good", _("还有 2 个工作日")),
        ("DC2609-00440-1", _("礼士胡同路面塌陷约 30 厘米"), "plain", _("暂停：等待反映人补充照片")),
    ]
    return [
        {
            "number": number,
            "what": what,
            "street": street,
            "unit": unit,
            "at": NOW - timedelta(hours=5 * place),
            "url": f"#case-{number}",
            "deadline": {"colour": colour, "words": words, "url": "#explain"},
            "lon": pin["lon"] + 0.003 * place,
            "lat": pin["lat"] + 0.002 * (place % 2),
        }
        for place, (number, what, colour, words) in enumerate(told)
    ]


def _entries() -> list[dict[str, Any]]:
    return [
        {
            "what": _("居民报告"),
            "who": _("居民（手机）"),
            "at": NOW - timedelta(days=1),
            "why": _("已经放了三天，轮椅过不去。"),
        },
        {"what": _("自动归入东四街道、演乐社区"), "at": NOW - timedelta(days=1), "kind": "system"},
        {"what": _("派遣给区城市管理委员会"), "who": _("指挥中心"), "at": NOW - timedelta(hours=22)},
        {
            "what": _("退单"),
            "who": _("区城市管理委员会"),
            "at": NOW - timedelta(hours=3),
            "why": _("这一段由街道负责。"),
        },
        {"what": _("改派东四街道"), "who": _("指挥中心"), "at": NOW, "kind": "now"},
        {"what": _("到现场核查"), "who": _("由处置人以外的人核查"), "kind": "ahead"},
    ]


def _photos() -> list[dict[str, Any]]:
    before, after = static("web/samples/before.svg"), static("web/samples/after.svg")
    return [
        {"url": before, "alt": _("胡同口堆着旧家具"), "caption": _("9月23日 16:30 居民")},
        {"url": after, "alt": _("同一个胡同口，已经清走"), "caption": _("9月24日 12:30 街道")},
    ]


def _points(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
                "properties": {
                    "title": str(row["what"]),
                    "url": row["url"],
                    "kind": row["deadline"]["colour"],
                    "id": row["number"],
                },
            }
            for row in rows
        ],
    }


def _frame_context(portal: bool) -> dict[str, Any]:
    if portal:
        names = [_("报告问题"), _("公共地图"), _("我的报告")]
        return {"portal_nav": [{"url": "#", "label": name, "current": name is names[0]} for name in names]}
    rail = [
        ("inbox", _("我的工作"), 12, True),
        ("list", _("全部案件"), 0, False),
        ("map-pin", _("待定位"), 3, False),
        ("upload", _("导入工单"), 0, False),
        ("people", _("职责"), 0, False),
    ]
    return {
        "rail": [
            {"url": "#", "icon": icon, "label": label, "count": count, "current": current}
            for icon, label, count, current in rail
        ],
        "search_url": "#",
        "inbox_url": "#inbox",
        "inbox_count": 5,
        "user_name": _("王立新"),
        "user_office": _("指挥中心 · 派遣员"),
        "user_menu": [{"url": "#", "icon": "sign-out", "label": _("退出"), "post": True}],
    }
