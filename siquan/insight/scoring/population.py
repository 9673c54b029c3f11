"""One SQL query that says how the cases of a period came out, as known at a time.

A case counts in the period of each of its closings, by the last one in it: what a reporter said of a closing
stays said when the case is taken up again for it. A case closed once and never reopened answers from its own
row; for the few others the journal is asked what was known then. So the same question about a past day gives
the same answer.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from siquan.base.kernel.districts import current_district
from siquan.base.kernel.periods import Period

WHOLE: Final = 1000  # the weight of a case that stands for itself only, in thousandths

# Never reopened and closed by then: what the row says has not changed since.
_SETTLED: Final = "(c.reopen_count = 0 and c.closed_at is not null and c.closed_at <= %(known)s)"
_REPORTED: Final = "c.reported_at >= %(start)s and c.reported_at < %(end)s"
_CLOSED: Final = "c.closed_at >= %(start)s and c.closed_at < %(end)s"

# The last closing in the period, whatever came after it.
_CLOSING: Final = """
    cross join lateral (
        select e.at as closed_at from journal_entry e
        where e.about_type = 'case' and e.about_id = c.id and e.event = 'case.closed'
        and e.at >= %(start)s and e.at < %(end)s and e.at <= %(known)s
        order by e.at desc, e.id desc limit 1
    ) life"""
# Where the case stood: closed, or still open; neither rejected nor merged nor void.
_STANDING: Final = """
    cross join lateral (
        select e.event, case when e.event = 'case.closed' then e.at end as closed_at
        from journal_entry e
        where e.about_type = 'case' and e.about_id = c.id and e.at <= %(known)s
        order by e.event in ('case.closed', 'case.reopened', 'case.rejected', 'case.merged',
            'case.unmerged', 'case.voided') desc, e.at desc, e.id desc limit 1
    ) life"""
_STILL: Final = "life.event not in ('case.rejected', 'case.merged', 'case.voided')"

_POPULATION: Final = """
population as not materialized (
    select c.id, c.source, c.category_id, c.street_id, c.unit_id, c.closed_at,
        false as reopened, false as taken_up_again
    from cases_case c
    where c.district_id = %(district)s and {settled} and {window}
    union all
    select c.id, c.source, c.category_id, c.street_id, sent.unit_id, life.closed_at,
        coalesce(again.first < life.closed_at, again.first is not null and life.closed_at is null),
        coalesce(again.last > life.closed_at, false)
    from cases_case c {life}
    cross join lateral (
        select min(e.at) as first, max(e.at) as last from journal_entry e
        where e.about_type = 'case' and e.about_id = c.id and e.event = 'case.reopened' and e.at <= %(known)s
    ) again
    left join lateral (
        select (e.details ->> 'unit')::bigint as unit_id from journal_entry e
        where e.about_type = 'case' and e.about_id = c.id
        and e.event in ('case.dispatched', 'case.reassigned')
        and e.at <= coalesce(life.closed_at, %(known)s)
        order by e.at desc, e.id desc limit 1
    ) sent on true
    where c.district_id = %(district)s and not {settled} and {maybe}
)"""
_WINDOWS: Final = {
    "closed": {"window": _CLOSED, "life": _CLOSING, "maybe": "c.reopen_count > 0"},
    "reported": {
        "window": _REPORTED,
        "life": _STANDING,
        "maybe": f"{_REPORTED} and c.reported_at <= %(known)s and {_STILL}",
    },
}

_HANDLED: Final = """
    left join lateral (
        select r.stopped_at <= r.due_at as handled_in_time from cases_clockrun r
        where r.case_id = p.id and r.kind = 'handling'
        and r.stopped_at <= coalesce(p.closed_at, %(known)s)
        order by r.started_at desc, r.id desc limit 1
    ) handled on true"""

_ACCEPTED: Final = """
    left join lateral (
        select (extract(epoch from e.at - (
            select max(d.at) from journal_entry d where d.about_type = 'case' and d.about_id = p.id
            and d.event in ('case.dispatched', 'case.reassigned') and d.at <= e.at)) / 60)::int
            as accepted_minutes
        from journal_entry e
        where e.about_type = 'case' and e.about_id = p.id and e.event = 'case.accepted'
        and e.at <= coalesce(p.closed_at, %(known)s)
        order by e.at desc, e.id desc limit 1
    ) accepted on true"""

# The call-back about this closing (for an open case the last one there was), and the last that was said in
# it; what was taken back is not said. Who answered without being asked by a plan speaks for nobody else.
_ANSWERS: Final = """
    left join lateral (
        select b.id, b.plan_id is not null as by_plan,
            coalesce(round({whole} * (d.strata -> b.stratum ->> 0)::numeric
                / nullif((d.strata -> b.stratum ->> 1)::numeric, 0))::int, {whole}) as weight
        from callbacks_callback b left join callbacks_draw d on d.id = b.draw_id
        where b.case_id = p.id and b.planned_at <= %(known)s
        and (p.closed_at is null or b.reason = 'closed' and b.anchor_at = p.closed_at)
        order by b.anchor_at desc, b.id desc limit 1
    ) asked on true
    left join lateral (
        select a.contacted, nullif(a.solved, '') as solved, a.satisfied, a.is_taken_back
        from callbacks_answer a where a.call_back_id = asked.id and a.at <= %(known)s
        order by a.id desc limit 1
    ) said on not said.is_taken_back"""

_ANSWER_FACTS: Final = frozenset({"asked", "reached", "contacted", "solved", "satisfied"})


@dataclass(frozen=True)
class Query:
    """A common table expression `facts f`, with its parameters by name."""

    text: str
    given: dict[str, Any]


def facts_query(
    period: Period, *, window: str, known_at: datetime, facts: Set[str], case_id: int | None = None
) -> Query:
    """Return the query for the outcomes of a period, or of one case of it, with the facts asked for."""
    given = {"district": current_district(), "start": period.start, "end": period.end, "known": known_at}
    text = _POPULATION.format(settled=_SETTLED, **_WINDOWS[window])
    if case_id is not None:
        given["case"] = case_id
        text = text.replace("where c.district_id", "where c.id = %(case)s and c.district_id")
    handled = "handled_in_time" in facts
    accepted = "accepted_minutes" in facts
    answers = bool(facts & _ANSWER_FACTS)
    columns = [
        "p.id, p.source, p.closed_at, p.reopened, p.taken_up_again, (p.closed_at is not null) as closed",
        "coalesce(street.code, '') as street, coalesce(unit.code, '') as unit",
        f"{'category.code' if 'category' in facts else 'null::text'} as category",
        f"{'handled.handled_in_time' if handled else 'null::bool'} as handled_in_time",
        f"{'accepted.accepted_minutes' if accepted else 'null::int'} as accepted_minutes",
        _ANSWER_COLUMNS if answers else _NO_ANSWERS,
    ]
    joins = [
        " left join places_division street on street.id = p.street_id",
        " left join units_unit unit on unit.id = p.unit_id",
        " left join rules_category category on category.id = p.category_id" if "category" in facts else "",
        _HANDLED if handled else "",
        _ACCEPTED if accepted else "",
        _ANSWERS.replace("{whole}", str(WHOLE)) if answers else "",
    ]
    facts_text = f"facts as (select {', '.join(columns)} from population p{''.join(joins)})"  # noqa: S608
    return Query(f"{text},\n{facts_text}", given)


_NO_ANSWERS: Final = (
    "false as asked, false as reached, null::bool as contacted, null::text as solved,"
    f" null::int as satisfied, {WHOLE} as weight"
)


_ANSWER_COLUMNS: Final = (
    "coalesce(asked.by_plan, false) as asked,"
    " said.is_taken_back is not null as reached, said.contacted, said.solved, said.satisfied,"
    f" coalesce(asked.weight, {WHOLE}) as weight"
)
