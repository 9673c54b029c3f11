"""What a formula may ask about a case: a closed list of facts, each with its kind and its words."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from siquan.base.kernel.errors import Words


class Kind(StrEnum):
    """What a fact's value is."""

    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes-no"


@dataclass(frozen=True)
class Fact:
    """A fact by which formulas judge; `choices` are the only values it has, none means any."""

    kind: Kind
    words: Words
    choices: tuple[tuple[str, Words], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case came out, as known at one time; None is what nobody knows."""

    source: str = ""
    category: str = ""
    closed: bool = False
    handled_in_time: bool | None = None
    accepted_minutes: int | None = None
    reopened: bool = False
    taken_up_again: bool = False
    asked: bool = False
    reached: bool = False
    contacted: bool | None = None
    solved: str | None = None
    satisfied: int | None = None


FACTS: Final[dict[str, Fact]] = {
    "source": Fact(
        Kind.TEXT,
        pgettext_lazy("事实", "来源"),
        (
            ("snapshot", _("随手拍")),
            ("hotline", _("12345热线")),
            ("grid", _("网格巡查")),
            ("finding", _("实地检查")),
        ),
    ),
    "category": Fact(Kind.TEXT, pgettext_lazy("事实", "类别编码")),
    "closed": Fact(Kind.YES_NO, pgettext_lazy("事实", "已结案")),
    "handled_in_time": Fact(Kind.YES_NO, _("在处置时限内办完")),
    "accepted_minutes": Fact(Kind.NUMBER, _("派遣后到接收用的分钟数")),
    "reopened": Fact(Kind.YES_NO, _("结案前重新办理过")),
    "taken_up_again": Fact(Kind.YES_NO, _("结案后又重新办理")),
    "asked": Fact(Kind.YES_NO, _("按方案问过反映人")),
    "reached": Fact(Kind.YES_NO, _("反映人答复了回访")),
    "contacted": Fact(Kind.YES_NO, _("反映人说承办单位联系过")),
    "solved": Fact(
        Kind.TEXT,
        _("反映人说是否解决"),
        (
            ("yes", pgettext_lazy("回访", "解决了")),
            ("partly", pgettext_lazy("回访", "部分解决")),
            ("no", pgettext_lazy("回访", "没有解决")),
        ),
    ),
    "satisfied": Fact(Kind.NUMBER, _("满意程度（1 到 5）")),
}
assert list(FACTS) == [each.name for each in fields(Outcome)]
