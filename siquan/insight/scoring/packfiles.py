"""Read a formula pack (one YAML file) and say everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Final

import yaml
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.errors import BadInput, Words
from siquan.insight.scoring.conditions import ALWAYS, Condition, Unusable, parse
from siquan.insight.scoring.formulas import (
    PUBLIC,
    RATES,
    WINDOWS,
    Exclusion,
    Formula,
    Ground,
    Named,
    RateRule,
    Seen,
    Step,
)
from siquan.insight.scoring.outcomes import Outcome

MOST_BYTES: Final = 256 * 1024
MOST_POINTS: Final = 1000
KEYS: Final = frozenset(
    ("name", "version", "title", "note", "source", "valid_from", "window", "counts", "exclusions", "rates")
    + ("composite", "ranking", "appeals", "public", "seen", "examples")
)


@dataclass(frozen=True)
class Fault:
    """Something wrong in the pack: where, and what."""

    where: str
    message: Words

    def __str__(self) -> str:
        """Return where: what."""
        return f"{self.where}: {self.message}"


class FaultyFormula(BadInput):
    """The pack has errors; `faults` are all that was found."""

    code = "faulty-pack"

    def __init__(self, faults: list[Fault]) -> None:
        """Keep the faults; the words list them."""
        self.faults = faults
        listed = "\n".join(map(str, faults[:20]))
        words = _("公式包有 {count} 处错误，没有装入：\n{faults}")
        super().__init__(format_lazy(words, count=len(faults), faults=listed), field="pack")


class _Loader(yaml.SafeLoader):
    """YAML without references, in which only true and false are yes and no: `solved: no` stays a word."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Refuse references: one kilobyte of them can mean gigabytes."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="references (&, *) are not used here")
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if first in "tTfF" or tag != "tag:yaml.org,2002:bool"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass
class _Reading:
    """A pack being read; faults are gathered, not raised."""

    faults: list[Fault] = field(default_factory=list)

    def fault(self, where: str, message: Words) -> None:
        self.faults.append(Fault(where, message))

    def text(self, given: Any, where: str, longest: int = 300, *, required: bool = True) -> str:
        value = str(given) if isinstance(given, str | int | float | date) else ""
        if (required and not value.strip()) or len(value) > longest or "\0" in value:
            self.fault(where, format_lazy(_("这里要文字，最多 {most} 字。"), most=longest))
        return value.strip()[:longest]

    def named(self, given: Any, where: str, *, required: bool = True, longest: int = 300) -> Named:
        if isinstance(given, Mapping):
            zh = self.text(given.get("zh"), f"{where}.zh", longest, required=required)
            return Named(zh, self.text(given.get("en", ""), f"{where}.en", longest, required=False))
        return Named(self.text(given, where, longest, required=required))

    def number(self, given: Any, where: str, least: int, most: int) -> int:
        if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
            self.fault(where, format_lazy(_("这里要 {least} 到 {most} 的整数。"), least=least, most=most))
            return least
        return given

    def one_of(self, given: Any, where: str, allowed: tuple[str, ...]) -> str:
        if given not in allowed:
            self.fault(where, format_lazy(_("只能是：{allowed}。"), allowed=_("、").join(allowed)))
            return allowed[0]
        return str(given)

    def condition(self, given: Any, where: str) -> Condition:
        try:
            return parse(given, where)
        except Unusable as error:
            self.fault(error.where, error.why)
            return ALWAYS

    def mapping(self, given: Any, where: str, known: frozenset[str] | None = None) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            self.fault(where, _("这里应是“键: 值”的形式。"))
            return {}
        for key in given if known is not None else ():
            if key not in (known or ()):
                self.fault(f"{where}.{key}".strip("."), _("没有这一项，请核对拼写。"))
        return {str(key): value for key, value in given.items()}

    def rows(self, given: Any, where: str) -> list[tuple[str, dict[str, Any]]]:
        if given is None:
            return []
        if not isinstance(given, list) or len(given) > 200:
            self.fault(where, _("这里应是一张列表。"))
            return []
        return [(f"{where}[{n}]", self.mapping(each, f"{where}[{n}]")) for n, each in enumerate(given, 1)]


def read_formula(content: bytes) -> tuple[Formula | None, list[Fault]]:
    """Return the formula of a file and everything wrong with it; no formula when it cannot be read at all."""
    reading = _Reading()
    try:
        given = yaml.load(content[: MOST_BYTES + 1].decode("utf-8-sig"), Loader=_Loader)  # noqa: S506 - safe
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"formula.yaml:{mark.line + 1}" if mark else "formula.yaml"
        return None, [Fault(where, _("不是正确的 YAML（UTF-8）。"))]
    if len(content) > MOST_BYTES or not isinstance(given, Mapping):
        return None, [Fault("formula.yaml", _("这个文件应当是“键: 值”的形式，不超过 256 KB。"))]
    formula = _formula(reading, reading.mapping(given, "", KEYS))
    if not reading.faults:
        _try_examples(reading, formula, given.get("examples"))
    return formula, reading.faults


def checked(content: bytes) -> Formula:
    """Return the formula of a file. Raises FaultyFormula."""
    formula, faults = read_formula(content)
    if formula is None or faults:
        raise FaultyFormula(faults)
    return formula


def digest_of(content: bytes) -> str:
    """Return the identity of a file's content."""
    return sha256(content).hexdigest()


