"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScoringConfig(AppConfig):
    """Room `insight/scoring`."""

    name = "siquan.insight.scoring"
    label = "scoring"
    verbose_name = _("三率")
