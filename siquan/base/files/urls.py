"""Addresses of pictures."""

from __future__ import annotations

from django.urls import path

from siquan.base.files import views

app_name = "files"
urlpatterns = [
    path("files/<slug:key>", views.picture, name="picture"),
    path("files/<slug:key>/thumb", views.thumbnail, name="thumbnail"),
]
