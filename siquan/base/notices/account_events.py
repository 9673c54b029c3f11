"""Tell people what happened to their own account, so that somebody else's doing does not stay unseen."""

from __future__ import annotations

from typing import Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import Words
from siquan.base.notices import services
from siquan.base.notices.models import Channel

ADVICE: Final = _("如果不是您本人操作，请马上修改密码，并告诉本单位管理员。")
TITLES: Final[dict[str, Words]] = {
    "account.password_changed": _("您的密码已修改"),
    "account.password_reset": _("管理员重设了您的密码"),
    "account.factor_added": _("您的账号登记了第二重验证"),
    "account.factor_removed": _("您的账号移除了一个第二重验证"),
    "account.factors_reset": _("您的第二重验证已被重设"),
    "account.recovery_code_used": _("有人用备用码登录了您的账号"),
    "account.recovery_codes_made": _("您的备用码换了一批"),
    "account.token_made": _("您的账号新建了接口令牌"),
}


def tell_owner(entry: Entry) -> None:
    """Tell the person whose account it is; once, however often this runs."""
    user = User.objects.filter(pk=entry.about_id or 0, is_active=True).first()
    if user is None:
        return
    services.notify(
        [user],
        kind=entry.event,
        key=f"{entry.event}:{entry.pk}",
        title=TITLES[entry.event],
        text=ADVICE,
        at=entry.at,
        url=reverse("accounts:account"),
        channels=(Channel.INBOX, Channel.EMAIL),
    )
