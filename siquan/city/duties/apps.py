"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DutiesConfig(AppConfig):
    """Room `city/duties`."""

    name = "siquan.city.duties"
    label = "duties"
    verbose_name = _("职责")
