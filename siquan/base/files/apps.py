"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    """Room `base/files`."""

    name = "siquan.base.files"
    label = "files"
    verbose_name = _("文件")
