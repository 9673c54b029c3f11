"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """Room `base/web`."""

    name = "siquan.base.web"
    label = "web"
    verbose_name = _("页面")
