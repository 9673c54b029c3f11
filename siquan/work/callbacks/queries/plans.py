"""Which plan is in force on a day."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound
from siquan.work.callbacks.models import Plan


def plan_in_force(day: date) -> Plan:
    """Return the newest version of the plan that is valid on a day. Raises NotFound."""
    plans = Plan.objects.filter(district_id=current_district(), valid_from__lte=day)
    found = plans.order_by("-valid_from", "-version").first()
    if found is None:
        raise NotFound(_("还没有回访方案，请中心负责人先发布一个。"))
    return found


def plans() -> list[Plan]:
    """Return every version, the newest first."""
    found = Plan.objects.filter(district_id=current_district()).select_related("by")
    return list(found.order_by("-version"))
