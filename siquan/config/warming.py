"""What the first person would otherwise wait for: boundaries, names, rules, the model, the words of pages."""

from __future__ import annotations

import contextlib

from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone, translation
from django.utils.translation import gettext

from siquan.city.places import queries as places
from siquan.work.cases.queries import suggestion


def warm() -> None:
    """Load what is kept in memory; if the database does not answer, each process does it when asked."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            gettext("siquan")
    try:
        with contextlib.suppress(DatabaseError):
            places.read_place("东四北大街")
            places.locate(116.41, 39.92, on=timezone.localdate())
            suggestion.suggestion("路灯不亮", at=timezone.now(), why=False)
    finally:
        connections.close_all()  # a connection must not be shared by processes
