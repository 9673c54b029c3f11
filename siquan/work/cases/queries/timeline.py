"""What happened to a case, each event of the journal in a sentence that people read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from siquan.base.journal.models import By, Entry
from siquan.base.kernel.errors import BadInput, Words
from siquan.base.kernel.explanations import amount_words
from siquan.base.kernel.limits import Limit
from siquan.base.kernel.limits import Unit as Measure
from siquan.city.duties.models import Duty
from siquan.city.rules.models import Category, Clock
from siquan.city.units.models import Unit
from siquan.work.cases.models import Source

# Event → sentence; what stands in {braces} comes from the entry's details, put into words by `_Words`.
EVENTS: Final[Mapping[str, Words]] = {
    "case.reported": _("上报，来自{source}"),
    "case.filed": _("立案：{category}"),
    "case.rejected": pgettext_lazy("经过", "不予立案"),
    "case.not_same": _("看过：和案件 {other} 不是同一件"),
    "case.merged": _("并入案件 {into}"),
    "case.unmerged": _("撤销并案，从案件 {out_of} 分出"),
    "case.dispatched": _("派遣给{unit}"),
    "case.accepted": _("接收，开始处置"),
    "case.returned": _("退回中心，原派{unit}"),
    "case.reassigned": _("由{unit_was}改派给{unit}"),
    "case.assist_asked": _("请{unit}协办"),
    "case.assist_answered": _("{units}答复协办"),
    "case.extension_asked": _("申请延期{amount}"),
    "case.extension_granted": _("同意延期{amount}"),
    "case.extension_refused": pgettext_lazy("经过", "不同意延期"),
    "case.reporter_asked": _("请反映人补充，计时暂停"),
    "case.reporter_heard": _("不再等待补充，继续办理，计时恢复"),
    "case.suspended": _("挂账，最晚到{until}，计时暂停"),
    "case.resumed": _("解除挂账，计时恢复"),
    "case.supervised": pgettext_lazy("经过", "督办"),
    "case.reported_done": _("处置完成，等待核查"),
    "case.verified": _("现场核查通过"),
    "case.sent_back": _("核查不通过，返工"),
    "case.closed": pgettext_lazy("经过", "结案"),
    "case.reopened": pgettext_lazy("经过", "重新办理"),
    "case.voided": pgettext_lazy("经过", "作废"),
    "case.placed": _("确定位置"),
    "case.ticket_noted": _("来件说明"),
    "case.clock_recalculated": _("重新计算时限：由{was}改为{now}"),
    "case.unmasked": _("查看了反映人的联系方式"),
    "file.original_opened": _("查看了照片原图"),
    "file.withheld": _("不再显示一张照片"),
    "file.shown_again": _("恢复显示一张照片"),
    "file.covered": _("多遮挡照片里的地方"),
    "case.photo_doubted": _("有人说照片里有不该公开的内容"),
    "case.photo_left": _("看过照片，照常显示"),
    "case.commented": pgettext_lazy("经过", "留言"),
    "case.joined": _("又有人说：我也看到了"),
    "case.answered": _("补充了说明，计时恢复"),
    "case.said_solved": _("表示问题已解决"),
    "case.said_unsolved": _("表示问题没有解决"),
    "case.said_reopen_wish": pgettext_lazy("经过", "请求重新办理"),
    "case.called_back": _("电话回访：反映人说{solved}"),
    "case.call_back_taken_back": _("撤销刚才的回访记录"),
    "case.deadline_near": _("{clock}时限已用{percent}%"),
    "case.deadline_passed": _("{clock}时限已过"),
}
# What the reporter said when called back, as the journal writes it.
SOLVED: Final[Mapping[str, Words]] = {
    "yes": _("解决了"),
    "partly": _("解决了一部分"),
    "no": _("没有解决"),
}
UNKNOWN: Final = _("其他记录（{event}）")


@dataclass(frozen=True)
class Happening:
    """One line of the timeline: what, by whom (person and office), when, why."""

    event: str
    what: str
    who: str
    at: datetime
    why: str
    kind: str


def timeline_of(entries: Sequence[Entry], language: str) -> list[Happening]:
    """Return entries of a case as lines for people, in the same order."""
    words = _Words(entries, language)
    offices = offices_of({entry.by_id for entry in entries if entry.by_id})
    return [
        Happening(
            event=entry.event,
            what=words.sentence(entry),
            who=_who(entry, offices),
            at=entry.at,
            why=str(entry.details.get("note") or entry.details.get("reason") or ""),
            kind="system" if entry.by_kind == By.SYSTEM else "person",
        )
        for entry in entries
    ]


def offices_of(user_ids: Iterable[int]) -> dict[int, str]:
    """Return for each person the office they act for today: the unit, or else the role."""
    duties = Duty.objects.as_of(timezone.localdate()).filter(user_id__in=set(user_ids))
    offices: dict[int, str] = {}
    for duty in duties.select_related("unit", "division").order_by("id"):
        office = str(duty.unit) if duty.unit else _role_words(duty)
        offices.setdefault(duty.user_id, office)
    return offices


def _role_words(duty: Duty) -> str:
    role = duty.get_role_display()
    return f"{duty.division} {role}" if duty.division else str(role)


def _who(entry: Entry, offices: Mapping[int, str]) -> str:
    if entry.by_kind == By.RESIDENT:
        return gettext("居民")
    if entry.by is None:
        return gettext("系统")
    office = offices.get(entry.by_id or 0, "")
    return f"{office} · {entry.by}" if office else str(entry.by)


class _Words:
    """The details of entries in words; names of units and categories are read once for all of them."""

    def __init__(self, entries: Sequence[Entry], language: str) -> None:
        """Read the names that occur."""
        self.language = language
        ids = {int(key) for entry in entries for key in _unit_ids(entry.details)}
        self.units = {unit.pk: str(unit) for unit in Unit.objects.filter(pk__in=ids)} if ids else {}
        codes = {entry.details["category"] for entry in entries if entry.details.get("category")}
        # The newest pack's name of a code is good enough for a heading; the case keeps its own category.
        known = Category.objects.filter(code__in=codes).order_by("pack_id") if codes else []
        self.categories = {category.code: str(category) for category in known}

    def sentence(self, entry: Entry) -> str:
        """Return what happened; a detail that is not there leaves a dash, never an error."""
        told = {name: self.word(name, value, entry.details) for name, value in entry.details.items()}
        sentence = str(EVENTS.get(entry.event, UNKNOWN))
        return sentence.format_map(_Dashes(told | {"event": entry.event}))

    def word(self, name: str, value: Any, details: Mapping[str, Any]) -> str:
        """Return one detail as people say it."""
        speak = _SPEAK.get(name)
        return speak(self, value, details) if speak and value is not None else str(value)

    def unit(self, value: Any, details: Mapping[str, Any]) -> str:
        """Return a unit's name."""
        return self.units.get(value, "—")

    def unit_list(self, value: Any, details: Mapping[str, Any]) -> str:
        """Return several units' names."""
        return gettext("、").join(self.units.get(each, "—") for each in value)

    def category(self, value: Any, details: Mapping[str, Any]) -> str:
        """Return a category's name."""
        return self.categories.get(value, str(value))

    def amount(self, value: Any, details: Mapping[str, Any]) -> str:
        """Return an amount with its measure."""
        try:
            return amount_words(Limit(int(value), Measure(str(details.get("measure")))), self.language)
        except (ValueError, BadInput):
            return str(value)

    def source(self, value: Any, details: Mapping[str, Any]) -> str:
        """Return where a case came from."""
        return str(Source(value).label) if value in Source else str(value)

    def clock(self, value: Any, details: Mapping[str, Any]) -> str:
        """Return which step a time limit is for."""
        return str(Clock(value).label) if value in Clock else str(value)

    def solved(self, value: Any, details: Mapping[str, Any]) -> str:
        """Return what the reporter said of the result."""
        return str(SOLVED.get(str(value), "—"))

    def time(self, value: Any, details: Mapping[str, Any]) -> str:
        """Return a time of the day and hour."""
        at = parse_datetime(str(value))
        return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else "—"


_SPEAK: Final = {
    "unit": _Words.unit,
    "unit_was": _Words.unit,
    "units": _Words.unit_list,
    "category": _Words.category,
    "amount": _Words.amount,
    "was": _Words.time,
    "now": _Words.time,
    "source": _Words.source,
    "clock": _Words.clock,
    "solved": _Words.solved,
}


class _Dashes(dict[str, str]):
    """What is missing is a dash."""

    def __missing__(self, key: str) -> str:
        return "—"


def _unit_ids(details: Mapping[str, Any]) -> list[int]:
    single = [details.get("unit"), details.get("unit_was")]
    return [key for key in (*single, *details.get("units", ())) if isinstance(key, int)]
