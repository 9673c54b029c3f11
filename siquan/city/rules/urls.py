"""Addresses of the rules."""

from __future__ import annotations

from django.urls import path

from siquan.city.rules import views

app_name = "rules"
urlpatterns = [
    path("", views.show_pack, name="pack"),
    path("categories/", views.show_categories, name="categories"),
    path("limits/", views.show_limits, name="limits"),
    path("responsibilities/", views.show_responsibilities, name="responsibilities"),
    path("try/", views.try_rules, name="try"),
    path("calendar/", views.show_calendar, name="calendar"),
    path("files/", views.download, name="download"),
    path("load/", views.upload, name="upload"),
    path("load/<int:draft_id>/", views.show_draft, name="draft"),
    path("load/<int:draft_id>/load/", views.load, name="load"),
    path("load/<int:draft_id>/discard/", views.discard, name="discard"),
]
