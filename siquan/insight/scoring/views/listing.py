"""A figure opened to its cases: the list it was summed from, as a page and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.cells import harmless
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page
from siquan.city.places.queries import areas_on, day_with_ground
from siquan.city.units.queries import units_by_code
from siquan.insight.scoring import queries
from siquan.insight.scoring.formulas import BY_APPEAL, Formula
from siquan.insight.scoring.models import Scope
from siquan.insight.scoring.permissions import OTHER_RULES, Opened
from siquan.insight.scoring.views.boards import LABELS, own_codes, switch, words_of
from siquan.insight.scoring.views.guards import period_asked, rate_named, readers


@readers
@require_safe
def show_cases(request: HttpRequest, rate: str) -> HttpResponse:
    """Show the cases of a figure: those that count, those with and without points, those left out."""
    board, asked, name = _asked(request, rate)
    counts = queries.part_counts(asked)
    listed = Paginator(range(counts[asked.part]), queries.PER_PAGE).get_page(request.GET.get("page"))
    lines = queries.lines_of(asked, offset=max(listed.start_index() - 1, 0))
    row = next((each for each in _rows(board, asked.scope) if each.code == asked.code), None)
    figures = row.figures if row else board.district
    query = {"period": board.period.code, "scope": asked.scope, "code": asked.code}
    names = _names(board)
    language = get_language() or ""
    context = switch(request, board.period, scope=asked.scope, code=asked.code, part=asked.part) | {
        "tab": rate,
        "rate": rate,
        "label": LABELS[rate],
        "name": name,
        "asked": asked,
        "figure": figures[rate],
        "parts": [
            (part, label, counts[part], f"?{urlencode(query | {'part': part})}")
            for part, label in queries.PARTS.items()
        ],
        "lines": [(line, _said(line, names, board.formula, language)) for line in lines],
        "listed": listed,
        "reasons": [
            (board.formula.title_of_reason(reason, language), reason.startswith(BY_APPEAL), many)
            for reason, many in queries.reasons_of(asked)
        ],
        "mine": own_codes(request),
        "appeal_since": timezone.now() - timedelta(days=board.formula.appeal_days),
        "has_lists": queries.has_lists(board.reckoning),
        "export_url": f"{reverse('rates:export', args=[rate])}?{urlencode(query | {'part': asked.part})}",
        "back": f"{reverse('rates:rate', args=[rate])}?{urlencode({'period': board.period.code})}",
        **words_of(board),
    }
    return page(request, "scoring/cases.html", context, part="rows")


@readers
@require_safe
def export(request: HttpRequest, rate: str) -> HttpResponseBase:
    """Send the cases of a figure as CSV."""
    board, asked, _name = _asked(request, rate)
    name = f"{rate}-{board.period.code}-{asked.part}.csv"
    return StreamingHttpResponse(
        _csv(board, asked),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _asked(request: HttpRequest, rate: str) -> tuple[queries.Board, queries.Asked, str]:
    """Return what the address asks for. Raises Http404, PermissionDenied, BadInput."""
    rate, period = rate_named(rate), period_asked(request)
    scope, code = (
        request.GET.get("scope") or Scope.DISTRICT.value,
        request.GET.get("code", "").replace("\0", "")[:24],
    )
    part = request.GET.get("part") or "counted"
    if scope not in Scope or part not in queries.PARTS:
        raise Http404
    unit = queries.unit_in(period, code) if scope == Scope.UNIT else None
    require(OTHER_RULES, "open-cases", signed_in(request), Opened(scope, unit))
    board = queries.board(period)
    if board is None:
        raise Http404
    names = {row.code: row.name for row in _rows(board, scope)}
    if scope != Scope.DISTRICT and code not in names:
        raise Http404
    asked = queries.Asked(board.reckoning, rate, board.formula.rates[rate].full, scope, code, part)
    return board, asked, names.get(code, "")


def _rows(board: queries.Board, scope: str) -> list[queries.Row]:
    return list({Scope.STREET: board.streets, Scope.UNIT: board.units}.get(Scope(scope), ()))


def _names(board: queries.Board) -> dict[str, str]:
    day = day_with_ground(board.period.last)
    streets = {area.code: str(area) for area in areas_on(day).of_level("street")}
    return streets | {code: str(unit) for code, unit in units_by_code(on=board.period.last).items()}


def _said(line: queries.CaseLine, names: dict[str, str], formula: Formula, language: str) -> dict[str, Any]:
    english = language.startswith("en")
    return {
        "category": line.category_en if english and line.category_en else line.category,
        "street": names.get(line.street, line.street),
        "unit": names.get(line.unit, line.unit),
        "reason": formula.title_of_reason(line.reason, language) if line.reason else "",
        "by_appeal": line.reason.startswith(BY_APPEAL),
    }


class _Echo:
    def write(self, value: str) -> str:
        return value


def _csv(board: queries.Board, asked: queries.Asked) -> Iterator[bytes]:
    """Yield the list as CSV in UTF-8; a name that somebody gave is no formula."""
    writer, names, language = csv.writer(_Echo()), _names(board), get_language() or ""
    head = [_("案件编号"), _("类别"), _("街道"), _("责任单位"), _("上报时间"), _("结案时间"), _("得分")]
    yield b"\xef\xbb\xbf" + writer.writerow([*head, _("满分"), _("不计入的理由")]).encode()
    for line in queries.every_line(asked):
        said = _said(line, names, board.formula, language)
        times = [f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else "" for at in _times(line)]
        cells = [line.number, said["category"], said["street"], said["unit"], *times]
        row = [*cells, line.points, asked.full, said["reason"]]
        yield writer.writerow([harmless(cell) for cell in row]).encode()


def _times(line: queries.CaseLine) -> tuple[Any, Any]:
    return line.reported_at, line.closed_at
