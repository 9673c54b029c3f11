"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    """Room `work/cases`."""

    name = "siquan.work.cases"
    label = "cases"
    verbose_name = _("案件")
