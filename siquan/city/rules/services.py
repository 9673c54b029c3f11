"""What one can do with rules: load a pack, keep one as a draft, write one out."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import BadInput, Words
from siquan.base.kernel.permissions import require
from siquan.city.rules import checks, queries, stored
from siquan.city.rules.calendars import CalendarFile, DayRow, hours_to_json
from siquan.city.rules.files import parse, read_folder
from siquan.city.rules.models import (
    Calendar,
    CalendarDay,
    Category,
    Draft,
    LimitRule,
    Pack,
    ResponsibilityRule,
)
from siquan.city.rules.permissions import RULES
from siquan.city.rules.rows import PackFile
from siquan.city.rules.tables import Fault
from siquan.city.units import services as units

__all__ = ["Loaded", "discard_draft", "export_pack", "keep_draft", "load_draft", "load_files", "load_pack"]

_FAULTS_TOLD = 20


@dataclass(frozen=True)
class Loaded:
    """What a load did; `is_new` is False if this very pack was there already."""

    pack: Pack
    is_new: bool
    calendar: Calendar
    units_added: int
    units_corrected: int
    faults: tuple[Fault, ...]


class FaultyPack(BadInput):
    """The pack has errors; `faults` are all that was found."""

    code = "faulty-pack"

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults; the words name the first of them."""
        self.faults = tuple(faults)
        wrong = checks.errors(self.faults)
        told = "\n".join(map(str, wrong[:_FAULTS_TOLD]))
        words = format_lazy(_("规则包有 {count} 处错误，没有装入：\n{faults}"), count=len(wrong), faults=told)
        super().__init__(words, field="pack")


def load_pack(folder: Path, *, by: User | None, at: datetime) -> Loaded:
    """Load the rule pack in a folder; see `load_files`."""
    return load_files(read_folder(folder), by=by, at=at)


@transaction.atomic
def load_files(files: Mapping[str, bytes], *, by: User | None, at: datetime) -> Loaded:
    """Load a rule pack with its units and calendar, all or nothing; the same pack twice changes nothing.

    A new version ends the validity of the one before it. Raises FaultyPack, BadInput (the version exists
    with other content), PermissionDenied.
    """
    if by is not None:
        require(RULES, "load-pack", by, None)
    with connection.cursor() as cursor:  # two loads at once would close each other's versions
        cursor.execute("select pg_advisory_xact_lock(hashtext('siquan.rules.load'))")
    parsed = parse(files)
    faults = queries.faults_of(parsed, timezone.localdate(at))
    if parsed.pack is None or parsed.pack.calendar is None or checks.errors(faults):
        raise FaultyPack(faults)
    told = _load_units(parsed.pack, by, at)
    calendar = _load_calendar(parsed.pack.calendar, by, at)
    pack, is_new = _load_rules(parsed.pack, by, at)
    queries.forget()
    transaction.on_commit(queries.forget)  # others may have asked in between, and seen what was before
    return Loaded(pack, is_new, calendar, len(told.added), len(told.corrected), tuple(faults))


def _load_units(pack: PackFile, by: User | None, at: datetime) -> units.Loaded:
    begins = min(pack.valid_from, timezone.localdate(at))
    return units.load_units([row.cells for row in pack.units], by=by, at=at, valid_from=begins)


def _load_calendar(calendar: CalendarFile, by: User | None, at: datetime) -> Calendar:
    known = Calendar.objects.filter(
        district_id=current_district(), name=calendar.name, version=calendar.version
    ).first()
    if known is not None:
        if known.digest != calendar.digest:
            raise BadInput(_other_content(_("工作日历"), known), field="calendar")
        return known
    full = calendar.frozen()
    row = Calendar.objects.create(
        name=full.name,
        version=full.version,
        office_hours=hours_to_json(full.hours),
        urgent_hours=hours_to_json(full.urgent_hours),
        first_year=full.first_year,
        last_year=full.last_year,
        provisional_years=list(full.provisional or ()),
        valid_from=full.valid_from,
        loaded_at=at,
        digest=full.digest,
        source=full.source,
    )
    own = {day.date for day in full.days}
    statutory = (day for day in full.statutory or () if day.date not in own)
    CalendarDay.objects.bulk_create(
        [_calendar_day(row, day, is_statutory=False) for day in full.days]
        + [_calendar_day(row, day, is_statutory=True) for day in statutory]
    )
    journal.write("calendar.loaded", about=row, by=by, at=at, version=str(row), digest=row.digest)
    return row


def _calendar_day(calendar: Calendar, day: DayRow, *, is_statutory: bool) -> CalendarDay:
    return CalendarDay(
        calendar=calendar,
        date=day.date,
        is_working=day.is_working,
        is_statutory=is_statutory,
        name=day.name,
        name_en=day.name_en,
        source=day.source,
    )


