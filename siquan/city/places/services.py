"""Everything one can do with places: load a geography, change boundaries, merge divisions.

A change never rewrites what was: the old row ends on the day, a new one begins. Who may do this is asked by
the caller (the command line, the demo): duties stand above this room and are not known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from siquan.base.journal import services as journal
from siquan.base.journal.models import By, Entry
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import BadInput, NotFound, NotPossible
from siquan.city.places import boundary_files, changes, drafts, gazetteer, outlines, wordfiles
from siquan.city.places.changes import Fault, GeographyFaults, Plan, Wanted
from siquan.city.places.mapstyle import MAP_STYLE
from siquan.city.places.models import BoundaryDraft, Division, Level
from siquan.city.places.positions import Written, relocate_sites, write_sites
from siquan.city.places.versioning import take_turn

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

__all__ = [
    "MAP_STYLE",
    "Fault",
    "GeographyFaults",
    "Loaded",
    "change_boundaries",
    "is_loaded",
    "keep_boundary_draft",
    "load_geography",
    "merge_divisions",
    "publish_base_map",
    "publish_boundary_draft",
]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: divisions and sites that are new, changed, ended, and as they were."""

    divisions_new: int
    divisions_changed: int
    divisions_ended: int
    divisions_unchanged: int
    sites_new: int
    sites_changed: int
    sites_unchanged: int
    sites_moved: int
    words_changed: int = 0  # road lines, crossings, house numbers and other names, new or ended

    @property
    def is_change(self) -> bool:
        """Tell whether anything was written."""
        return bool(sum(asdict(self).values()) - self.divisions_unchanged - self.sites_unchanged)


def is_loaded() -> bool:
    """Tell whether the district has any division yet."""
    return Division.objects.filter(district_id=current_district()).exists()


@transaction.atomic
def load_geography(
    folder: Path, *, on: date, by: AbstractBaseUser | None, at: datetime, replace: bool = False
) -> Loaded:
    """Load divisions and sites from a folder, in force from a day; loading the same again changes nothing.

    A division or site told otherwise than it is held gets a new row. With `replace`, divisions of the levels
    in the folder that it no longer names end on that day. Raises GeographyFaults, with every row that is
    wrong, and then nothing is written. Files: docs/reference/geography-files.md.
    """
    take_turn(current_district())
    draft = drafts.read(folder)
    known = changes.newest_divisions()
    _complete(draft.divisions, known)
    made = changes.plan(draft.divisions, _no_longer_named(draft, known) if replace else [], on)
    if draft.faults or made.faults:
        raise GeographyFaults(draft.faults + made.faults)
    rows = changes.carry_out(made)
    sites = write_sites(draft.sites, on) if draft.sites else Written(0, 0, 0)
    moved = relocate_sites(on) if rows or made.ended else 0
    loaded = _told(made, sites, moved, wordfiles.write(draft.wording, on))
    if loaded.is_change:
        about = _district()
        journal.write(
            "places_geography.loaded", about=about, by=by, at=at, on=on.isoformat(), **asdict(loaded)
        )
        _journal_changes(made, rows, by=by, at=at, reason=f"load {folder.name}")
        transaction.on_commit(gazetteer.forget)
    return loaded


@transaction.atomic
def change_boundaries(
    outlines_by_code: Mapping[str, object],
    *,
    on: date,
    by: AbstractBaseUser | None,
    at: datetime,
    reason: str,
) -> list[Division]:
    """Give divisions new outlines (GeoJSON, WGS-84) from a day on; neighbours that touch change together.

    Returns the new rows. Raises NotFound, BadInput, and GeographyFaults when the new map does not fit.
    """
    take_turn(current_district())
    known = changes.newest_divisions()
    wanted = []
    for code, outline in outlines_by_code.items():
        line = _like(known, code)
        line.shape = outlines.read(outline)
        wanted.append(line)
    return _change(wanted, [], on=on, by=by, at=at, reason=reason)


@transaction.atomic
def merge_divisions(
    codes: Sequence[str],
    *,
    into: str,
    name: str,
    name_en: str = "",
    on: date,
    by: AbstractBaseUser | None,
    at: datetime,
    reason: str,
) -> Division:
    """Merge divisions of one level and one parent into a new one; what lay in them lies in it from then on.

    Returns the new division. Raises NotFound, BadInput and GeographyFaults.
    """
    take_turn(current_district())
    known = changes.newest_divisions()
    old = [_like(known, code) for code in dict.fromkeys(codes)]
    if len(old) < 2 or len({(line.level, line.parent) for line in old}) > 1:
        raise BadInput(_("合并须是同一上级下同一级的两个以上区划。"), field="codes")
    if into in known:
        raise BadInput(_("代码%(code)s已经用过，合并后的区划须用新代码。") % {"code": into}, field="into")
    shapes = [line.shape for line in old if line.shape is not None]
    kinds = {line.kind for line in old}
    merged = Wanted(
        level=old[0].level,
        code=into,
        name=name,
        name_en=name_en,
        kind=kinds.pop() if len(kinds) == 1 else "",
        parent=old[0].parent,
        shape=outlines.union(shapes) if shapes else None,
        source=f"merged from {', '.join(line.code for line in old)}",
    )
    ended = [line.code for line in old]
    children = [
        _like(known, row.code, parent=into)
        for row in known.values()
        if row.valid_to is None and changes.parent_code(row) in ended
    ]
    return _change([merged, *children], ended, on=on, by=by, at=at, reason=reason)[0]


