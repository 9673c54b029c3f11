"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """Room `doors/desk`."""

    name = "siquan.doors.desk"
    label = "desk"
    verbose_name = _("工作台")
