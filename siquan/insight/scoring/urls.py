"""Addresses of the rates."""

from __future__ import annotations

from django.urls import path

from siquan.insight.scoring.views import appeals, boards, listing

app_name = "rates"
urlpatterns = [
    path("", boards.overview, name="overview"),
    path("formula/", boards.show_formula, name="formula"),
    path("appeals/", appeals.appeal_list, name="appeals"),
    path("appeals/new/<str:number>/", appeals.new_appeal, name="new_appeal"),
    path("appeals/<int:appeal_id>/", appeals.show_appeal, name="appeal"),
    path("appeals/<int:appeal_id>/<slug:verb>/", appeals.act, name="act"),
    path("<slug:rate>/", boards.show_rate, name="rate"),
    path("<slug:rate>/cases/", listing.show_cases, name="cases"),
    path("<slug:rate>/cases.csv", listing.export, name="export"),
]
