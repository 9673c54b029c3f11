"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Room `base/accounts`."""

    name = "siquan.base.accounts"
    label = "accounts"
    verbose_name = _("账号")
