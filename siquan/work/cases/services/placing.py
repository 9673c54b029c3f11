"""Find the place of a case that came without one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel.coordinates import Datum
from siquan.work.cases.models import Case
from siquan.work.cases.services.reporting import clean_line, put_in_place
from siquan.work.cases.services.taking import take_aside


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
    was = [case.lon, case.lat]
    put_in_place(case, lon, lat, datum=datum, at=case.reported_at)
    if address:
        case.address = clean_line(address)
    case.save(update_fields=["lon", "lat", "given_datum", "address", "street", "community", "block", "cell"])
    journal.write("case.placed", about=case, by=by, at=at, lon=case.lon, lat=case.lat, was=was)
    return case
