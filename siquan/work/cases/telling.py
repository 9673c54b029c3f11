"""Whom each event of a case is told to, in which words; by notices that never tell anything twice.

What only waits in somebody's "My work" is not told again: a notice is for what would otherwise be missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.journal.models import Entry
from siquan.base.kernel.checkdigits import spoken
from siquan.base.kernel.errors import Words
from siquan.base.kernel.masking import dialled
from siquan.base.notices import services as notices
from siquan.base.notices.models import Channel
from siquan.city.duties.models import Role
from siquan.city.duties.queries import acts_for, people_with
from siquan.city.rules.models import Clock
from siquan.city.units.models import Unit
from siquan.work.cases.joiners import Joiner
from siquan.work.cases.models import Case, Reporter
from siquan.work.cases.permissions import divisions_of

To = User | notices.Address
Audience = Callable[[Case, Entry], Iterable[To]]


def unit_staff(case: Case, entry: Entry) -> Iterable[To]:
    """Return the clerks of the unit that answers for the case."""
    return people_with(Role.UNIT_CLERK, unit_id=case.unit_id) if case.unit_id else ()


def assisting_staff(case: Case, entry: Entry) -> Iterable[To]:
    """Return the clerks of the unit that was asked to assist."""
    return people_with(Role.UNIT_CLERK, unit_id=entry.details["unit"])


def dispatchers(case: Case, entry: Entry) -> Iterable[To]:
    """Return who dispatches at the centre."""
    return people_with(Role.DISPATCHER)


def leads(case: Case, entry: Entry) -> Iterable[To]:
    """Return who leads the centre."""
    return people_with(Role.CENTRE_LEAD)


def checkers(case: Case, entry: Entry) -> Iterable[To]:
    """Return who may verify the case: checkers of its place who have not handled it."""
    found = people_with(Role.CHECKER, division_ids=divisions_of(case)).exclude(pk__in=case.handler_ids)
    return [each for each in found if not acts_for(each, unit_id=case.unit_id)]


def those_in_charge(case: Case, entry: Entry) -> Iterable[To]:
    """Return for whom the clock of the entry runs."""
    by_clock = {Clock.FILING: dispatchers, Clock.HANDLING: unit_staff, Clock.VERIFICATION: checkers}
    return by_clock[Clock(entry.details["clock"])](case, entry)


def those_in_charge_and_leads(case: Case, entry: Entry) -> Iterable[To]:
    """Return for whom the clock runs, and the leads of the centre."""
    return [*those_in_charge(case, entry), *leads(case, entry)]


def reporter(case: Case, entry: Entry) -> Iterable[To]:
    """Return the reporter's number, if there is one that can take a message."""
    phone = Reporter.objects.filter(case=case).values_list("phone", flat=True).first() or ""
    digits = dialled(phone)
    return [notices.Address(Channel.SMS, digits)] if len(digits) == 11 and digits[0] == "1" else []


@dataclass(frozen=True)
class Told:
    """One notice: to whom, in which words, by which channels beside their inbox."""

    to: Audience
    title: Words
    text: Words = ""
    channels: tuple[str, ...] = (Channel.INBOX,)
    many: Many | None = None


@dataclass(frozen=True)
class Many:
    """More than a few notices told as one: words with `{count}`, and the filters of the list it leads to."""

    title: Words
    query: str


MAIL: Final = (Channel.INBOX, Channel.EMAIL)
WHAT_AND_WHERE: Final = _("{category}，{street}。处置时限：{due}。")
WHERE: Final = _("{category}，{street}。")
TO_ACCEPT: Final = Many(_("{count}件案件已派给贵单位，请接收"), "state=dispatched")
SOON_DUE: Final = Many(_("{count}件案件快到时限了"), "state=open&due=week&order=due")
OVERDUE: Final = Many(_("{count}件案件已超过时限"), "due=overdue")