def keep_boundary_draft(
    raw: bytes, *, name: str, on: date, reason: str, by: AbstractBaseUser, at: datetime
) -> BoundaryDraft:
    """Keep a GeoJSON file of changed divisions, to be looked at and then published. Raises BadInput."""
    features = boundary_files.features_of(raw)
    return BoundaryDraft.objects.create(
        by_id=by.pk, name=name[-200:], content=features, valid_from=on, reason=reason[:200], created_at=at
    )


@transaction.atomic
def publish_boundary_draft(draft_id: int, *, by: AbstractBaseUser, at: datetime) -> list[Division]:
    """Let a draft come into force on its day; returns the new rows.

    Whoever calls has asked whether the person may. Raises NotFound, NotPossible when it was published before,
    BadInput when its day has passed or it changes nothing, and GeographyFaults when the new map does not fit.
    """
    take_turn(current_district())
    own = BoundaryDraft.objects.select_for_update(of=("self",)).filter(district_id=current_district())
    draft = own.filter(pk=draft_id).first()
    if draft is None:
        raise NotFound
    if draft.published_at is not None:
        raise NotPossible(_("这份调整已经公布了。"))
    if draft.valid_from < timezone.localdate(at):
        raise BadInput(_("生效日期已经过去，请重新上传并选今天或以后的日期。"), field="valid_from")
    read = boundary_files.understand(draft.content, draft.name)
    if read.faults:
        raise GeographyFaults(read.faults)
    rows = _change(read.wanted, read.ended, on=draft.valid_from, by=by, at=at, reason=draft.reason)
    if not rows and not read.ended:
        raise BadInput(_("文件里的区划和现行的一样，没有可公布的。"), field="file")
    draft.published_at = at
    draft.save(update_fields=["published_at"])
    on = draft.valid_from.isoformat()
    journal.write("places_boundaries.published", about=draft, by=by, at=at, on=on, rows=len(rows))
    return rows


def _change(
    wanted: Sequence[Wanted],
    ended: Sequence[str],
    *,
    on: date,
    by: AbstractBaseUser | None,
    at: datetime,
    reason: str,
) -> list[Division]:
    made = changes.plan(wanted, ended, on)
    rows = changes.carry_out(made)
    relocate_sites(on)
    _journal_changes(made, rows, by=by, at=at, reason=reason)
    transaction.on_commit(gazetteer.forget)
    return rows


def _like(known: Mapping[str, Division], code: str, *, parent: str | None = None) -> Wanted:
    row = known.get(code)
    if row is None or row.valid_to is not None:
        raise NotFound(_("没有代码为%(code)s的现行区划。") % {"code": code})
    return Wanted.like(row, parent=changes.parent_code(row) if parent is None else parent)


def _complete(lines: Sequence[Wanted], known: Mapping[str, Division]) -> None:
    """Fill in what a folder may leave out: the only district as parent of streets, and its outline."""
    districts = [line.code for line in lines if line.level is Level.DISTRICT]
    districts = districts or [
        row.code for row in known.values() if row.level == Level.DISTRICT and not row.valid_to
    ]
    for line in lines:
        if line.level is Level.STREET and not line.parent and len(districts) == 1:
            line.parent = districts[0]
    for line in lines:
        if line.level is Level.DISTRICT and line.shape is None and line.code not in known:
            shapes = [s.shape for s in lines if s.level is Level.STREET and s.parent == line.code and s.shape]
            line.shape = outlines.union(shapes) if shapes else None


def _no_longer_named(draft: drafts.Draft, known: Mapping[str, Division]) -> list[str]:
    levels = {line.level for line in draft.divisions}
    named = {line.code for line in draft.divisions}
    return [
        r.code for r in known.values() if r.level in levels and r.valid_to is None and r.code not in named
    ]


def _told(made: Plan, sites: Written, moved: int, words: int) -> Loaded:
    changed = sum(before is not None for _line, before in made.opened)
    return Loaded(
        divisions_new=len(made.opened) - changed,
        divisions_changed=changed,
        divisions_ended=len(made.ended),
        divisions_unchanged=made.unchanged,
        sites_new=sites.new,
        sites_changed=sites.changed,
        sites_unchanged=sites.unchanged,
        sites_moved=moved,
        words_changed=words,
    )


def _district() -> Division:
    districts = Division.objects.filter(district_id=current_district(), level=Level.DISTRICT)
    newest: Division = districts.latest("valid_from", "id")
    return newest


def _journal_changes(
    made: Plan, rows: Sequence[Division], *, by: AbstractBaseUser | None, at: datetime, reason: str
) -> None:
    """Write what became of each division that was there before, and what replaces the ended ones."""
    before = {line.code: row.pk for line, row in made.opened if row}
    replaced = sorted(row.code for row in made.ended)
    entries = []

    def note(event: str, about: Division, **details: Any) -> None:
        entry = Entry(event=event, about_type="division", about_id=about.pk, at=at)
        entry.by_id, entry.by_kind = (by.pk, By.PERSON) if by else (None, By.SYSTEM)
        entry.details = {"on": made.on.isoformat(), "reason": reason, **details}
        entries.append(entry)

    for row in rows:
        if row.code in before:
            note("places_division.changed", row, before=before[row.code])
        elif replaced and made.ended[0].level == row.level:
            note("places_division.opened", row, replaces=replaced)
    for ended in made.ended:
        note("places_division.ended", ended)
    journal.write_many(entries)


def publish_base_map(folder: Path, public: Path) -> bool:
    """Write base map and styles below `public`, and say whether anything was to be done."""
    from siquan.city.places import publishing  # brings a tile encoder along that no web process needs

    return publishing.publish_base_map(folder, public)
