"""Whose facts these are: tables of facts carry the district, so that one installation can hold many."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models


def current_district() -> int:
    """Return the division code of the district that new facts belong to."""
    return int(settings.DISTRICT_ID)


class DistrictField(models.IntegerField):  # type: ignore[type-arg]
    """The district's division code (GB/T 2260); filled from the settings."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", current_district)
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)