TOLD: Final[dict[str, tuple[Told, ...]]] = {
    "case.dispatched": (
        Told(unit_staff, _("案件 {number} 已派给贵单位，请接收"), WHAT_AND_WHERE, MAIL, TO_ACCEPT),
    ),
    "case.reassigned": (Told(unit_staff, _("案件 {number} 已改派给贵单位，请接收"), WHAT_AND_WHERE, MAIL),),
    "case.returned": (Told(dispatchers, _("{unit} 把案件 {number} 退回中心，请重新派遣")),),
    "case.assist_asked": (Told(assisting_staff, _("{unit} 请贵单位协办案件 {number}")),),
    "case.assist_answered": (Told(unit_staff, _("协办单位已答复案件 {number}")),),
    "case.extension_asked": (
        Told(leads, _("{unit} 为案件 {number} 申请延期，请答复"), _("现时限：{due}。")),
    ),
    "case.extension_granted": (Told(unit_staff, _("案件 {number} 已同意延期"), _("新时限：{due}。")),),
    "case.extension_refused": (Told(unit_staff, _("案件 {number} 未同意延期"), _("时限仍为 {due}。")),),
    "case.supervised": (Told(unit_staff, _("案件 {number} 被督办，请尽快处置"), WHAT_AND_WHERE, MAIL),),
    "case.reported_done": (Told(checkers, _("案件 {number} 已处置，请到现场核查"), WHERE),),
    "case.sent_back": (Told(unit_staff, _("案件 {number} 核查未通过，请返工"), WHAT_AND_WHERE, MAIL),),
    "case.answered": (Told(unit_staff, _("反映人已补充案件 {number}，请继续办理")),),
    "case.said_unsolved": (Told(dispatchers, _("反映人说案件 {number} 没有解决")),),
    "case.said_reopen_wish": (Told(dispatchers, _("反映人请求重新办理案件 {number}")),),
    "case.deadline_near": (
        Told(those_in_charge, _("案件 {number} 快到时限了"), _("时限：{due}。"), many=SOON_DUE),
    ),
    "case.deadline_passed": (
        Told(those_in_charge_and_leads, _("案件 {number} 已超过时限"), _("时限是 {due}。"), MAIL, OVERDUE),
    ),
    "case.rejected": (Told(reporter, _("您反映的问题（{number}）不予立案，原因请看链接")),),
    "case.reporter_asked": (Told(reporter, _("您反映的问题（{number}）需要您补充一点情况，请看链接")),),
    "case.closed": (Told(reporter, _("您反映的问题（{number}）已办结，请看结果，并告诉我们是否解决")),),
}
SHARE_WORTH_TELLING: Final = 80  # half of the time used up is no news


def tell(entry: Entry) -> None:
    """Tell the people concerned what happened; the reaction to every event of the table."""
    if entry.event == "case.deadline_near" and entry.details["percent"] < SHARE_WORTH_TELLING:
        return
    case = Case.objects.select_related("category", "street", "unit").get(pk=entry.about_id or 0)
    params = _params(case, entry)
    for number, told in enumerate(TOLD[entry.event]):
        listed = {_who(each): each for each in told.to(case, entry)}
        listed.pop(entry.by_id or 0, None)  # nobody is told what they have just done
        notices.notify(
            listed.values(),
            kind=entry.event,
            key=f"{entry.event}:{entry.pk}:{number}",
            title=told.title,
            text=told.text,
            params=params,
            url=_way(case, told),
            about=case,
            channels=told.channels,
            at=entry.at,
            bundle=_bundle(told.many) if told.many else None,
        )


def tell_joiners(entry: Entry) -> None:
    """Tell those who saw it too that the case is closed, each with a link of their own."""
    case = Case.objects.select_related("category", "street", "unit").get(pk=entry.about_id or 0)
    for joiner in Joiner.objects.filter(case=case).order_by("pk"):
        digits = dialled(joiner.phone)
        if len(digits) != 11 or digits[0] != "1":
            continue
        notices.notify(
            [notices.Address(Channel.SMS, digits)],
            kind="case.closed",
            key=f"{entry.event}:{entry.pk}:joiner:{joiner.pk}",
            title=_("您也看到的问题（{number}）已办结，请看结果"),
            params=_params(case, entry),
            url=reverse("portal:joined", args=[joiner.token]),  # an address by its name; no door is imported
            about=case,
            channels=(Channel.SMS,),
            at=entry.at,
        )


def _who(to: To) -> Any:
    return to.pk if isinstance(to, User) else to


def _params(case: Case, entry: Entry) -> dict[str, Any]:
    """Return what may stand in the words: nothing a person has written, and no exact place."""
    unit = case.unit
    if unit is None and entry.details.get("unit"):
        unit = Unit.objects.filter(pk=entry.details["unit"]).first()
    return {
        "number": spoken(case.number),
        "category": notices.Named(case.category.name, case.category.name_en) if case.category else None,
        "street": notices.Named(case.street.name, case.street.name_en) if case.street else None,
        "unit": notices.Named(unit.short_name or unit.name, unit.name_en) if unit else None,
        "due": case.due_at,
    }


def _bundle(many: Many) -> notices.Bundle:
    return notices.Bundle(title=many.title, url=f"{reverse('cases:list')}?{many.query}")


def _way(case: Case, told: Told) -> str:
    try:
        if told.to is reporter:
            return reverse("portal:follow", args=[case.token])  # an address by its name; no door is imported
        return reverse("cases:case", args=[case.number])
    except NoReverseMatch:
        return ""
