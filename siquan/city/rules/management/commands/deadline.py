"""`siquan deadline`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from siquan.base.kernel.errors import SiquanError
from siquan.base.kernel.explanations import Explanation, explain
from siquan.base.kernel.limits import Limit, Unit
from siquan.base.kernel.localtime import SHANGHAI
from siquan.base.kernel.workcalendar import WorkCalendar
from siquan.city.rules import queries
from siquan.city.rules.calendars import packaged_calendar, work_calendar

LANGUAGES = {"zh": "zh-hans", "en": "en"}


class Command(BaseCommand):
    """Reckon one deadline, and say why."""

    help = (
        "say when a limit ends and why. Needs no database: the working calendar that comes with the program "
        "is used, unless --loaded asks for the one in force here."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the start, the limit, the calendar, and how to print."""
        parser.add_argument(
            "--from",
            dest="start",
            required=True,
            metavar="ISO",
            help="when it begins, like 2026-09-25T16:30+08:00; without an offset it is Beijing time",
        )
        limit = parser.add_mutually_exclusive_group(required=True)
        limit.add_argument("--hours", metavar="N", help="working hours (with --urgent: urgent hours)")
        limit.add_argument("--days", metavar="N", help="working days")
        parser.add_argument("--calendar", default="cn", help="name of the working calendar (cn)")
        parser.add_argument("--urgent", action="store_true", help="count urgent hours, every day of the year")
        parser.add_argument("--loaded", action="store_true", help="use the calendar in force in the database")
        parser.add_argument("--language", choices=LANGUAGES, default="zh", help="language of the words")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the due time and the words; exit 2 when the input cannot be used."""
        with translation.override(LANGUAGES[options["language"]]):
            try:
                start, limit, calendar = _start(options["start"]), _limit(options), _calendar(options)
                told = explain(start, limit, calendar, language=options["language"])
            except SiquanError as error:
                raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(_as_dict(start, limit, calendar, told), ensure_ascii=False))
        else:
            self.stdout.write(_local(told.due))
            self.stdout.write(str(told))


def _start(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        words = _("--from 请写成 2026-09-25T16:30+08:00 的样子。")
        raise CommandError(words, returncode=2) from None
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def _limit(options: dict[str, Any]) -> Limit:
    text = options["hours"] or options["days"]
    if options["urgent"] and options["days"]:
        raise CommandError(_("--urgent 只与 --hours 一起用。"), returncode=2)
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text)):
        raise CommandError(_("时限请写 1 至 99999 的整数。"), returncode=2)
    if options["days"]:
        return Limit(int(text), Unit.WORKING_DAYS)
    return Limit(int(text), Unit.URGENT_HOURS if options["urgent"] else Unit.WORKING_HOURS)


def _calendar(options: dict[str, Any]) -> WorkCalendar:
    if options["loaded"]:
        return queries.calendar_in_force(timezone.localdate(), options["calendar"])
    return work_calendar(packaged_calendar(options["calendar"]))


def _as_dict(start: datetime, limit: Limit, calendar: WorkCalendar, told: Explanation) -> dict[str, Any]:
    return {
        "from": _local(start),
        "due": _local(told.due),
        "amount": limit.amount,
        "unit": limit.unit.value,
        "calendar": calendar.version,
        "provisional": told.is_provisional,
        "words": told.headline,
        "lines": told.lines,
    }


def _local(at: datetime | None) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="minutes") if at else ""
