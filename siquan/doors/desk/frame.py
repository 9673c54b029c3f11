"""What stands around every page of the desk: the rail with its counts, the search, the person's menu."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import Words
from siquan.base.notices import queries as notices
from siquan.base.web.look import look_of
from siquan.city.duties.models import Role
from siquan.city.duties.queries import Held, duties_of
from siquan.city.places.services import MAP_STYLE
from siquan.insight.scoring import queries as rates
from siquan.work.callbacks import queries as call_backs
from siquan.work.cases import queries as cases
from siquan.work.evaluations import queries as evaluations

CENTRE: Final = (Role.DISPATCHER, Role.CENTRE_LEAD)
STAFF: Final = (*CENTRE, Role.UNIT_CLERK, Role.GRID_WORKER, Role.CHECKER, Role.LEADER)
MOST_COUNTED: Final = 999
# The doors and rooms whose pages stand in a frame of their own.
ELSEWHERE: Final = frozenset({"portal", ""})


@dataclass(frozen=True)
class Room:
    """One entry of the rail: whom it is for, and how many things wait there."""

    url_name: str
    label: Words
    icon: str
    roles: tuple[str, ...] = ()
    count: Callable[[Any], int] | None = None
    also: tuple[str, ...] = ()


RAIL: Final = (
    Room("desk:my_work", _("我的工作"), "inbox", STAFF, cases.waiting_count),
    Room("cases:list", _("案件"), "list", STAFF, also=("cases:case", "cases:act", "cases:batch")),
    Room("cases:needs_place", _("待定位"), "map-pin", CENTRE, cases.placeless_count, ("cases:set_place",)),
    Room("cases:doubted", _("照片疑问"), "photo", CENTRE, cases.doubt_count, ("cases:photo_act",)),
    Room("cases:new", _("上报一件"), "plus", STAFF),
    Room("cases:import", _("导入工单"), "upload", CENTRE, also=("cases:import_file",)),
    Room(
        "callbacks:desk",
        _("电话回访"),
        "phone",
        (Role.CALLER,),
        call_backs.waiting_count,
        ("callbacks:save",),
    ),
    Room(
        "callbacks:list",
        _("回访结果"),
        "message",
        (Role.CALLER, *CENTRE, Role.LEADER),
        also=(
            "callbacks:call_back",
            "callbacks:correct",
            "callbacks:plan",
            "callbacks:new_plan",
            "callbacks:replay",
        ),
    ),
    Room(
        "evaluations:mine",
        _("我的评价"),
        "eye",
        (Role.EVALUATOR,),
        evaluations.waiting_count,
        ("evaluations:sheet",),
    ),
    Room(
        "evaluations:list",
        _("外部评价"),
        "eye",
        (*CENTRE, Role.LEADER),
        also=("evaluations:round", "evaluations:new", "evaluations:replay"),
    ),
    Room("desk:cockpit", _("全区概览"), "chart", (*CENTRE, Role.LEADER)),
    Room(
        "rates:overview",
        _("三率"),
        "thumb-up",
        STAFF,
        rates.waiting_appeals,
        tuple(
            f"rates:{page}" for page in ("rate", "cases", "formula", "appeals", "appeal", "new_appeal", "act")
        ),
    ),
    Room(
        "rules:pack",
        pgettext_lazy("栏目", "规则"),
        "table",
        (*CENTRE, Role.RULE_EDITOR, Role.LEADER),
        also=tuple(
            f"rules:{page}"
            for page in ("categories", "limits", "responsibilities", "try", "calendar", "upload", "draft")
        ),
    ),
    Room("cases:suggestions", _("类别建议"), "check", (Role.CENTRE_LEAD, Role.RULE_EDITOR)),
    Room("units:list", _("单位"), "building", (*CENTRE, Role.ADMIN, Role.LEADER), also=("units:unit",)),
    Room(
        "places:divisions",
        _("区划和点位"),
        "map",
        (*CENTRE, Role.ADMIN, Role.LEADER),
        also=("places:division",),
    ),
    Room(
        "duties:list",
        _("职责"),
        "people",
        (Role.CENTRE_LEAD, Role.ADMIN),
        also=("duties:people", "duties:person", "duties:new_person", "duties:end", "duties:give"),
    ),
    Room("desk:boundaries", _("区划调整"), "layers", (Role.ADMIN,), also=("desk:boundary_draft",)),
    Room("desk:deliveries", _("未送达"), "warn", (Role.ADMIN,), notices.undelivered_count),
    Room(
        "desk:privacy",
        _("个人信息"),
        "lock",
        (Role.ADMIN,),
        also=("desk:privacy_person", "desk:privacy_days"),
    ),
    Room("duties:rights", _("谁可以做什么"), "key", (*STAFF, Role.ADMIN, Role.RULE_EDITOR)),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give the desk's pages their frame; nothing is read before a page draws it."""
    user = getattr(request, "user", None)
    match = request.resolver_match
    if user is None or not user.is_authenticated or match is None or match.app_name in ELSEWHERE:
        return {}
    return {
        "home_url": address("desk:my_work"),
        "map_style": map_style(request),
        "place_search": address("places:search"),
        "place_locate": address("places:here"),
        "search_url": SimpleLazyObject(lambda: search_of(user)),
        "rail": SimpleLazyObject(lambda: rail(user, match.view_name)),
        "user_office": SimpleLazyObject(lambda: office_of(user)),
    }


def search_of(user: Any) -> str:
    """Return where cases are searched; empty for who handles none and would find nothing."""
    return address("cases:list") if duties_of(user).holds(*STAFF) else ""


def map_style(request: HttpRequest) -> str:
    """Return the style of the base map in the reader's theme and language."""
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    return MAP_STYLE.format(theme=look_of(request).theme, language=language)


def rail(user: Any, current: str) -> list[dict[str, Any]]:
    """Return the entries this person may enter, with what waits in each."""
    held = duties_of(user)
    return [
        {
            "url": url,
            "label": room.label,
            "icon": room.icon,
            "count": _count(room, user),
            "current": current == room.url_name or current in room.also,
        }
        for room in RAIL
        if _may_enter(room, held) and (url := address(room.url_name))
    ]


def first_room(user: Any) -> str:
    """Return the address of the first room this person may enter, empty without any."""
    held = duties_of(user)
    return next((address(room.url_name) for room in RAIL if _may_enter(room, held)), "")


def _may_enter(room: Room, held: Held) -> bool:
    return not room.roles or held.holds(*room.roles)


def _count(room: Room, user: Any) -> str:
    counted = room.count(user) if room.count else 0
    return f"{MOST_COUNTED}+" if counted > MOST_COUNTED else str(counted or "")


def address(name: str) -> str:
    """Return an address, empty when this installation does not have that page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def office_of(user: Any) -> str:
    """Return in a few words for whom a person acts: the unit, or else the role."""
    return cases.offices_of([user.pk]).get(user.pk, "")
