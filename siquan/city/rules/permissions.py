"""Who may do what with rules."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.kernel.permissions import Rules, says
from siquan.city.duties import queries as duties
from siquan.city.duties.models import Role

Person = User | AnonymousUser | None


@says(_("只有规则管理员可以装入规则包。"))
def edits_rules(user: Person, thing: object = None) -> bool:
    """Only rule editors may load rule packs."""
    return duties.holds(user, Role.RULE_EDITOR)


@says(_("登录并有职责的工作人员可以查看规则。"))
def reads_rules(user: Person, thing: object = None) -> bool:
    """Only staff who hold a duty may read the rules here."""
    return bool(duties.duties_of(user).scopes)


VERBS = {
    "read-rules": _("查看规则"),
    "load-pack": _("装入规则包"),
}
RULES: Rules = {
    "read-rules": reads_rules,
    "load-pack": edits_rules,
}
