"""Conditions over the facts of a case: written as YAML, judged in Python, in SQL and in words alike.

Nothing is ever evaluated as code. What is not known fits no condition; `none` of unknown is true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy, pgettext
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import Words
from siquan.insight.scoring.outcomes import FACTS, Kind, Outcome

JOINS: Final = ("all", "any", "none")
COMPARABLE: Final = {("at_least", Kind.NUMBER), ("at_most", Kind.NUMBER), ("starts", Kind.TEXT)}
MOST_PARTS: Final = 200
DEEPEST: Final = 8
LARGEST: Final = 1_000_000


class Unusable(Exception):
    """The condition cannot be used; says where and why."""

    def __init__(self, where: str, why: Words) -> None:
        super().__init__(where, why)
        self.where, self.why = where, why


@dataclass(frozen=True)
class Test:
    """One fact compared: `is` one of the values, `at_least`, `at_most`, `starts`, or `known`."""

    fact: str
    how: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Join:
    """Several conditions at once: `all` of them, `any` of them, or `none` of them."""

    how: str
    parts: tuple[Condition, ...]


Condition = Test | Join
ALWAYS: Final = Join("all", ())


def parse(given: Any, where: str, depth: int = 0) -> Condition:
    """Return the condition that YAML describes. Raises Unusable."""
    if depth > DEEPEST:
        raise Unusable(where, _("条件套得太深。"))
    if not isinstance(given, Mapping) or len(given) > MOST_PARTS:
        raise Unusable(where, _("条件应写成“事实: 值”，或 all、any、none。"))
    parts = [part for name, value in given.items() for part in _parts(str(name), value, where, depth)]
    return parts[0] if len(parts) == 1 else Join("all", tuple(parts))


def _parts(name: str, value: Any, where: str, depth: int) -> Iterator[Condition]:
    here = f"{where}.{name}"
    if name in JOINS:
        if not isinstance(value, Sequence) or isinstance(value, str) or not 0 < len(value) <= MOST_PARTS:
            raise Unusable(here, _("这里要一列条件。"))
        inner = (parse(each, f"{here}[{number}]", depth + 1) for number, each in enumerate(value, 1))
        yield Join(name, tuple(inner))
    elif name in FACTS:
        yield from _tests(name, value, here)
    else:
        known = _("、").join(FACTS)
        raise Unusable(
            here, format_lazy(_("没有“{name}”这个事实。可用的有：{known}。"), name=name, known=known)
        )


def _tests(fact: str, value: Any, where: str) -> Iterator[Condition]:
    if not isinstance(value, Mapping):
        yield Test(fact, "is", _values(fact, value, where))
        return
    for how, wanted in value.items():
        here = f"{where}.{how}"
        if how == "not":
            yield Join("none", (Test(fact, "is", _values(fact, wanted, here)),))
        elif how == "known" and isinstance(wanted, bool):
            known = Test(fact, "known", ())
            yield known if wanted else Join("none", (known,))
        elif (how, FACTS[fact].kind) in COMPARABLE:
            yield Test(fact, how, (_value(fact, wanted, here),))
        else:
            raise Unusable(here, _("这个事实不能这样比较。"))


def _values(fact: str, value: Any, where: str) -> tuple[Any, ...]:
    listed = value if isinstance(value, list) else [value]
    if not 0 < len(listed) <= MOST_PARTS:
        raise Unusable(where, _("这里要一个或几个值。"))
    return tuple(_value(fact, each, where) for each in listed)


def _value(fact: str, value: Any, where: str) -> Any:
    known = FACTS[fact]
    fits = {
        Kind.YES_NO: isinstance(value, bool),
        Kind.NUMBER: isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST,
        Kind.TEXT: isinstance(value, str) and 0 < len(value) <= 60 and "\0" not in value,
    }[known.kind]
    if not fits or (known.choices and value not in dict(known.choices)):
        allowed = _("、").join(code for code, _words in known.choices) or known.kind.value
        raise Unusable(where, format_lazy(_("这个值用不了，应是：{allowed}。"), allowed=allowed))
    return value


def holds(condition: Condition, outcome: Outcome) -> bool:
    """Tell whether an outcome fits."""
    if isinstance(condition, Join):
        found = (holds(part, outcome) for part in condition.parts)
        return all(found) if condition.how == "all" else any(found) == (condition.how == "any")
    value = getattr(outcome, condition.fact)
    return value is not None and _COMPARE[condition.how](value, condition.values)


_COMPARE: Final[Mapping[str, Callable[[Any, tuple[Any, ...]], bool]]] = {
    "is": lambda value, wanted: value in wanted,
    "at_least": lambda value, wanted: value >= wanted[0],
    "at_most": lambda value, wanted: value <= wanted[0],
    "starts": lambda value, wanted: value.startswith(wanted[0]),
    "known": lambda _value, _wanted: True,
}


def as_sql(condition: Condition) -> tuple[str, list[Any]]:
    """Return the condition over the columns of `f`, never null, with its parameters.

    Names of facts come from our own list; every value is a parameter.
    """
    if isinstance(condition, Join):
        inner = [as_sql(part) for part in condition.parts]
        word = " and " if condition.how == "all" else " or "
        text = word.join(text for text, _values in inner) or ("true" if condition.how == "all" else "false")
        return f"{'not ' if condition.how == 'none' else ''}({text})", [v for _t, vs in inner for v in vs]
    wanted = list(condition.values)
    text = _SQL[condition.how].format(column=f"f.{condition.fact}")
    return text, [wanted] if condition.how == "is" else wanted


_SQL: Final = {
    "is": "coalesce({column} = any(%s), false)",
    "at_least": "coalesce({column} >= %s, false)",
    "at_most": "coalesce({column} <= %s, false)",
    "starts": "coalesce(starts_with({column}, %s), false)",
    "known": "({column} is not null)",
}


def facts_in(condition: Condition) -> set[str]:
    """Return the facts a condition asks for."""
    if isinstance(condition, Join):
        return set().union(*(facts_in(part) for part in condition.parts))
    return {condition.fact}


def in_words(condition: Condition) -> str:
    """Return the condition as people read it, in the active language."""
    if isinstance(condition, Join):
        return _joined(condition)
    fact = FACTS[condition.fact]
    said = [str(dict(fact.choices).get(value, value)) for value in condition.values]
    if fact.kind is Kind.YES_NO and condition.how == "is":
        return (
            str(fact.words)
            if condition.values == (True,)
            else gettext("并非“%(fact)s”") % {"fact": fact.words}
        )
    gaps = {"fact": fact.words, "value": pgettext("条件", "或").join(said)}
    return str(_WORDS[condition.how]) % gaps


def _joined(condition: Join) -> str:
    parts = [
        gettext("（%(what)s）") % {"what": in_words(part)}
        if isinstance(part, Join) and len(part.parts) > 1
        else in_words(part)
        for part in condition.parts
    ]
    if not parts:
        return pgettext("条件", "不限")
    if condition.how == "none":
        return gettext("不是：%(what)s") % {"what": pgettext("条件", "，也不是：").join(parts)}
    return (pgettext("条件", "，并且") if condition.how == "all" else pgettext("条件", "，或者")).join(parts)


_WORDS: Final = {
    "is": gettext_lazy("%(fact)s为%(value)s"),
    "at_least": gettext_lazy("%(fact)s不少于 %(value)s"),
    "at_most": gettext_lazy("%(fact)s不多于 %(value)s"),
    "starts": gettext_lazy("%(fact)s以 %(value)s 开头"),
    "known": gettext_lazy("“%(fact)s”有答案"),
}
