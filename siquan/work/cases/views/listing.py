"""The list of cases, its map and its export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from siquan.base.kernel import workbooks
from siquan.base.kernel.errors import NotFound
from siquan.base.web.pages import page
from siquan.base.web.widgets import drawn_select
from siquan.work.cases import exports, queries
from siquan.work.cases.filters import DUE, Filters
from siquan.work.cases.models import Case, CaseQuerySet, Source
from siquan.work.cases.permissions import is_of_centre, is_staff
from siquan.work.cases.queries import choices, lists, maps, worklists
from siquan.work.cases.queries.casefile import CaseFile, case_file
from siquan.work.cases.queries.chips import chip_of
from siquan.work.cases.queries.duplicates import twins_of
from siquan.work.cases.queries.names import put_names
from siquan.work.cases.states import State
from siquan.work.cases.twins import Twin
from siquan.work.cases.views.guards import no_duty

PLACELESS_SHOWN = 50
VIEWS = ("split", "table")
SEARCHED = frozenset({"category", "division", "unit"})  # too many to look through
STATE_GROUPS = (("open", _("在办（全部）")), ("ended", _("已结束（全部）")))
# The lists people open every day: label → filters.
TABS: tuple[tuple[Any, dict[str, str]], ...] = (
    (_("在办"), {"state": "open"}),
    (_("等我办"), {"mine": "1"}),
    (_("已超期"), {"due": "overdue"}),
    (_("今天到期"), {"due": "today"}),
    (_("待派遣"), {"state": "filed"}),
    (_("可能重复"), {"twins": "1"}),
    (_("督办中"), {"supervised": "1"}),
    (_("全部"), {}),
)


@login_required
@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    """Show the cases that fit the filters of the address, with one of them opened or the map."""
    if not is_staff(request.user):
        return no_duty(request, status=200)  # a list without a row, and why
    filters, at = Filters.from_query(request.GET.dict()), timezone.now()
    order = request.GET.get("order") or ("due" if _is_mine(request) or filters.due else "newest")
    cases = _narrowed(request, filters)
    found = lists.page_of(
        lists.with_deadlines(cases),
        order=order,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    twins = twins_of(found.cases) if filters.twins == "1" else {}
    fields = _fields(filters)
    view = request.GET.get("view") if request.GET.get("view") in VIEWS else VIEWS[0]
    total, is_more = lists.count_up_to(cases)
    context = {
        "filters": filters,
        "rows": [_row(case, chip_of(case, at), twins.get(case.pk)) for case in found.cases],
        "can_part": bool(twins) and is_of_centre(request.user),
        "here": request.get_full_path(),
        "total": f"{total}+" if is_more else total,
        "is_more": is_more,
        "order": order,
        "orders": lists.ORDERS.items(),
        "view": view,
        "is_mine": _is_mine(request),
        "tabs": _tabs(request),
        "fields": fields,
        "chosen": _chosen(request, filters, fields),
        "can_pick": is_of_centre(request.user) and any(each.state == State.FILED for each in found.cases),
        "next_url": _with(request, after=found.after, before="") if found.after else "",
        "previous_url": _with(request, before=found.before, after="") if found.before else "",
        "opened": _opened(request, at),
        "query": _query(request),
        "search_value": filters.q,
    }
    return page(request, "cases/list.html", context, part="results")


@login_required
@require_safe
def map_points(request: HttpRequest) -> HttpResponse:
    """Send what a window of the map shows of the filtered cases."""
    filters = Filters.from_query(request.GET.dict())
    window = maps.Window.from_text(request.GET.get("bbox", ""))
    cases, at = _narrowed(request, filters), timezone.now()
    if _is_mine(request):
        found = maps.in_window(cases, window, at=at)
    else:
        found = maps.window_for(request.user, filters, cases, window, at=at)
    return JsonResponse(found, content_type="application/geo+json")


@login_required
@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Send the filtered list, newest first, as CSV or XLSX."""
    cases = _narrowed(request, Filters.from_query(request.GET.dict())).order_by("-reported_at", "-id")
    name = f"cases-{timezone.localtime():%Y%m%d-%H%M}.{kind}"
    writers = {
        "csv": (exports.csv_lines, "text/csv; charset=utf-8"),
        "xlsx": (exports.xlsx_blocks, workbooks.MEDIA_TYPE),
    }
    if kind not in writers:
        raise Http404
    write, media_type = writers[kind]
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(write(cases), content_type=media_type, headers=disposition)


