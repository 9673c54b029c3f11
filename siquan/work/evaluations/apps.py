"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvaluationsConfig(AppConfig):
    """Room `work/evaluations`."""

    name = "siquan.work.evaluations"
    label = "evaluations"
    verbose_name = _("外部评价")
