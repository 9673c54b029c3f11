"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """Room `doors/portal`."""

    name = "siquan.doors.portal"
    label = "portal"
    verbose_name = _("居民入口")
