"""Every address of the product: one line per room or door."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from siquan.config.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
]
