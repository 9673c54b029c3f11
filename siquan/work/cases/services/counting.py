"""Count in advance how many cases lie where, for the wide windows of the map."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from siquan.base.journal.models import Entry
from siquan.base.kernel.districts import current_district
from siquan.work.cases.density import DensityRun

SQUARE: Final = 0.001  # degrees; about 85 m × 111 m in Beijing

COUNT: Final = """
    insert into cases_density (district_id, month, state, lon, lat, count)
    select district_id, to_char(reported_at at time zone %(zone)s, 'YYYYMM')::integer, state,
           avg(lon), avg(lat), count(*)
    from cases_case where district_id = %(district)s and lon is not null
    group by district_id, 2, state, floor(lon / %(square)s), floor(lat / %(square)s)
"""


@transaction.atomic
def count_density(*, at: datetime) -> bool:
    """Count the squares anew if anything happened since the last time; return whether it did."""
    district = current_district()
    last = Entry.objects.aggregate(last=Max("id"))["last"] or 0
    known = DensityRun.objects.filter(district_id=district).first()
    if known and known.last_entry == last:
        return False
    with connection.cursor() as cursor:
        cursor.execute("delete from cases_density where district_id = %s", [district])
        cursor.execute(COUNT, {"district": district, "zone": settings.TIME_ZONE, "square": SQUARE})
    DensityRun.objects.update_or_create(district_id=district, defaults={"counted_at": at, "last_entry": last})
    return True
