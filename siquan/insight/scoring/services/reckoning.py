"""Reckon the rates of a period in bulk: one statement lists the cases that count alike, one sums them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from siquan.base.journal import services as journal
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.periods import Kind, Period, parse_period
from siquan.insight.scoring.conditions import as_sql
from siquan.insight.scoring.formulas import BY_APPEAL, Formula, RateRule
from siquan.insight.scoring.models import FormulaPack, Reckoning, Scope, Tally, Why
from siquan.insight.scoring.population import facts_query
from siquan.insight.scoring.queries.packs import formula_of, pack_for

KINDS = (Kind.MONTH, Kind.QUARTER, Kind.YEAR)


@transaction.atomic
def reckon(
    code: str,
    *,
    at: datetime,
    known_at: datetime | None = None,
    why: str = Why.ASKED,
    pack: FormulaPack | None = None,
) -> Reckoning:
    """Reckon a month, quarter or year from what was known at a time (now, if none is given).

    Raises BadInput for another kind of period, NotFound without a formula.
    """
    period = parse_period(code)
    if period.kind not in KINDS:
        raise BadInput(_("三率按月、季度或年计算。"), field="period")
    known = known_at or at
    if known > at:
        raise BadInput(_("不能按将来所知计算。"), field="known_at")
    used = pack or pack_for(period)
    with connection.cursor() as cursor:  # two workers at once would drop each other's lists
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"siquan.scoring.{period.code}"])
    made = Reckoning.objects.create(pack=used, period=period.code, known_at=known, computed_at=at, why=why)
    formula = formula_of(used)
    with connection.cursor() as cursor:
        cursor.execute(*_listing(made.pk, formula, period, known))
        cursor.execute(*_summing(made.pk, formula))
    _drop_older_lists(made)
    journal.write(
        "rates.reckoned",
        about=made,
        by=None,
        at=at,
        period=period.code,
        pack=str(used),
        known_at=known.isoformat(),
    )
    return made


def _drop_older_lists(made: Reckoning) -> None:
    """Keep the lists of the newest reckoning, and of those that somebody asked for by hand."""
    older = Reckoning.objects.filter(
        district_id=made.district_id, period=made.period, known_at__lte=made.known_at
    ).exclude(why=Why.ASKED)
    Tally.objects.filter(reckoning__in=older.exclude(pk=made.pk)).delete()


def _listing(reckoning_id: int, formula: Formula, period: Period, known: datetime) -> tuple[str, list[Any]]:
    """Return the statement that writes the lists of cases that count alike."""
    facts = facts_query(period, window=formula.window, known_at=known, facts=formula.facts)
    text, values = _positional(facts.text, facts.given)
    counts, counts_values = as_sql(formula.counts)
    excluded, excluded_values = _excluded(formula)
    lines, lines_values = _lines(list(formula.rates.values()))
    statement = f"""
        with {text},
        granted as materialized (
            select a.case_id, a.closed_at, a.rate, %s || a.reason as reason from scoring_appeal a
            join lateral (
                select d.state from scoring_appealdecision d where d.appeal_id = a.id and d.at <= %s
                order by d.id desc limit 1
            ) decision on decision.state = 'granted'
            where a.district_id = %s
        )
        insert into scoring_tally (reckoning_id, rate, street, unit, points, weight, reason, case_ids)
        select %s, line.rate, f.street, f.unit, line.points, f.weight,
            coalesce(nullif({excluded}, ''), granted.reason, '') as why, array_agg(f.id order by f.id)
        from facts f
        cross join lateral (values {lines}) as line (rate, is_of, points)
        left join lateral (
            select g.reason from granted g where g.case_id = f.id and g.closed_at = f.closed_at
            and g.rate in ('', line.rate)
            order by g.rate desc limit 1
        ) granted on true
        where {counts} and line.is_of
        group by line.rate, f.street, f.unit, line.points, f.weight, why"""  # noqa: S608 - values are parameters
    own = [BY_APPEAL, known, current_district(), reckoning_id]
    return statement, [*values, *own, *excluded_values, *lines_values, *counts_values]


def _lines(rules: list[RateRule]) -> tuple[str, list[Any]]:
    """Return one row a rate: its code, whether the case is of it, and the points it brings."""
    rows, values = [], []
    for rule in rules:
        of, of_values = as_sql(rule.of)
        steps = [(as_sql(step.when), step.points) for step in rule.steps]
        points = " ".join(f"when {text} then %s" for (text, _values), _points in steps)
        rows.append(f"(%s, {of}, case {points} else 0 end)")
        values += [rule.code, *of_values]
        for (_text, step_values), number in steps:
            values += [*step_values, number]
    return ", ".join(rows), values


def _excluded(formula: Formula) -> tuple[str, list[Any]]:
    """Return the code of the first recorded rule that leaves a case out, empty when none does."""
    whens, values = [], []
    for each in formula.exclusions:
        if each.when is not None:
            text, found = as_sql(each.when)
            whens.append(f"when {text} then %s")
            values += [*found, each.code]
    return (f"case {' '.join(whens)} else '' end" if whens else "''"), values


def _summing(reckoning_id: int, formula: Formula) -> tuple[str, list[Any]]:
    """Return the statement that sums the lists for the district, every street and every unit."""
    rates = ", ".join("(%s, %s::int)" for _rule in formula.rates)
    values: list[Any] = [value for rule in formula.rates.values() for value in (rule.code, rule.full)]
    statement = f"""
        insert into scoring_rate (reckoning_id, scope, code, rate, cases, numerator, denominator,
            weighted_numerator, weighted_denominator, weight, weight_squares, left_out, left_out_by_appeal)
        select %s, scope, code, rate, cases, numerator, cases * full_points, weighted_numerator,
            weight * full_points, weight, weight_squares, left_out, left_out_by_appeal
        from (
            select r.rate, r.full_points,
                case when grouping(t.street) = 0 then '{Scope.STREET.value}'
                     when grouping(t.unit) = 0 then '{Scope.UNIT.value}'
                     else '{Scope.DISTRICT.value}' end as scope,
                case when grouping(t.street) = 0 then t.street
                     when grouping(t.unit) = 0 then t.unit else '' end as code,
                {_sum("t.many")} as cases,
                {_sum("t.many * t.points")} as numerator,
                {_sum("t.many * t.points * t.weight")} as weighted_numerator,
                {_sum("t.many * t.weight")} as weight,
                {_sum("t.many * t.weight * t.weight")} as weight_squares,
                {_sum("t.many", "<> ''")} as left_out,
                {_sum("t.many", "like %s")} as left_out_by_appeal
            from (values {rates}) as r (rate, full_points)
            left join (
                select rate, street, unit, points::bigint, weight::bigint, reason,
                    cardinality(case_ids)::bigint as many
                from scoring_tally where reckoning_id = %s
            ) t on t.rate = r.rate
            group by grouping sets (
                (r.rate, r.full_points), (r.rate, r.full_points, t.street), (r.rate, r.full_points, t.unit))
        ) summed
        where scope = '{Scope.DISTRICT.value}' or code <> ''"""  # noqa: S608 - values are parameters
    return statement, [reckoning_id, f"{BY_APPEAL}%", *values, reckoning_id]


def _sum(of: str, reason: str = "= ''") -> str:
    return f"coalesce(sum({of}) filter (where t.reason {reason}), 0)"


def _positional(text: str, given: dict[str, Any]) -> tuple[str, list[Any]]:
    """Turn names of parameters into places, so that the parts of a statement can be put together."""
    values = []
    parts = text.split("%(")
    done = parts[0]
    for part in parts[1:]:
        name, _end, rest = part.partition(")s")
        values.append(given[name])
        done += f"%s{rest}"
    return done, values
