"""Who may hand out duties."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.kernel.permissions import Rules, says
from siquan.city.duties import queries
from siquan.city.duties.models import Duty, Role

Person = User | AnonymousUser | None


@says(_("只有中心负责人和系统管理员可以登记、终止职责；系统管理员只能由系统管理员指定。"))
def hands_out_duties(user: Person, duty: Duty | None = None) -> bool:
    """Only the centre's leads and administrators may do this; administrators are named by administrators."""
    held = queries.duties_of(user)
    if duty is not None and duty.role == Role.ADMIN:
        return held.holds(Role.ADMIN)
    return held.holds(Role.CENTRE_LEAD, Role.ADMIN)


VERBS = {
    "give-duty": _("登记职责"),
    "end-duty": _("终止职责"),
}
RULES: Rules = {
    "give-duty": hands_out_duties,
    "end-duty": hands_out_duties,
}
