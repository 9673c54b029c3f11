"""Addresses of the rates."""

from __future__ import annotations

from django.urls import path

from siquan.insight.scoring.views import boards, listing

app_name = "rates"
urlpatterns = [
    path("", boards.overview, name="overview"),
    path("formula/", boards.show_formula, name="formula"),
    path("<slug:rate>/", boards.show_rate, name="rate"),
    path("<slug:rate>/cases/", listing.show_cases, name="cases"),
    path("<slug:rate>/cases.csv", listing.export, name="export"),
]
