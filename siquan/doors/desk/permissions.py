"""Who may do what on the desk's own pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.permissions import Rules, says
from siquan.city.duties.models import Role
from siquan.city.duties.queries import duties_of


@says(_("只有系统管理员可以查看和处理没有送达的通知。"))
def runs_the_system(user: Any, thing: object = None) -> bool:
    """Only administrators may see and settle what was not delivered."""
    return duties_of(user).holds(Role.ADMIN)


@says(_("只有系统管理员可以处理个人信息的保存、导出和删除。"))
def protects_data(user: Any, thing: object = None) -> bool:
    """Only administrators may set how long personal data is kept, hand it out and erase it."""
    return duties_of(user).holds(Role.ADMIN)


PRIVACY_VERBS = {
    "see-retention": _("查看保存期限"),
    "set-retention": _("修改保存期限"),
    "look-up-person": _("查询个人信息"),
    "export-person": _("导出个人信息"),
    "erase-person": _("删除个人信息"),
}


@says(_("只有系统管理员可以调整区划边界。"))
def keeps_the_map(user: Any, thing: object = None) -> bool:
    """Only administrators may change boundaries."""
    return duties_of(user).holds(Role.ADMIN)


VERBS = {
    "see-deliveries": _("查看没有送达的通知"),
    "retry-delivery": _("重新发送通知"),
    "stop-delivery": _("停止发送通知"),
    "change-boundaries": _("调整区划边界"),
}
RULES: Rules = {
    "see-deliveries": runs_the_system,
    "retry-delivery": runs_the_system,
    "stop-delivery": runs_the_system,
    "change-boundaries": keeps_the_map,
}
PRIVACY_RULES: Rules = dict.fromkeys(PRIVACY_VERBS, protects_data)
