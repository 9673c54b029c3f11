"""Addresses of the desk."""

from __future__ import annotations

from django.urls import path

from siquan.doors.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.my_work, name="my_work"),
    path("cockpit/", views.cockpit, name="cockpit"),
]