def _formula(r: _Reading, given: dict[str, Any]) -> Formula:
    valid_from = given.get("valid_from")
    if not isinstance(valid_from, date):
        r.fault("valid_from", _("请写成 2026-01-01。"))
        valid_from = date(2000, 1, 1)
    ranking = r.mapping(given.get("ranking", {}), "ranking", frozenset({"confidence", "least"}))
    appeals = r.mapping(given.get("appeals", {}), "appeals", frozenset({"days", "revision"}))
    revision = r.mapping(appeals.get("revision", {}), "appeals.revision", frozenset({"days", "grounds"}))
    return Formula(
        name=r.text(given.get("name"), "name", 60),
        version=r.text(given.get("version"), "version", 30),
        title=r.named(given.get("title"), "title", longest=120),
        note=r.named(given.get("note", ""), "note", required=False, longest=2000),
        source=r.text(given.get("source"), "source"),
        valid_from=valid_from,
        window=r.one_of(given.get("window", "closed"), "window", WINDOWS),
        counts=r.condition(given.get("counts", {}), "counts"),
        exclusions=_exclusions(r, given.get("exclusions")),
        rates=_rates(r, given.get("rates")),
        composite=_composite(r, given.get("composite", {})),
        confidence=r.number(ranking.get("confidence", 95), "ranking.confidence", 50, 99),
        least=r.number(ranking.get("least", 30), "ranking.least", 1, 100_000),
        appeal_days=r.number(appeals.get("days", 15), "appeals.days", 1, 3650),
        revision_days=r.number(revision.get("days", 0), "appeals.revision.days", 0, 3650),
        revision_grounds=_grounds(r, revision.get("grounds")),
        public=r.one_of(given.get("public", "none"), "public", PUBLIC),
        seen=tuple(
            Seen(r.text(row.get("text"), f"{at}.text", 1000), r.text(row.get("source"), f"{at}.source"))
            for at, row in r.rows(given.get("seen"), "seen")
        ),
    )


def _exclusions(r: _Reading, given: Any) -> tuple[Exclusion, ...]:
    found = []
    for at, row in r.rows(given, "exclusions"):
        when = r.condition(row["when"], f"{at}.when") if "when" in row else None
        may_appeal = row.get("appeal") is True
        if when is None and not may_appeal:
            r.fault(at, _("每条不计入的理由要么写 when，要么写 appeal: true。"))
        code = _code(r, row, at)
        title = r.named(row.get("title"), f"{at}.title")
        found.append(Exclusion(code, title, when, may_appeal, r.text(row.get("source"), f"{at}.source")))
    _once(r, "exclusions", [each.code for each in found])
    return tuple(found)


def _grounds(r: _Reading, given: Any) -> tuple[Ground, ...]:
    at = "appeals.revision.grounds"
    found = [
        Ground(
            _code(r, row, where),
            r.named(row.get("title"), f"{where}.title"),
            r.text(row.get("source"), f"{where}.source"),
        )
        for where, row in r.rows(given, at)
    ]
    _once(r, at, [each.code for each in found])
    return tuple(found)


def _code(r: _Reading, row: dict[str, Any], at: str) -> str:
    code = r.text(row.get("code"), f"{at}.code", 30)
    if not code.replace("-", "").isalnum() or not code.isascii():
        r.fault(f"{at}.code", _("编码只用小写字母、数字和连字符。"))
    return code


def _once(r: _Reading, at: str, codes: list[str]) -> None:
    for code in {code for code in codes if codes.count(code) > 1}:
        r.fault(at, format_lazy(_("编码“{code}”出现了两次。"), code=code))


def _rates(r: _Reading, given: Any) -> dict[str, RateRule]:
    rows = r.mapping(given, "rates")
    for code in rows:
        if code not in RATES:
            words = _("这里只有热线三率：{rates}。物业三率是另一回事，不在这里计算。")
            r.fault(f"rates.{code}", format_lazy(words, rates=_("、").join(RATES)))
    for code in RATES:
        if code not in rows:
            r.fault(f"rates.{code}", _("缺少这一率。"))
    return {code: _rate(r, code, rows[code]) for code in RATES if code in rows}


def _rate(r: _Reading, code: str, given: Any) -> RateRule:
    at = f"rates.{code}"
    row = r.mapping(given, at, frozenset({"title", "of", "points", "full", "source"}))
    full = r.number(row.get("full", 1), f"{at}.full", 1, MOST_POINTS)
    steps = tuple(
        Step(r.condition(step.get("when"), f"{where}.when"), r.number(step.get("points"), where, 0, full))
        for where, step in r.rows(row.get("points"), f"{at}.points")
    )
    if not steps:
        r.fault(f"{at}.points", _("至少写一步：when 和 points。"))
    return RateRule(
        code,
        r.named(row.get("title"), f"{at}.title"),
        r.condition(row.get("of", {}), f"{at}.of"),
        steps,
        full,
        r.text(row.get("source"), f"{at}.source"),
    )


def _composite(r: _Reading, given: Any) -> dict[str, int]:
    rows = r.mapping(given, "composite", frozenset(RATES))
    return {
        code: weight
        for code in RATES
        if code in rows and (weight := r.number(rows[code], f"composite.{code}", 0, 1000))
    }


def _try_examples(r: _Reading, formula: Formula, given: Any) -> None:
    """Judge the pack's own examples: each says its facts and how it must count, as points or a reason."""
    for at, row in r.rows(given, "examples"):
        facts = row.get("facts")
        known = {name for name in Outcome.__dataclass_fields__}
        if not isinstance(facts, Mapping) or set(facts) - known:
            r.fault(f"{at}.facts", _("这里要事实，名称见文档。"))
            continue
        found = {each.rate: each.reason or each.points for each in formula.judge(Outcome(**facts))}
        wanted = row.get("counts", {})
        if found != wanted:
            words = _("与所写的不符：写的是 {wanted}，算出来是 {found}。")
            r.fault(at, format_lazy(words, wanted=wanted, found=found))
