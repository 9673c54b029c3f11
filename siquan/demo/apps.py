"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    """Room `demo`."""

    name = "siquan.demo"
    label = "demo"
    verbose_name = _("示范区")
