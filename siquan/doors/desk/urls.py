"""Addresses of the desk."""

from __future__ import annotations

from django.urls import path

from siquan.doors.desk import boundaries, deliveries, privacy, views

app_name = "desk"
urlpatterns = [
    path("", views.my_work, name="my_work"),
    path("cockpit/", views.cockpit, name="cockpit"),
    path("privacy/", privacy.show_classes, name="privacy"),
    path("privacy/person/", privacy.show_person, name="privacy_person"),
    path("privacy/<slug:kind>/", privacy.set_days, name="privacy_days"),
    path("boundaries/", boundaries.hand_in, name="boundaries"),
    path("boundaries/<int:draft_id>/", boundaries.show_draft, name="boundary_draft"),
    path("deliveries/", deliveries.show_deliveries, name="deliveries"),
    path("deliveries/<int:delivery_id>/retry/", deliveries.retry_delivery, name="retry_delivery"),
    path("deliveries/<int:delivery_id>/stop/", deliveries.stop_delivery, name="stop_delivery"),
]
