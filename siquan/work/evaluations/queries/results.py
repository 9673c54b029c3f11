"""What outsiders say of closed cases, beside what their closing claims."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from siquan.base.kernel.errors import NotFound
from siquan.base.kernel.estimates import Estimate, Interval, Stratum, stratified, wilson
from siquan.work.evaluations.agreement import cohen_kappa, krippendorff_alpha
from siquan.work.evaluations.models import Assignment, Item, Round, Verdict

ORDER = (Verdict.NO, Verdict.PARTLY, Verdict.YES)  # who cannot tell stands outside the order


@dataclass(frozen=True)
class Line:
    """One unit or street: how many were judged, how many of them put right, and the interval of that."""

    name: str
    code: str
    judged: int
    right: int
    interval: Interval

    @property
    def percent(self) -> str:
        """Return the share in per cent."""
        return f"{100 * self.right / self.judged:.1f}"

    @property
    def low(self) -> str:
        """Return where the interval begins, in per cent."""
        return f"{100 * self.interval.low:.0f}"

    @property
    def high(self) -> str:
        """Return where the interval ends, in per cent."""
        return f"{100 * self.interval.high:.0f}"


@dataclass(frozen=True)
class Results:
    """What a round found; `claimed` of the drawn cases were closed as put right: all of them."""

    claimed: int
    given: int
    done: int
    verdicts: dict[str, int]
    right: Estimate
    right_or_partly: Estimate
    by_unit: Sequence[Line]
    by_street: Sequence[Line]
    pairs: int
    same: int
    kappa: float | None
    alpha: float | None
    ordinal_alpha: float | None


def rounds() -> list[Round]:
    """Return all rounds, the newest first."""
    return list(Round.objects.order_by("-id"))


def round_by_key(key: int) -> Round:
    """Return one round. Raises NotFound."""
    found = Round.objects.filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def items_of(found: Round, *, unit: str = "", street: str = "", verdict: str = "") -> list[Item]:
    """Return the cases of a round with what was said of them, in the order of the draw."""
    rows = found.items.select_related("case", "unit", "street").defer("street__boundary", "case__text")
    rows = rows.prefetch_related("assignments__judgement")
    if unit:
        rows = rows.filter(unit__code=unit)
    if street:
        rows = rows.filter(street__code=street)
    if verdict:
        rows = rows.filter(assignments__is_repeat=False, assignments__judgement__verdict=verdict)
    return list(rows.order_by("position"))


def results_of(found: Round) -> Results:
    """Return what a round found (three queries).

    The first evaluator's judgement counts for the rate, the second one's for the agreement only. A case of
    which nobody can tell is in no rate.
    """
    items = items_of(found)
    first = {item.pk: _verdict(item, is_repeat=False) for item in items}
    second = {item.pk: _verdict(item, is_repeat=True) for item in items}
    both = [(first[key], second[key]) for key in first if first[key] and second[key]]
    told = [(one, other) for one, other in both if Verdict.CANNOT not in (one, other)]
    given = [each for item in items for each in item.assignments.all()]
    return Results(
        claimed=len(items),
        given=len(given),
        done=sum(each.judgement_id is not None for each in given),
        verdicts=dict(Counter(each for each in first.values() if each)),
        right=_share(found, items, first, (Verdict.YES,)),
        right_or_partly=_share(found, items, first, (Verdict.YES, Verdict.PARTLY)),
        by_unit=_lines(items, first, lambda item: (str(item.unit), item.unit.code) if item.unit else None),
        by_street=_lines(
            items, first, lambda item: (str(item.street), item.street.code) if item.street else None
        ),
        pairs=len(both),
        same=sum(one == other for one, other in both),
        kappa=cohen_kappa(both),
        alpha=krippendorff_alpha(both),
        ordinal_alpha=krippendorff_alpha(told, order=ORDER),
    )


def _verdict(item: Item, *, is_repeat: bool) -> str:
    found: Iterable[Assignment] = item.assignments.all()
    said = next((each.judgement for each in found if each.is_repeat == is_repeat), None)
    return said.verdict if said else ""


def _share(found: Round, items: Sequence[Item], first: dict[int, str], right: Sequence[str]) -> Estimate:
    asked: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for item in items:
        verdict = first[item.pk]
        if verdict and verdict != Verdict.CANNOT:
            asked[item.stratum] += 1
            hits[item.stratum] += verdict in right
    strata = found.frame.get("strata", {})
    return stratified(Stratum(count, asked[name], hits[name]) for name, (count, _drawn) in strata.items())


def _lines(
    items: Sequence[Item], first: dict[int, str], name_of: Callable[[Item], tuple[str, str] | None]
) -> list[Line]:
    judged: dict[tuple[str, str], list[str]] = defaultdict(list)
    for item in items:
        name, verdict = name_of(item), first[item.pk]
        if name and verdict and verdict != Verdict.CANNOT:
            judged[name].append(verdict)
    lines = []
    for (name_, code), verdicts in judged.items():
        right = verdicts.count(Verdict.YES)
        lines.append(Line(name_, code, len(verdicts), right, wilson(right, len(verdicts))))
    return sorted(lines, key=lambda line: (-line.judged, line.name))
