"""The overview of a period, one rate in full, and the formula in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.periods import Kind, Period, period_of
from siquan.base.web.pages import page
from siquan.insight.scoring import drawing, queries
from siquan.insight.scoring.conditions import in_words
from siquan.insight.scoring.formulas import RATES, Formula
from siquan.insight.scoring.models import RateKind, Scope
from siquan.insight.scoring.permissions import Opened, opens_cases
from siquan.insight.scoring.queries.maps import street_outlines
from siquan.insight.scoring.views.guards import KINDS, period_asked, rate_named, readers

LABELS: Final = dict(RateKind.choices) | {queries.COMPOSITE: _("综合")}
KIND_LABELS: Final = {Kind.MONTH: _("按月"), Kind.QUARTER: _("按季度"), Kind.YEAR: _("按年")}
GROUPS: Final = {"street": _("按街道"), "unit": _("按责任单位")}


@readers
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show the rates of a period for the district, its streets and its units."""
    period = period_asked(request)
    board = queries.board(period)
    tinted = request.GET.get("map", "")
    tinted = tinted if tinted in RATES else RATES[1]
    context = switch(request, period) | {"board": board, "tab": "overview"}
    if board:
        context |= {
            "tiles": tiles(board),
            "lines": [(LABELS[rate], trend_of(board, rate)) for rate in board.district],
            "map": map_of(board, tinted),
            "map_choices": [
                (rate, LABELS[rate], f"?{urlencode({'period': period.code, 'map': rate})}") for rate in RATES
            ],
            "tinted": tinted,
            "rates": [(code, LABELS[code]) for code in board.district],
            "mine": own_codes(request),
            "may_open": opens_cases(signed_in(request), Opened(Scope.DISTRICT)),
            **words_of(board),
        }
    return page(request, "scoring/overview.html", context, part="board")


@readers
@require_safe
def show_rate(request: HttpRequest, rate: str) -> HttpResponse:
    """Show one rate: its arithmetic in words, ranks with intervals, and every place over time."""
    rate, period = rate_named(rate), period_asked(request)
    by = request.GET.get("by", "street")
    by = by if by in GROUPS else "street"
    board = queries.board(period)
    context = switch(request, period, by=by) | {"board": board, "tab": rate, "by": by, "rate": rate}
    context["label"] = LABELS[rate]
    context["groups"] = [
        (code, label, f"?{urlencode({'period': period.code, 'by': code})}") for code, label in GROUPS.items()
    ]
    if board:
        rows = board.streets if by == "street" else board.units
        past = queries.trends(period, by, rate)
        ranked = sorted(rows, key=lambda row: _order(row, rate))
        context |= {
            "figure": board.district[rate],
            "rule": board.formula.rates[rate],
            "rule_words": rule_words(board.formula, rate),
            "line": trend_of(board, rate),
            "rows": [(row, row.figures[rate], row.ranks.get(rate)) for row in ranked],
            "small": [(row, _line(past.get(row.code, []), queries.row_of(period))) for row in ranked],
            "may_open": opens_cases(signed_in(request), Opened(Scope.DISTRICT)),
            "mine": own_codes(request),
            **words_of(board),
        }
    return page(request, "scoring/rate.html", context, part="board")


@readers
@require_safe
def show_formula(request: HttpRequest) -> HttpResponse:
    """Say the formula in words, with its sources, and what others count."""
    pack = queries.pack_on(period_asked(request).first)
    formula = queries.formula_of(pack)
    language = get_language() or ""
    context = {
        "tab": "formula",
        "pack": pack,
        "packs": queries.packs(),
        "formula": formula,
        "title": formula.title.said(language),
        "note": formula.note.said(language),
        "counts": in_words(formula.counts),
        "rules": [rule_words(formula, code) for code in formula.rates],
        "composite": [(LABELS[code], weight) for code, weight in formula.composite.items()],
        "exclusions": [
            (each, each.title.said(language), in_words(each.when) if each.when else "")
            for each in formula.exclusions
        ],
    }
    return page(request, "scoring/formula.html", context)


