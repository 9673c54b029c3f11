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


@says(_("只有中心负责人和系统管理员可以管理账号；系统管理员的账号只能由系统管理员管理。"))
def manages_accounts(user: Person, person: User | None = None) -> bool:
    """Only the centre's leads and administrators may do this; to an administrator, administrators only.

    Who resets a password can sign in as that person: it must never lead to more than one holds.
    """
    held = queries.duties_of(user)
    if person is not None and queries.holds_or_will(person, Role.ADMIN):
        return held.holds(Role.ADMIN)
    return held.holds(Role.CENTRE_LEAD, Role.ADMIN)


@says(_("只有在本区负有职责的人员可以查看。"))
def works_here(user: Person, thing: object = None) -> bool:
    """Only people with a duty here may see this."""
    return bool(queries.duties_of(user).scopes)


VERBS = {
    "see-duties": _("查看职责和权限"),
    "give-duty": _("登记职责"),
    "end-duty": _("终止职责"),
    "add-account": _("建立账号"),
    "reset-password": _("重设密码"),
    "close-account": _("停用账号"),
    "open-account": _("恢复账号"),
}
RULES: Rules = {
    "see-duties": works_here,
    "give-duty": hands_out_duties,
    "end-duty": hands_out_duties,
    "add-account": manages_accounts,
    "reset-password": manages_accounts,
    "close-account": manages_accounts,
    "open-account": manages_accounts,
}
