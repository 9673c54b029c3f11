"""What a photo says about itself: where and when it was taken. Nothing here may fail on hostile metadata."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image

ASSUMED_ZONE = ZoneInfo("Asia/Shanghai")
WORST_ACCURACY_M = 100_000.0
# Some cameras write 0, 0 (in the Gulf of Guinea) when they do not know where they are.
NULL_ISLAND_DEGREES = 1e-4
_WGS84_NAMES = {"", "WGS84"}

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Position:
    """A point in degrees, WGS-84; `accuracy_m` is the radius in metres where the camera told it."""

    lon: float
    lat: float
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """What the metadata says. `taken_at` is UTC; `zone_assumed` when the camera named no offset."""

    position: Position | None = None
    taken_at: datetime | None = None
    zone_assumed: bool = False
    orientation: int = 1


def read_exif(image: Image.Image) -> Witness:
    """Return what the picture's EXIF block says; whatever is unreadable or absurd counts as not said."""
    exif = _or_none(image.getexif)
    if exif is None:
        return Witness()
    details = _or_none(lambda: exif.get_ifd(ExifTags.IFD.Exif)) or {}
    gps = _or_none(lambda: exif.get_ifd(ExifTags.IFD.GPSInfo)) or {}
    taken_at, zone_assumed = _or_none(lambda: _taken(details)) or (None, False)
    return Witness(
        position=_or_none(lambda: _position(gps)),
        taken_at=taken_at,
        zone_assumed=zone_assumed,
        orientation=_or_none(lambda: _orientation(exif)) or 1,
    )


def _or_none(read: Callable[[], Answer | None]) -> Answer | None:
    """Return what `read` returns, or None when it fails in any way."""
    # Parsing what strangers wrote raises anything (struct.error, KeyError, OverflowError, a warning turned
    # into an error ...), and a damaged note on a photo must never cost the photo.
    try:
        return read()
    except Exception:
        return None


def _orientation(exif: Image.Exif) -> int | None:
    value = exif.get(ExifTags.Base.Orientation)
    return value if isinstance(value, int) and 1 <= value <= 8 else None


def _taken(details: Mapping[int, Any]) -> tuple[datetime | None, bool]:
    written = _words(details.get(ExifTags.Base.DateTimeOriginal))
    if not written:
        return None, False
    offset = _words(details.get(ExifTags.Base.OffsetTimeOriginal))
    if offset:
        with_offset = _or_none(lambda: datetime.strptime(written + offset, "%Y:%m:%d %H:%M:%S%z"))
        if with_offset:
            return with_offset.astimezone(UTC), False
    local = datetime.strptime(written, "%Y:%m:%d %H:%M:%S").replace(tzinfo=ASSUMED_ZONE)
    return local.astimezone(UTC), True


def _position(gps: Mapping[int, Any]) -> Position | None:
    if _words(gps.get(ExifTags.GPS.GPSStatus)).upper() == "V":  # the receiver had lost its fix
        return None
    if _plain(_words(gps.get(ExifTags.GPS.GPSMapDatum))) not in _WGS84_NAMES:
        return None
    lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "NS", 90)
    lon = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "EW", 180)
    if lat is None or lon is None:
        return None
    if abs(lat) < NULL_ISLAND_DEGREES and abs(lon) < NULL_ISLAND_DEGREES:
        return None
    accuracy = _or_none(lambda: float(gps[ExifTags.GPS.GPSHPositioningError]))
    believable = accuracy is not None and math.isfinite(accuracy) and 0 < accuracy <= WORST_ACCURACY_M
    return Position(lon=lon, lat=lat, accuracy_m=accuracy if believable else None)


def _degrees(parts: Any, half: Any, halves: str, most: float) -> float | None:
    """Return signed degrees of a degrees-minutes-seconds triple, or None when it cannot be one."""
    side = _words(half).upper()
    if len(side) != 1 or side not in halves:
        return None
    degrees, minutes, seconds = (float(part) for part in parts)
    if not (0 <= degrees <= most and 0 <= minutes < 60 and 0 <= seconds < 60):  # refuses NaN and infinity too
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if value > most:
        return None
    return -value if side == halves[1] else value


def _words(value: Any) -> str:
    """Return a text tag without padding; cameras write bytes, NULs and blanks."""
    if isinstance(value, bytes):
        value = value.decode("ascii", "ignore")
    return value.replace("\x00", "").strip() if isinstance(value, str) else ""


def _plain(name: str) -> str:
    return "".join(letter for letter in name.upper() if letter.isalnum())