@login_required
@require_safe
def needs_place(request: HttpRequest) -> HttpResponse:
    """Show the reported cases whose place nobody has found yet, oldest first."""
    waiting, at = worklists.placeless(request.user), timezone.now()
    found = put_names(lists.with_deadlines(waiting)[:PLACELESS_SHOWN])
    total, is_more = lists.count_up_to(waiting)
    context = {
        "rows": [_row(case, chip_of(case, at)) for case in found],
        "total": f"{total}+" if is_more else total,
        "is_cut": total > len(found),
    }
    return page(request, "cases/needs_place.html", context, part="rows")


def _row(case: Case, chip: object, twin: Twin | None = None) -> dict[str, Any]:
    return {"case": case, "chip": chip, "twin": twin}


def _is_mine(request: HttpRequest) -> bool:
    return request.GET.get("mine") == "1"


def _narrowed(request: HttpRequest, filters: Filters) -> CaseQuerySet:
    base = queries.my_work(request.user) if _is_mine(request) else queries.visible_to(request.user)
    return filters.apply(base, at=timezone.now())


def _opened(request: HttpRequest, at: Any) -> CaseFile | None:
    number = request.GET.get("case", "")
    if not number:
        return None
    try:
        case = queries.case_by_number(request.user, number)
    except NotFound:
        return None
    return case_file(case, user=request.user, at=at, language=get_language() or "")


def _query(request: HttpRequest) -> str:
    """Return the address's filters, for the map and the export: without page, view and opened case."""
    kept = request.GET.copy()
    for name in ("after", "before", "view", "case", "order", "bbox", "zoom"):
        kept.pop(name, None)
    return kept.urlencode()


def _with(request: HttpRequest, **changes: str) -> str:
    changed = request.GET.copy()
    changed.pop("case", None)
    for name, value in changes.items():
        changed[name] = value
        if not value:
            del changed[name]
    return f"{reverse('cases:list')}?{changed.urlencode()}"


def _tabs(request: HttpRequest) -> list[dict[str, Any]]:
    narrowing = {
        name: value
        for name, value in request.GET.items()
        if value and name not in ("order", "view", "case", "after", "before")
    }
    tabs = []
    for label, wanted in TABS:
        view = request.GET.get("view")
        query = urlencode({**wanted, **({"view": view} if view else {})})
        url = f"{reverse('cases:list')}{f'?{query}' if query else ''}"
        tabs.append({"label": label, "url": url, "current": narrowing == wanted})
    return tabs


def _fields(filters: Filters) -> list[dict[str, Any]]:
    """Return the selects of the filter form, each with its control drawn."""
    day = choices.today()
    wanted: tuple[tuple[str, Any, choices.Options], ...] = (
        ("state", _("状态"), _plain((*STATE_GROUPS, *State.choices))),
        ("category", _("类别"), choices.categories(day)),
        ("division", _("区域"), choices.divisions(day)),
        ("unit", _("责任单位"), choices.unit_options(day)),
        ("due", _("时限"), _plain(DUE.items())),
        ("source", _("来源"), _plain(Source.choices)),
        ("period", _("上报时间"), choices.periods(day)),
    )
    return [
        {
            "name": name,
            "label": label,
            "options": options,
            "value": getattr(filters, name),
            "control": drawn_select(
                name,
                (("", str(_("不限"))), *options),
                getattr(filters, name),
                element_id=f"filter-{name}",
                is_searchable=name in SEARCHED,
            ),
        }
        for name, label, options in wanted
    ]


def _plain(pairs: Iterable[tuple[Any, Any]]) -> choices.Options:
    return tuple((str(code), str(words)) for code, words in pairs)


def _chosen(request: HttpRequest, filters: Filters, fields: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """Return what narrows the list, each in words and with the address without it."""
    known = {field["name"]: field for field in fields if field["value"]}
    chosen = [
        {
            "words": _("%(label)s：%(words)s")
            % {"label": field["label"], "words": choices.name_of(field["options"], field["value"])},
            "url": _with(request, **{name: "", "after": "", "before": ""}),
        }
        for name, field in known.items()
    ]
    more = {"q": (_("搜索"), filters.q), "place": (_("地点"), _("还没有位置") if filters.place else "")}
    more["supervised"] = (_("范围"), _("督办中") if filters.supervised else "")
    more["twins"] = (_("范围"), _("可能重复，还没有决定") if filters.twins else "")
    more["mine"] = (_("范围"), _("等我办") if _is_mine(request) else "")
    chosen += [
        {
            "words": _("%(label)s：%(words)s") % {"label": label, "words": words},
            "url": _with(request, **{name: "", "after": "", "before": ""}),
        }
        for name, (label, words) in more.items()
        if words
    ]
    return chosen
