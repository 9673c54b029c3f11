"""How the portal speaks of a case: in the words one would use across a counter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from siquan.base.kernel.errors import Words
from siquan.base.web.templatetags.web import day, moment
from siquan.work.cases.models import Case, CasePhoto, Purpose
from siquan.work.cases.queries import PublicAlike, PublicCase, Told
from siquan.work.cases.states import State

STEPS: Final = tuple(pgettext_lazy("portal", each) for each in ("收到", "立案", "处理", "核查", "结案"))
# How many of the five steps are behind us, and so which one is now.
STEP_OF: Final[Mapping[State, int]] = {
    State.REPORTED: 1,
    State.FILED: 2,
    State.DISPATCHED: 3,
    State.IN_HAND: 3,
    State.WAITING: 3,
    State.SUSPENDED: 3,
    State.HANDLED: 4,
    State.VERIFIED: 4,
    State.CLOSED: 6,
}

# What everybody may be told of how far a case is: shape and word.
STAGES: Final[Mapping[State, tuple[str, Words]]] = {
    State.REPORTED: ("plain", _("已收到")),
    State.FILED: ("plain", _("已立案")),
    State.DISPATCHED: ("plain", _("处理中")),
    State.IN_HAND: ("plain", _("处理中")),
    State.WAITING: ("plain", _("处理中")),
    State.SUSPENDED: ("plain", _("暂缓处理")),
    State.HANDLED: ("plain", _("核查中")),
    State.VERIFIED: ("plain", _("核查中")),
    State.CLOSED: ("good", _("已结案")),
    State.REJECTED: ("plain", _("未立案")),
    State.MERGED: ("plain", _("已合并办理")),
    State.VOID: ("plain", _("已撤销")),
}

HEADS: Final[Mapping[State, Words]] = {
    State.REPORTED: _("已经收到，正在看"),
    State.FILED: _("已经立案，正在安排谁来办"),
    State.DISPATCHED: _("已经交给{unit}"),
    State.IN_HAND: _("{unit}正在处理"),
    State.WAITING: _("想请您补充一点情况"),
    State.SUSPENDED: _("暂时办不了，先放一放"),
    State.HANDLED: _("{unit}说处理好了，等人到现场看"),
    State.VERIFIED: _("现场看过了，马上结案"),
    State.CLOSED: _("办完了"),
    State.REJECTED: _("这件事没有立案"),
    State.MERGED: _("和另一件事合在一起办"),
    State.VOID: _("这个案件已撤销"),
}
NEXTS: Final[Mapping[State, Words]] = {
    State.REPORTED: _("最晚{due}前，我们会决定是否立案。"),
    State.FILED: _("最晚{due}前会派给责任单位。"),
    State.DISPATCHED: _("最晚{due}前处理好，随后由另外的人到现场核查。"),
    State.IN_HAND: _("最晚{due}前处理好，随后由另外的人到现场核查。"),
    State.WAITING: _("您回答以前，时限不往下走。"),
    State.SUSPENDED: _("最晚{until}恢复处理，那时会接着算时限。"),
    State.HANDLED: _("最晚{due}前由没有参与处理的人到现场核查。"),
    State.VERIFIED: _("最晚{due}前结案。"),
    State.CLOSED: _("请您说一声：真的解决了吗？"),
    State.REJECTED: _("原因写在下面的经过里。不同意，可以请求重新办理。"),
    State.MERGED: _("已经有人报过同一件事，跟着那一件就行。"),
    State.VOID: _("原因写在下面的经过里。"),
}
LATE: Final = _("原定{due}前完成这一步，现在晚了。晚了的事排在中心清单的最前面。")

CENTRE: Final = _("受理中心")
YOU: Final = _("您")
CHECKER: Final = _("现场核查员")
# Event → what to say, and who did it: "unit" for the unit that has the case.
EVENTS: Final[Mapping[str, tuple[Words, Words | str]]] = {
    "case.reported": (_("报告了这件事"), YOU),
    "case.filed": (pgettext_lazy("portal", "立案"), CENTRE),
    "case.rejected": (_("没有立案"), CENTRE),
    "case.merged": (_("和案件 {into} 合在一起办"), CENTRE),
    "case.unmerged": (_("不再和别的案件合办"), CENTRE),
    "case.dispatched": (_("交给{unit}"), CENTRE),
    "case.reassigned": (_("改交{unit}"), CENTRE),
    "case.accepted": (_("接手，开始处理"), "unit"),
    "case.extension_granted": (_("同意多给一些时间"), CENTRE),
    "case.suspended": (_("暂缓处理"), CENTRE),
    "case.resumed": (_("恢复处理"), CENTRE),
    "case.reported_done": (_("说处理好了"), "unit"),
    "case.verified": (_("到现场看过，确实处理好了"), CHECKER),
    "case.sent_back": (_("到现场看过，还没有处理好，退回再办"), CHECKER),
    "case.closed": (pgettext_lazy("portal", "结案"), CENTRE),
    "case.reopened": (pgettext_lazy("portal", "重新办理"), CENTRE),
    "case.voided": (_("撤销了案件"), CENTRE),
    "reporter.comment": (pgettext_lazy("portal", "留言"), YOU),
    "reporter.answer": (_("补充了情况"), YOU),
    "reporter.solved": (_("说已经解决"), YOU),
    "reporter.unsolved": (_("说还没有解决"), YOU),
    "reporter.reopen_wish": (pgettext_lazy("portal", "请求重新办理"), YOU),
    "staff.comment": (_("给您留言"), CENTRE),
    "staff.question": (_("请您补充"), CENTRE),
}


@dataclass(frozen=True)
class Standing:
    """Where a case is: a headline, what happens next and when, and which of the five steps is now."""

    head: str
    next: str
    step: int
    is_late: bool
    kind: str


JOINED: Final[Mapping[State, Words]] = {
    State.CLOSED: _("办完了。还有问题，请另外上报。"),
    State.WAITING: _("正在等上报的人补充一点情况。"),
    State.REJECTED: _("受理中心决定不立案。"),
    State.VOID: _("这个案件不再办理。"),
}


def standing(case: Case, at: datetime, *, is_own: bool = True) -> Standing:
    """Return where a case is, in plain words; `is_own` for who reported it, not for who saw it too."""
    state = State(case.state)
    if not is_own and state in JOINED:
        head = str(_("等补充情况") if state is State.WAITING else HEADS[state])
        return Standing(head, str(JOINED[state]), STEP_OF.get(state, 0), is_late=False, kind=STAGES[state][0])
    unit = str(case.unit) if case.unit else pgettext("portal", "责任单位")
    late = bool(case.due_at and not case.is_paused and at > case.due_at)
    # {due} is only in the words of states whose clock runs.
    words = str(LATE if late else NEXTS[state])
    return Standing(
        head=str(HEADS[state]).format(unit=unit),
        next=words.format(due=_plain(case.due_at), until=_plain(case.suspended_until)),
        step=STEP_OF.get(state, 0),
        is_late=late,
        kind=STAGES[state][0],
    )


def _plain(at: datetime | None) -> str:
    if at is None:
        return "—"
    words: SafeString = moment(timezone.localtime(at))
    return words.split(">", 1)[1].split("<", 1)[0]


def timeline(told: Sequence[Told]) -> list[dict[str, Any]]:
    """Return what happened as lines of the timeline, the newest first."""
    return [_line(each) for each in reversed(told)]


def _line(told: Told) -> dict[str, Any]:
    what, who = EVENTS[told.event]
    unit = told.unit or pgettext("portal", "责任单位")
    line = {
        "what": str(what).format(unit=unit, into=told.into),
        "who": unit if who == "unit" else who,
        "at": told.at,
        "why": told.words,
    }
    return line | ({"url": reverse("portal:case", args=[told.into])} if told.into else {})


def photos(rows: Sequence[CasePhoto], caption: Callable[[Any], str] = moment) -> list[dict[str, Any]]:
    """Return photos as the grid shows them."""
    return [
        {
            "url": reverse("files:picture", args=[each.file.key]),
            "thumb_url": reverse("files:thumbnail", args=[each.file.key]),
            "alt": say("%(what)s，第%(n)d张") % {"what": each.get_purpose_display(), "n": number},
            "caption": caption(each.at),
            "when": caption(each.at),
            "at": each.at,
            "key": each.file.key,
            "is_shown": each.file.is_shown,
        }
        for number, each in enumerate(rows, start=1)
    ]


def public_pictures(rows: Sequence[CasePhoto]) -> dict[str, Any]:
    """Return the photos that everybody may see, with the day but not the hour."""
    own = [each for each in rows if each.purpose == Purpose.REPORT]
    later = [each for each in rows if each.purpose != Purpose.REPORT]
    return before_and_after(own, later, caption=lambda at: day(timezone.localdate(at)))


def before_and_after(
    before: Sequence[CasePhoto], later: Sequence[CasePhoto], caption: Callable[[Any], str] = moment
) -> dict[str, Any]:
    """Return the photos of a case: side by side when there is one of each, else in a grid."""
    own, after = photos(before, caption), photos(later, caption)
    pair = (own[0], after[-1]) if len(own) == 1 and len(after) == 1 else None
    return {"own": own, "after": after, "pair": pair}


def row(case: PublicCase) -> dict[str, Any]:
    """Return a public case as a line of a list."""
    kind, stage = STAGES[case.state]
    return {
        "case": case,
        "url": reverse("portal:case", args=[case.number]),
        "what": case.category or say("还没有分类"),
        "where": " · ".join(each for each in (case.street, case.block) if each) or say("地点待核实"),
        "kind": kind,
        "stage": stage,
    }


def alike(found: PublicAlike) -> dict[str, Any]:
    """Return a case that a report is possibly about as a line of a list."""
    return row(found.case) | {"why": found.why, "seen": found.seen}


def spoken(number: str) -> str:
    """Return a case number in the groups in which people say it: 26 0001234 9."""
    return f"{number[:2]} {number[2:9]} {number[9:]}"
