"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JournalConfig(AppConfig):
    """Room `base/journal`."""

    name = "siquan.base.journal"
    label = "journal"
    verbose_name = _("日志")
