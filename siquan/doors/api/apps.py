"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """Room `doors/api`."""

    name = "siquan.doors.api"
    label = "api"
    verbose_name = _("接口")
