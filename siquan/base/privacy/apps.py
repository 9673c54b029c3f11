"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    """Room `base/privacy`."""

    name = "siquan.base.privacy"
    label = "privacy"
    verbose_name = _("个人信息")
