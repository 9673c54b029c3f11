"""Lead a round: commit to a seed, draw by it, hand the cases out, publish what was said."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel import draws, replays
from siquan.base.kernel.errors import BadInput, NotFound, NotPossible
from siquan.base.kernel.localtime import SHANGHAI
from siquan.base.kernel.permissions import require
from siquan.base.kernel.workflow import next_state
from siquan.city.duties.models import Role
from siquan.city.duties.queries import people_with
from siquan.work.cases.models import Case, CasePhoto
from siquan.work.evaluations.models import AFTER, BEFORE, Assignment, Item, Round, RoundMembers
from siquan.work.evaluations.permissions import RULES, is_outsider
from siquan.work.evaluations.queries.replays import rule_of
from siquan.work.evaluations.states import EVENTS, TRANSITIONS, VERBS, State

LARGEST = 5000


@transaction.atomic
def announce_round(
    *,
    by: User | None,
    at: datetime,
    title: str,
    first: date,
    last: date,
    size: int,
    repeats: int,
    due_on: date,
    seed: str = "",
) -> Round:
    """Announce a round and publish the fingerprint of its seed; the seed itself follows with the draw.

    `by` is None for the installation itself. Raises PermissionDenied, BadInput.
    """
    if by is not None:
        require(RULES, "announce", by, None)
    if not title.strip():
        raise BadInput(_("请写一个名称。"), field="title")
    if last < first:
        raise BadInput(_("结束的一天不能早于开始的一天。"), field="last")
    if not 1 <= size <= LARGEST:
        raise BadInput(_("样本量须在1到5000之间。"), field="size")
    if not 0 <= repeats <= size:
        raise BadInput(_("重复评价的件数不能多于样本量。"), field="repeats")
    seed = seed or draws.new_seed()
    made = Round.objects.create(
        title=title.strip()[:100],
        first=first,
        last=last,
        size=size,
        repeats=repeats,
        due_on=due_on,
        seed=seed,
        commitment=draws.commitment(seed),
        announced_at=at,
        announced_by=by,
    )
    journal.write(
        EVENTS["announce"], about=made, by=by, at=at, commitment=made.commitment, size=size, repeats=repeats,
        first=first.isoformat(), last=last.isoformat(),
    )  # fmt: skip
    return made


def lock_round(round_id: int, verb: str, *, by: User | None) -> Round:
    """Lock a round, ask the rule and take the step. Raises NotFound, PermissionDenied, NotPossible."""
    found = Round.objects.select_for_update(of=("self",)).filter(pk=round_id).first()
    if found is None:
        raise NotFound
    if by is not None and verb != "judge":  # who judges is a question of the assignment
        require(RULES, verb, by, found)
    found.state = next_state(TRANSITIONS, State(found.state), verb, labels=VERBS)
    return found


@transaction.atomic
def draw_round(round_id: int, *, by: User | None, at: datetime) -> Round:
    """Draw the cases by the seed that was committed to, publish it, and hand the cases out.

    Only cases with photos before and after can be judged; strata are streets, in proportion to their cases.
    Raises NotFound, PermissionDenied, NotPossible.
    """
    found = lock_round(round_id, "draw", by=by)
    if found.last >= timezone.localdate(at):
        raise NotPossible(_("这段时间还没有过完，过完了才能抽样。"), verb="draw")
    evaluators = [each for each in people_with(Role.EVALUATOR) if is_outsider(each)]
    if len(evaluators) < (2 if found.repeats else 1):
        raise NotPossible(_("外部评价员不够：重复评价至少要两个人。请先登记职责。"), verb="draw")
    cases, closed = frame_of(found)
    if not cases:
        raise NotPossible(_("这段时间没有处置前后照片齐全的已结案件。"), verb="draw")
    strata: dict[str, list[str]] = defaultdict(list)
    for number, case in cases.items():
        strata[case.street.code if case.street else "-"].append(number)
    listed = {name: sorted(each) for name, each in strata.items()}
    members = RoundMembers.objects.create(round=found, members=listed, sha256=replays.digest_of(listed))
    chosen = draws.drawn(found.seed, strata, rule_of(found).sizes(listed))
    found.frame = {
        "closed": closed,
        "strata": {name: [len(each), len(chosen[name])] for name, each in sorted(strata.items())},
    }
    found.drawn_at = at
    found.save(update_fields=["state", "frame", "drawn_at"])
    _hand_out(found, cases, chosen, evaluators)
    journal.write(
        EVENTS["draw"], about=found, by=by, at=at, seed=found.seed, frame=found.frame,
        commitment=found.commitment, members_sha256=members.sha256,
    )  # fmt: skip
    return found


def frame_of(found: Round) -> tuple[dict[str, Case], int]:
    """Return the closed cases of the round's time that can be judged, by number, and how many were closed."""
    begins = datetime.combine(found.first, time(0), tzinfo=SHANGHAI)
    ends = datetime.combine(found.last, time(0), tzinfo=SHANGHAI) + timedelta(days=1)
    closed = Case.objects.filter(closed_at__gte=begins, closed_at__lt=ends)
    before = CasePhoto.objects.filter(case=OuterRef("pk"), purpose__in=BEFORE)
    after = CasePhoto.objects.filter(case=OuterRef("pk"), purpose__in=AFTER)
    seen = closed.filter(Exists(before), Exists(after)).select_related("street").defer("street__boundary")
    return {case.number: case for case in seen}, closed.count()


def _hand_out(
    found: Round, cases: dict[str, Case], chosen: dict[str, list[str]], evaluators: list[User]
) -> None:
    """Give each case to one evaluator, some to a second one who does not know of the first."""
    listed = [(number, name) for name, numbers in chosen.items() for number in numbers]
    stratum_of = dict(listed)
    order = draws.ranked(f"{found.seed}:order", stratum_of)
    items = Item.objects.bulk_create(
        Item(
            round=found,
            case=cases[number],
            position=position,
            stratum=stratum_of[number],
            unit_id=cases[number].unit_id,
            street_id=cases[number].street_id,
            claimed_at=cases[number].closed_at or found.announced_at,
        )
        for position, number in enumerate(order, start=1)
    )
    again = set(draws.ranked(f"{found.seed}:again", stratum_of)[: found.repeats])
    given = []
    for place, item in enumerate(items):
        given.append(Assignment(item=item, evaluator=evaluators[place % len(evaluators)]))
        if item.case.number in again:
            other = evaluators[(place + 1) % len(evaluators)]
            given.append(Assignment(item=item, evaluator=other, is_repeat=True))
    Assignment.objects.bulk_create(given)


@transaction.atomic
def cancel_round(round_id: int, *, by: User | None, at: datetime) -> Round:
    """Cancel a round that was not drawn. Raises NotFound, PermissionDenied, NotPossible."""
    found = lock_round(round_id, "cancel", by=by)
    found.save(update_fields=["state"])
    journal.write(EVENTS["cancel"], about=found, by=by, at=at)
    return found


@transaction.atomic
def close_round(round_id: int, *, by: User | None, at: datetime) -> Round:
    """End the judging and publish what was said. Raises NotFound, PermissionDenied, NotPossible."""
    found = lock_round(round_id, "close", by=by)
    found.closed_at = at
    found.save(update_fields=["state", "closed_at"])
    judged = Assignment.objects.filter(item__round=found, judgement__isnull=False).count()
    journal.write(EVENTS["close"], about=found, by=by, at=at, judged=judged)
    return found
