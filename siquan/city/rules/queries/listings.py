"""What the pages and commands of this room list."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound, Words
from siquan.city.places.models import Division
from siquan.city.rules import checks, stored
from siquan.city.rules.files import Parsed
from siquan.city.rules.models import Draft, Pack
from siquan.city.rules.queries.in_force import calendar_row_in_force, pack_in_force
from siquan.city.rules.rows import PackFile, lines_of
from siquan.city.rules.tables import Fault
from siquan.city.units import queries as units
from siquan.city.units.models import Unit


def packs() -> models.QuerySet[Pack]:
    """Return the packs of the district, the newest first."""
    return Pack.objects.filter(district_id=current_district()).order_by("-valid_from", "-id")


def pack_by_id(pack_id: int) -> Pack:
    """Return one pack. Raises NotFound."""
    pack = packs().filter(pk=pack_id).first()
    if pack is None:
        raise NotFound
    return pack


def pack_named(name: str, version: str, on: date) -> Pack:
    """Return the pack with this name and version; without both, the one in force. Raises NotFound."""
    if not name and not version:
        return pack_in_force(on)
    found = packs()
    if name:
        found = found.filter(name=name)
    if version:
        found = found.filter(version=version)
    pack = found.first()
    if pack is None:
        known = ", ".join(map(str, packs()[:20]))
        raise NotFound(format_lazy(_("没有这个规则包。已装入：{known}。"), known=known))
    return pack


def draft_by_id(draft_id: int) -> Draft:
    """Return a pack that was sent in and not loaded yet. Raises NotFound."""
    draft = Draft.objects.filter(pk=draft_id, district_id=current_district()).first()
    if draft is None:
        raise NotFound
    return draft


def drafts() -> models.QuerySet[Draft]:
    """Return the packs that were sent in and neither loaded nor thrown away, the newest first."""
    return Draft.objects.filter(district_id=current_district()).select_related("by").order_by("-id")


def files_of(draft: Draft) -> dict[str, bytes]:
    """Return the files of a draft by name."""
    return {name: b64decode(text) for name, text in draft.files.items()}


def faults_of(parsed: Parsed, on: date) -> list[Fault]:
    """Return every fault of a pack as read, against the divisions and units of a day."""
    pack = parsed.pack
    codes = {row.division for row in pack.responsibilities} if pack else set()
    codes |= {row["division"] for row in pack.units} if pack else set()
    return checks.check(parsed, stored.around(on, codes))


def faults_of_pack(pack: Pack, on: date) -> list[Fault]:
    """Return the gaps of a loaded pack as of a day; the lines are those of the file it came from."""
    calendar = calendar_row_in_force(on)
    return faults_of(Parsed(stored.pack_as_file(pack, calendar, on), ()), on)


def pack_as_zip(pack: Pack, on: date) -> bytes:
    """Return the files of a loaded pack as one ZIP."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as opened:
        for name, text in stored.texts(stored.pack_as_file(pack, calendar_row_in_force(on), on)).items():
            opened.writestr(name, text)
    return packed.getvalue()


@dataclass(frozen=True)
class Difference:
    """How many lines of a table a pack has more and less than another."""

    table: Words
    count: int
    added: int
    removed: int


def differences(pack: PackFile, on: date) -> list[Difference]:
    """Return how a pack as read differs from the one in force, a changed line being one more and one less."""
    try:
        before: PackFile | None = stored.pack_as_file(pack_in_force(on), None, on)
    except NotFound:
        before = None
    return [
        Difference(label, len(after), len(after - known), len(known - after))
        for label, after, known in (
            (label, lines_of(getattr(pack, table)), lines_of(getattr(before, table, ())))
            for table, label in _TABLES
        )
    ]


_TABLES: Final[Sequence[tuple[str, Words]]] = (
    ("categories", _("类别")),
    ("limits", pgettext_lazy("规则", "时限")),
    ("responsibilities", _("责任清单")),
)


def units_with_codes(codes: Iterable[str], on: date) -> Iterable[Unit]:
    """Return the units in force on a day with these codes."""
    return units.units_by_code(codes, on).values()


def divisions_with_codes(codes: Iterable[str]) -> dict[str, Division]:
    """Return the newest row of each division with one of these codes."""
    rows = Division.objects.filter(district_id=current_district(), code__in=set(codes))
    return {row.code: row for row in rows.defer("boundary").order_by("valid_from")}
