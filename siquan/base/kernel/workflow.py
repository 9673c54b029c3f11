"""The life of a thing as one table: which verb leads from which state to which."""

from collections.abc import Mapping
from enum import Enum
from typing import Final, TypeVar

from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import NotPossible, Words


class Previous(Enum):
    """A target that is not fixed: the state the thing was in before (unmerge, resume)."""

    PREVIOUS = "previous"


PREVIOUS: Final = Previous.PREVIOUS
S = TypeVar("S", bound=str)
Table = Mapping[S, Mapping[str, S | Previous]]


def verbs(table: Table[S]) -> list[str]:
    """Return every verb of the table once, in the order in which a life meets them."""
    return list(dict.fromkeys(verb for row in table.values() for verb in row))


def next_state(
    table: Table[S], state: S, verb: str, previous: S | None = None, labels: Mapping[str, Words] | None = None
) -> S:
    """Return the state that `verb` leads to.

    `previous` is the state before this one, needed where the table says PREVIOUS; `labels` are the verbs'
    words for people. Raises NotPossible, which names the verb, the state and what is possible now.
    """
    row = table.get(state, {})
    target = row.get(verb)
    if isinstance(target, Previous):
        target = previous
    if target is not None:
        return target
    named = next((each for each in table if each == state), state)  # a state read as plain text has no label
    possible = [each for each in row if each != verb]
    words = {each: (labels or {}).get(each, each) for each in (verb, *possible)}
    ask = _("“{state}”状态下不能“{verb}”。现在可以：{possible}。")
    raise NotPossible(
        format_lazy(
            ask if possible else _("“{state}”状态下不能“{verb}”，已经没有下一步。"),
            state=getattr(named, "label", state),
            verb=words[verb],
            possible=_listed(*(words[each] for each in possible)),
        ),
        verb=verb,
        state=state,
        possible=possible,
    )


def check(table: Table[S], *, start: S, final: frozenset[S]) -> list[str]:
    """Return the faults of the table: none when each state is reached and can still come to an end."""
    steps = {
        state: {to for to in row.values() if not isinstance(to, Previous)} for state, row in table.items()
    }
    faults = [f"{to} is a target without a row" for to in sorted(set().union(*steps.values()) - set(table))]
    reached = {start}
    while more := set().union(*(steps.get(state, set()) for state in reached)) - reached:
        reached |= more
    faults += [f"{state} is never reached from {start}" for state in table if state not in reached]
    goes_back = {state for state, row in table.items() if PREVIOUS in row.values()}
    ends = set(final) | goes_back
    while more := {state for state in table if state not in ends and steps[state] & ends}:
        ends |= more
    return faults + [f"{state} is a dead end" for state in table if state not in ends]


def _join(*words: Words) -> str:
    """Return words as a list in the active language."""
    return gettext("、").join(str(word) for word in words)


_listed = lazy(_join, str)
