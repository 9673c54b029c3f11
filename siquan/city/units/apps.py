"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UnitsConfig(AppConfig):
    """Room `city/units`."""

    name = "siquan.city.units"
    label = "units"
    verbose_name = _("单位")
