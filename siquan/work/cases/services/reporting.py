"""How a case begins: somebody saw something, and says it once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.files import services as files
from siquan.base.files.models import StoredFile
from siquan.base.journal import services as journal
from siquan.base.journal.models import By, Entry
from siquan.base.kernel.checkdigits import case_number
from siquan.base.kernel.coordinates import Datum
from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.together import insert_together, next_ids
from siquan.city.places import queries as places
from siquan.work.cases.models import Case, CasePhoto, Purpose, Reporter, Source, Submission
from siquan.work.cases.services import clocks, wording
from siquan.work.cases.services.ruling import book_on

MOST_PHOTOS = 6
LONGEST_TEXT = 5000


@dataclass(frozen=True)
class Report:
    """What somebody saw: words, a place or its address, photos as bytes; all foreign and not yet checked."""

    text: str
    lon: float | None = None
    lat: float | None = None
    datum: Datum = Datum.WGS84
    accuracy_m: float | None = None
    address: str = ""
    category_code: str = ""
    title: str = ""
    name: str = ""
    phone: str = ""
    source: Source = Source.SNAPSHOT
    source_ref: str = ""
    photos: Sequence[bytes | files.Picture] = ()

    def digest(self) -> str:
        """Return a fingerprint, to tell a repeated report from another one under the same key."""
        parts = [self.text, self.lon, self.lat, self.datum, self.address, self.category_code, self.phone]
        photos = [
            hashlib.sha256(photo).hexdigest() if isinstance(photo, bytes) else photo.original_sha256
            for photo in self.photos
        ]
        return hashlib.sha256(repr((parts, photos)).encode()).hexdigest()


@dataclass(frozen=True)
class Reported:
    """The case, and whether this call made it (`False`: the same report had been sent before)."""

    case: Case
    is_new: bool


class KeyUsedTwice(BadInput):
    """The same idempotency key came with another report."""

    code = "key-used-twice"
    default_message = _("这个提交编号已经用于另一条上报。请重新打开上报页面再提交。")


def report_case(report: Report, *, key: str, by: User | None, at: datetime) -> Reported:
    """Take in a report and start its filing clock; the same `key` again gives the same case again.

    Raises BadInput (also OutsideDistrict, KeyUsedTwice). Nothing is kept when it does.
    """
    try:
        case = new_case(report, text=clean_text(report.text), at=at)
        # Decoding is slow, so it happens before the transaction.
        pictures = [files.read_picture(each) if isinstance(each, bytes) else each for each in report.photos]
        # Without photos everything is one statement, which is a transaction by itself.
        with transaction.atomic() if pictures or connection.in_atomic_block else nullcontext():
            stored = [files.store_picture(picture, by=by, at=at) for picture in pictures]
            start_case(case, report, key=key, photos=stored, by=by, at=at)
    except (IntegrityError, BadInput):
        # Almost every report is new, so whether this one has been here before is asked only when the table
        # refuses its key, or when what was taken in then would no longer be taken in today.
        known = _submitted(report, key)
        if known is None:
            raise
        return known
    return Reported(case, is_new=True)


def clean_text(text: str) -> str:
    """Return the words without what no database or reader can use. Raises BadInput."""
    text = "".join(each for each in text if each >= " " or each in "\n\t").strip()
    text = text.encode("utf-8", "replace").decode()
    if not text:
        raise BadInput(_("请写一句话，说明看到了什么。"), field="text")
    if len(text) > LONGEST_TEXT:
        raise BadInput(_("文字太长，请控制在5000字以内。"), field="text")
    return text


def new_case(report: Report, *, text: str, at: datetime) -> Case:
    """Return a case that is not saved yet, with category and place looked up. Raises BadInput."""
    if len(report.photos) > MOST_PHOTOS:
        raise BadInput(_("最多6张照片，请去掉几张。"), field="photos")
    case = Case(
        source=report.source,
        source_ref=report.source_ref,
        title=report.title[:200],
        text=text,
        reported_at=at,
        address=clean_line(report.address),
        category_id=_category(report.category_code, at),
        given_datum=report.datum.value,
        accuracy_m=report.accuracy_m,
    )
    if (report.lon is None) != (report.lat is None):
        raise BadInput(_("位置需要同时有经度和纬度。"), field="lon")
    if report.lon is not None and report.lat is not None:
        put_in_place(case, report.lon, report.lat, datum=report.datum, at=at)
    elif not case.address and report.source is Source.SNAPSHOT:
        raise BadInput(_("请在地图上点一下位置，或写明在哪里。"), field="lon")
    return case


def clean_line(text: str) -> str:
    """Return one line of foreign text, shortened to what is kept."""
    return " ".join("".join(each if each >= " " else " " for each in text).split())[:200]


def put_in_place(case: Case, lon: float, lat: float, *, datum: Datum, at: datetime) -> None:
    """Set the point and the divisions it lies in on that day. Raises OutsideDistrict.

    A ticket may be older than the first boundaries that are known: then those count.
    """
    day = places.day_with_ground(timezone.localdate(at))
    found = places.locate_inside(lon, lat, datum=datum, on=day)
    case.lon, case.lat = found.lon, found.lat
    case.given_datum = datum.value
    case.street_id = found.street.id if found.street else None
    case.community_id = found.community.id if found.community else None
    case.block_id = found.block.id if found.block else None
    case.cell_id = found.cell.id if found.cell else None


def _submitted(report: Report, key: str) -> Reported | None:
    known = Submission.objects.select_related("case").filter(key=key).first()
    if known is None:
        return None
    if known.digest != report.digest():
        raise KeyUsedTwice
    return Reported(known.case, is_new=False)


def _category(code: str, at: datetime) -> int | None:
    if not code:
        return None
    category = book_on(timezone.localdate(at)).categories.get(code)
    if category is None:
        raise BadInput(_("没有这个类别，请从列表中选择，或留空。"), field="category")
    return category.id


def start_case(
    case: Case,
    report: Report,
    *,
    key: str,
    photos: Sequence[StoredFile],
    by: User | None,
    at: datetime,
) -> None:
    """Save a new case with all that belongs to it at once: clock, reporter, photos, first journal entry.

    Numbers never wait for each other, so some may stay unused. Raises IntegrityError when the key is known.
    """
    said = wording.said(case.title, case.text, case.address, name=report.name)
    case.title, case.text, case.address = said.title, said.text, said.address
    case.pk, entry_id, serial = next_ids(Case, Entry, "cases_case_serial")
    case.number = case_number(timezone.localdate(at).year, serial)
    run = clocks.new_run(case, at=at)
    clocks.show(case, run)
    rows: list[models.Model] = [case, Submission(key=key, digest=report.digest(), case=case, at=at)]
    rows += [run] if run else []
    if report.name or report.phone or said.hidden or by:
        name = clean_line(report.name)[:60]
        rows.append(Reporter(case=case, name=name, phone=report.phone[:60], words=said.hidden, user=by))
    rows += [CasePhoto(case=case, file=each, purpose=Purpose.REPORT, at=at) for each in photos]
    entry = journal.new_entry(
        "case.reported",
        about=case,
        by=by,
        at=at,
        by_kind=By.PERSON if by else By.RESIDENT,
        source=case.source,
        photos=len(report.photos),
        state=case.state,
    )
    entry.pk = entry_id
    insert_together([*rows, entry, *journal.follow_ups(entry)])