def switch(request: HttpRequest, period: Period, **kept: str) -> dict[str, Any]:
    """Return what the switch of periods shows; everything lives in the address."""
    at = timezone.now()

    def url(other: Period) -> str:
        return f"?{urlencode({'period': other.code} | kept)}"

    kinds = []
    for kind in KINDS:
        same = period_of(period.start, kind)
        other = same if same.last < timezone.localdate(at) or kind == period.kind else same.previous
        kinds.append((KIND_LABELS[kind], url(other), kind == period.kind))
    language = get_language() or ""
    is_last = period.next.start > at
    return {
        "period": period,
        "period_label": period.label(language),
        "kinds": kinds,
        "previous": (period.previous.label(language), url(period.previous)),
        "next": None if is_last else (period.next.label(language), url(period.next)),
        "is_running": period.end > at,
    }


def tiles(board: queries.Board) -> list[dict[str, Any]]:
    """Return the district's figures as tiles; each leads to its rate."""
    query = urlencode({"period": board.period.code})
    return [
        {
            "rate": code,
            "label": LABELS[code],
            "figure": figure,
            "url": f"{reverse('rates:rate', args=[code])}?{query}" if code in RATES else "",
        }
        for code, figure in board.district.items()
    ]


def words_of(board: queries.Board) -> dict[str, Any]:
    """Return what stands under every figure: when, by which formula, what was left out."""
    language = get_language() or ""
    return {
        "known_at": board.reckoning.known_at,
        "formula_title": board.formula.title.said(language),
        "is_assumed": board.formula.source == "assumed",
        "least": board.formula.least,
        "confidence": board.formula.confidence,
    }


def rule_words(formula: Formula, code: str) -> dict[str, Any]:
    """Return how a rate is counted, in words."""
    rule, language = formula.rates[code], get_language() or ""
    return {
        "code": code,
        "title": rule.title.said(language),
        "of": in_words(rule.of),
        "steps": [(in_words(step.when), step.points) for step in rule.steps],
        "full": rule.full,
        "source": rule.source,
    }


def trend_of(board: queries.Board, rate: str) -> dict[str, Any]:
    """Return the line of the district's rate."""
    figures = [figures.get(rate) for _period, figures in board.trend]
    return _line(figures, [each for each, _figures in board.trend])


def _line(figures: Sequence[queries.Figure | None], periods: Sequence[Period]) -> dict[str, Any]:
    language = get_language() or ""
    labels = [each.label(language) for each in periods]
    padded = [*figures, *[None] * (len(labels) - len(figures))]
    begun = next((number for number, each in enumerate(padded) if each and each.interval), 0)
    labels, padded = labels[begun:], padded[begun:]  # what was before the first figure is no part of the line
    points = [
        drawing.Point(label, figure.share, figure.interval.low, figure.interval.high)
        if figure and figure.interval
        else drawing.Point(label)
        for label, figure in zip(labels, padded, strict=True)
    ]
    return {
        "drawing": drawing.line_of(points),
        "table": list(zip(labels, padded, strict=True)),
        "first": labels[0] if labels else "",
        "last": labels[-1] if labels else "",
    }


def map_of(board: queries.Board, rate: str) -> dict[str, Any] | None:
    """Return the streets as paths, tinted by a rate."""
    drawn = street_outlines(board.period.last)
    if drawn is None:
        return None
    shares = {row.code: row.figures[rate] for row in board.streets}
    known = [figure.share for figure in shares.values() if figure.share is not None]
    least, most = (min(known), max(known)) if known else (0.0, 0.0)
    names = {row.code: row.name for row in board.streets}
    return {
        "drawn": drawn,
        "least": f"{least * 100:.1f}",
        "most": f"{most * 100:.1f}",
        "has_figures": bool(known),
        "shapes": [
            {
                "path": path,
                "name": names.get(code, code),
                "figure": shares.get(code),
                "tint": drawing.tint_of(shares[code].share if code in shares else None, least, most),
            }
            for code, path in drawn.paths.items()
        ],
    }


def own_codes(request: HttpRequest) -> Mapping[str, bool]:
    """Return the codes of the units the reader acts for, to be found at a glance."""
    return dict.fromkeys(queries.own_unit_codes(signed_in(request)), True)


def _order(row: queries.Row, rate: str) -> tuple[bool, bool, float, str]:
    """Order: those ranked, highest first; those with too few answers; those without cases."""
    share = row.figures[rate].share
    return (share is None, rate not in row.ranks, -(share or 0.0), row.code)
