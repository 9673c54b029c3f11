"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    """Room `base/notices`."""

    name = "siquan.base.notices"
    label = "notices"
    verbose_name = _("通知")
