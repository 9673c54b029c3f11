"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallbacksConfig(AppConfig):
    """Room `work/callbacks`."""

    name = "siquan.work.callbacks"
    label = "callbacks"
    verbose_name = _("回访")
