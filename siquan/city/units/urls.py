"""Addresses of the units."""

from django.urls import path

from siquan.city.units import views

app_name = "units"
urlpatterns = [
    path("", views.show_units, name="list"),
    path("<int:unit_id>/", views.show_unit, name="unit"),
]