def _load_rules(pack: PackFile, by: User | None, at: datetime) -> tuple[Pack, bool]:
    versions = Pack.objects.filter(district_id=current_district(), name=pack.name)
    known = versions.filter(version=pack.version).first()
    if known is not None:
        if known.digest != pack.digest:
            raise BadInput(_other_content(_("规则包"), known), field="version")
        return known, False
    row = Pack.objects.create(
        name=pack.name,
        version=pack.version,
        title=pack.title,
        title_en=pack.title_en,
        note=pack.note,
        note_en=pack.note_en,
        source=pack.source,
        valid_from=pack.valid_from,
        valid_to=pack.valid_to or _next_version_from(pack),
        loaded_at=at,
        digest=pack.digest,
    )
    categories = _add_categories(row, pack)
    _add_limits(row, pack, categories)
    _add_responsibilities(row, pack, categories, timezone.localdate(at))
    journal.write(
        "pack.loaded",
        about=row,
        by=by,
        at=at,
        version=str(row),
        digest=row.digest,
        categories=len(pack.categories),
        limits=len(pack.limits),
        responsibilities=len(pack.responsibilities),
    )
    _close_version_before(row, by, at)
    return row, True


def _other_content(what: Words, known: Pack | Calendar) -> Words:
    words = _("{what} {version} 已于 {day} 装入，内容与这一份不同。已有案件按它办理，请换一个版本号。")
    day = timezone.localdate(known.loaded_at)
    return format_lazy(words, what=what, version=str(known), day=day)


def _next_version_from(pack: PackFile) -> date | None:
    """Return the day on which a version that is already there takes over."""
    later = Pack.objects.filter(
        district_id=current_district(), name=pack.name, valid_from__gt=pack.valid_from
    )
    day: date | None = later.order_by("valid_from").values_list("valid_from", flat=True).first()
    return day


def _close_version_before(pack: Pack, by: User | None, at: datetime) -> None:
    before = (
        Pack.objects.as_of(pack.valid_from)
        .filter(district_id=pack.district_id, name=pack.name)
        .exclude(pk=pack.pk)
    )
    for row in before:
        row.valid_to = pack.valid_from
        row.save(update_fields=["valid_to"])
        journal.write("pack.closed", about=row, by=by, at=at, valid_to=str(row.valid_to), next=str(pack))


def _add_categories(row: Pack, pack: PackFile) -> dict[str, Category]:
    """Add the categories level by level, for each needs the one above it."""
    done: dict[str, Category] = {}
    waiting = list(pack.categories)
    level = 1
    while waiting:
        ready = [each for each in waiting if not each.parent or each.parent in done]
        added = Category.objects.bulk_create(
            Category(
                pack=row,
                line=each.line,
                code=each.code,
                parent=done.get(each.parent),
                level=level,
                kind=each.kind,
                name=each.name,
                name_en=each.name_en,
                is_urgent=each.is_urgent,
                is_private=each.is_private,
                filing_condition=each.filing_condition,
                closing_condition=each.closing_condition,
                source=each.source,
            )
            for each in ready
        )
        done |= {category.code: category for category in added}
        waiting = [each for each in waiting if each.code not in done]
        level += 1
    return done


def _add_limits(row: Pack, pack: PackFile, categories: Mapping[str, Category]) -> None:
    LimitRule.objects.bulk_create(
        LimitRule(
            pack=row,
            line=each.line,
            category=categories[each.category],
            road_class=each.road_class,
            clock=each.clock,
            amount=each.amount,
            measure=each.measure,
            source=each.source,
        )
        for each in pack.limits
    )


def _add_responsibilities(row: Pack, pack: PackFile, categories: Mapping[str, Category], on: date) -> None:
    codes = {code for each in pack.responsibilities for code in (each.lead, *each.assists)}
    known = {unit.code: unit for unit in queries.units_with_codes(codes, on)}
    places = queries.divisions_with_codes({each.division for each in pack.responsibilities})
    added = ResponsibilityRule.objects.bulk_create(
        ResponsibilityRule(
            pack=row,
            line=each.line,
            category=categories[each.category],
            division=places.get(each.division),
            block_kind=each.block_kind,
            lead=known[each.lead],
            valid_from=each.valid_from,
            valid_to=each.valid_to,
            source=each.source,
        )
        for each in pack.responsibilities
    )
    assisting = ResponsibilityRule.assists.through
    assisting.objects.bulk_create(
        assisting(responsibilityrule_id=rule.pk, unit_id=known[code].pk)
        for rule, each in zip(added, pack.responsibilities, strict=True)
        for code in each.assists
    )


def export_pack(pack: Pack, folder: Path, *, on: date | None = None) -> list[Path]:
    """Write a pack, its units and calendar as files; loading them gives the same pack. Raises BadInput."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        words = _("“{folder}”已经有内容。请给一个新的或空的文件夹。")
        raise BadInput(format_lazy(words, folder=folder), field="folder")
    day = on or timezone.localdate()
    found = stored.texts(stored.pack_as_file(pack, queries.calendar_row_in_force(day), day))
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in found.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in found]


@transaction.atomic
def keep_draft(files: Mapping[str, bytes], *, by: User, at: datetime) -> Draft:
    """Keep the files somebody sent in, to be looked at before they are loaded. Raises PermissionDenied."""
    require(RULES, "load-pack", by, None)
    texts = {name: b64encode(content).decode() for name, content in files.items()}
    return Draft.objects.create(files=texts, by=by, at=at)


@transaction.atomic
def load_draft(draft: Draft, *, by: User, at: datetime) -> Loaded:
    """Load the pack of a draft and forget the draft. Raises what `load_files` raises."""
    loaded = load_files(queries.files_of(draft), by=by, at=at)
    draft.delete()
    return loaded


def discard_draft(draft: Draft, *, by: User) -> None:
    """Throw a draft away. Raises PermissionDenied."""
    require(RULES, "load-pack", by, None)
    draft.delete()
