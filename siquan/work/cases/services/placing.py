"""Find the place of a case that came without one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel.coordinates import Datum, distance_m
from siquan.work.cases.models import Case
from siquan.work.cases.services.reporting import clean_line, put_in_place
from siquan.work.cases.services.taking import take_aside
from siquan.work.cases.services.wording import keep_address


@transaction.atomic
def set_place(
    case_id: int,
    *,
    by: User,
    at: datetime,
    lon: float,
    lat: float,
    datum: Datum = Datum.WGS84,
    address: str = "",
) -> Case:
    """Give a case its place, or correct it; the divisions are those of the day it was reported.

    Raises OutsideDistrict, PermissionDenied.
    """
    case = take_aside("set-place", case_id, by)
    was = (case.lon, case.lat)
    put_in_place(case, lon, lat, datum=datum, at=case.reported_at)
    if address:
        keep_address(case, clean_line(address))
    case.save(update_fields=["lon", "lat", "given_datum", "address", "street", "community", "block", "cell"])
    # No position: it can be somebody's home, and the journal never forgets.
    journal.write("case.placed", about=case, by=by, at=at, moved_m=_moved_m(*was, case))
    return case


def _moved_m(lon: float | None, lat: float | None, case: Case) -> float | None:
    """Return how far a case was moved, to ten metres; None when it had no place."""
    if lon is None or lat is None or case.lon is None or case.lat is None:
        return None
    return round(distance_m(lon, lat, case.lon, case.lat), -1)
