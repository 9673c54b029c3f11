"""The WSGI application, for granian and any other server."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from siquan.config.intake import Intake

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "siquan.config.settings")
application = Intake(get_wsgi_application())
get_resolver().url_patterns  # noqa: B018 - every view is imported now, not while somebody waits
