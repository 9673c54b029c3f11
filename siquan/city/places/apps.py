"""The room's entry in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    """Room `city/places`."""

    name = "siquan.city.places"
    label = "places"
    verbose_name = _("地点")
