"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RulesConfig(AppConfig):
    """Room `city/rules`."""

    name = "siquan.city.rules"
    label = "rules"
    verbose_name = _("规则")
