"""The last days of the demo district, told through the services of the cases room, one verb at a time.

What lives written in bulk do not have is here: photos, pauses, questions, more time, help, merged cases,
words of reporters; and something that waits for every role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.base.kernel.limits import Unit as Measure
from siquan.base.kernel.workcalendar import WorkCalendar
from siquan.city.places import queries as places
from siquan.city.places.models import Site
from siquan.city.rules import queries as rules
from siquan.demo import scenes
from siquan.demo.people import People
from siquan.demo.words import NOTES, WHERE, sentences_for
from siquan.work.cases import services
from siquan.work.cases.models import Case, CommentKind

HANDLED = ("file", "dispatch", "accept", "report-done")
CLOSED = (*HANDLED, "verify-pass", "close")
IN_HAND = ("file", "dispatch", "accept")
WAYS: tuple[tuple[str, ...], ...] = (
    (*CLOSED, "say-solved"),
    HANDLED,
    ("file", "dispatch"),
    (),
    (*IN_HAND, "suspend"),
    (*IN_HAND, "ask-reporter"),
    (*IN_HAND, "ask-extension"),
    (*IN_HAND, "ask-assist"),
    ("file",),
    ("merge",),
    (*HANDLED, "verify-pass"),
    ("file", "say-comment"),
    IN_HAND,
    (*HANDLED, "verify-fail"),
    (*IN_HAND, "ask-reporter", "say-answer"),
    (*IN_HAND, "ask-extension", "grant-extension"),
    (*IN_HAND, "ask-assist", "answer-assist"),
    (*IN_HAND, "suspend", "resume"),
    (*CLOSED, "say-unsolved"),
    (*IN_HAND, "supervise"),
)
ROUNDS = 5
MOST = ROUNDS * len(WAYS)
WITH_PHOTOS = 2  # rounds in which the report has photos
STEP = (12, 55)  # working minutes from one verb to the next
LONGEST_BACK = 30  # days

# What is drawn → the category it is filed under.
SCENES = {"rubbish": "200102", "bikes": "200506", "posters": "200201", "bin": "100305", "pothole": "200306"}
# More time can only be asked for where there is some.
SLOW = frozenset({"ask-extension", "ask-assist", "suspend", "ask-reporter"})
SAID: Mapping[str, tuple[CommentKind, str]] = {
    "say-solved": (CommentKind.SOLVED, "第二天就清理了，谢谢。"),
    "say-unsolved": (CommentKind.UNSOLVED, "今天早上看又是老样子。"),
    "say-comment": (CommentKind.COMMENT, "补充一下：就在公交站牌后面，晚上更严重。"),
    "say-answer": (CommentKind.ANSWER, "在胡同中段，路灯杆旁边。"),
}
WORDS: Mapping[str, Mapping[str, Any]] = {
    "accept": {},
    "close": {},
    "resume": {"note": "管线已完工，恢复处置。"},
    "ask-reporter": {"question": "请问具体在胡同的哪一段？有没有明显的标志物？"},
    "ask-extension": {"amount": 2, "measure": Measure.WORKING_DAYS, "reason": "需要更换的材料后天到货。"},
    "grant-extension": {"answer": "同意，请按新时限办结。"},
    "answer-assist": {"answer": "经核实，由属地街道负责养护。"},
    "supervise": {"note": "请抓紧处置，按时反馈。"},
    "verify-fail": {"reason": "现场仍有遗留，请继续处理。"},
}
HOME = "06"  # the street of the demo sign-ins
SANITATION = "HWZX"


def count_for(cases: int) -> int:
    """Return how many of so many cases are told as stories: at most a fifth."""
    return min(MOST, cases // 5)


def tell(count: int, *, people: People, seed: int, until: datetime) -> None:
    """Tell stories that end before `until` until there are so many more cases."""
    teller = _Teller(people, seed, until)
    number = 0
    while teller.made < count:
        teller.tell(number, alone=teller.made + 1 == count)
        number += 1


@dataclass
class _Told:
    """A story while it is told."""

    number: int
    report: services.Report
    scene: str
    luck: np.random.Generator
    key: str = ""
    case: Case = field(default_factory=Case)

    def photo(self, *, is_after: bool) -> list[bytes]:
        """Return a photo of the scene, in the rounds that have some."""
        if self.number // len(WAYS) >= WITH_PHOTOS:
            return []
        return [scenes.photo(self.scene, 1000 + self.number, is_after=is_after)]

    def note(self, verb: str) -> str:
        """Return some words people write with a verb."""
        return NOTES[verb][int(self.luck.integers(len(NOTES[verb])))]


class _Teller:
    def __init__(self, people: People, seed: int, until: datetime) -> None:
        self.people, self.seed, self.until = people, seed, until
        self.day = timezone.localdate(until)
        self.calendar: WorkCalendar = rules.calendar_in_force(self.day)
        sites = Site.objects.filter(kind__in=("road", "alley", "compound", "park", "market"))
        self.everywhere = list(sites.order_by("code"))
        found = places.locate_many(
            [site.lon for site in self.everywhere], [site.lat for site in self.everywhere], on=self.day
        )
        streets = [found.areas[key].code if key else "" for key in found.street.tolist()]
        self.at_home = [
            site for site, code in zip(self.everywhere, streets, strict=True) if code.endswith(HOME)
        ]
        self.users = User.objects.in_bulk()
        self.made = 0

    def tell(self, number: int, *, alone: bool) -> None:
        """Report a case and lead it along its way; `alone` it is not one of two that become one."""
        luck = np.random.default_rng([self.seed, 3, number])
        turn = number + number // len(WAYS)  # in every round another place and scene
        way = WAYS[number % len(WAYS)]
        way = () if alone and "merge" in way else way
        scene = "pothole" if SLOW & set(way) else tuple(SCENES)[turn % len(SCENES)]
        times = self._times(len(way) + 1, luck)
        sites = self.everywhere if turn % 2 else self.at_home
        site = sites[int(luck.integers(len(sites)))]
        where = f"{site.name}{WHERE[int(luck.integers(len(WHERE)))]}"
        sentences = sentences_for(SCENES[scene])
        text = sentences[int(luck.integers(len(sentences)))].format(place=where, name="")
        report = services.Report(
            text=text, lon=site.lon, lat=site.lat, address=where, category_code=SCENES[scene]
        )
        told = _Told(number, report, scene, luck, key=f"demo-{self.seed}-{number}")
        told.report = replace(report, photos=told.photo(is_after=False))
        told.case = self._report(told.report, told.key, times[0])
        for verb, at in zip(way, times[1:], strict=True):
            if verb.startswith("say-"):
                said, words = SAID[verb]
                told.case = services.say_as_reporter(told.case.pk, at=at, kind=said, text=words)
            else:
                self._act(told, verb, at)

    def _report(self, report: services.Report, key: str, at: datetime) -> Case:
        self.made += 1
        return services.report_case(report, key=key, by=None, at=at).case

    def _act(self, told: _Told, verb: str, at: datetime) -> None:
        given: dict[str, Any] = {}
        hand, case_id = self._hand(told, verb), told.case.pk
        match verb:
            case "file":
                given = {"category": told.report.category_code}
            case "dispatch":
                given = {"unit": (SANITATION, f"S{HOME}", "")[told.number // len(WAYS) % 3]}
            case "merge":  # somebody else saw the same
                case_id = self._report(told.report, f"{told.key}-again", at).pk
                given = {"into": told.case.number}
            case "report-done":
                given = {"note": told.note(verb), "photos": told.photo(is_after=True)}
            case "suspend":
                given = {"until": self.day + timedelta(days=20), "reason": "等待管线单位完工后一并修复。"}
            case "ask-assist":
                other = "CGW" if told.case.unit and told.case.unit.code != "CGW" else f"S{HOME}"
                given = {"unit": other, "request": "请协助确认道路权属。"}
            case _:
                given = dict(WORDS[verb]) if verb in WORDS else {"note": told.note(verb)}
        told.case = services.ACTS[verb](case_id, by=hand, at=at, **given)

    def _hand(self, told: _Told, verb: str) -> User:
        """Return who may do this to the case."""
        people = self.people
        if verb in {"suspend", "resume", "grant-extension", "supervise"}:
            return self.users[people.lead]
        if verb in {"verify-pass", "verify-fail"}:
            return self.users[people.checkers[told.case.street_id or 0][0]]
        if verb == "answer-assist":
            asked = told.case.assists.filter(answered_at=None).latest("id")
            return self.users[people.clerks[asked.unit_id][0]]
        if verb in {"accept", "report-done", "ask-reporter", "ask-extension", "ask-assist"}:
            of_unit = people.clerks[told.case.unit_id or 0]
            return self.users[of_unit[int(told.luck.integers(len(of_unit)))]]
        return self.users[people.dispatchers[int(told.luck.integers(len(people.dispatchers)))]]

    def _times(self, count: int, luck: np.random.Generator) -> list[datetime]:
        """Return when the story's verbs happen: in working time, the last one not long before the end."""
        delays = luck.integers(*STEP, count)
        end = int(self.until.timestamp()) // 60
        start = end - int(delays.sum()) - 5
        for back in range(LONGEST_BACK):
            minutes = [start - back * 1440]
            for delay in delays[1:].tolist():
                minutes.append(self.calendar.office.add(minutes[-1], delay))
            if minutes[-1] < end:
                break
        return [datetime.fromtimestamp(each * 60, tz=self.until.tzinfo) for each in minutes]
