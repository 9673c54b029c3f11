"""Addresses for residents."""

from __future__ import annotations

from django.urls import path

from siquan.doors.portal.views import doubting, figures, following, joining, nearby, plain, reporting

app_name = "portal"
urlpatterns = [
    path("", plain.home, name="home"),
    path("report/", reporting.report, name="report"),
    path("report/suggest/", reporting.suggest, name="suggest"),
    path("report/alike/", joining.alike, name="alike"),
    path("report/join/", joining.join, name="join"),
    path("j/<str:token>/", joining.joined, name="joined"),
    path("r/<str:token>/", following.follow, name="follow"),
    path("r/<str:token>/sent/", reporting.sent, name="sent"),
    path("r/<str:token>/say/", following.say, name="say"),
    path("r/<str:token>/rate/", following.rate, name="rate"),
    path("c/", nearby.find, name="find"),
    path("c/<str:number>/", nearby.case, name="case"),
    # Not /map/: below it lie the base map and its styles, which the web server gives out itself.
    path("c/<str:number>/doubt/", doubting.doubt, name="doubt"),
    path("nearby/", nearby.nearby, name="map"),
    path("nearby/cases.json", nearby.window, name="window"),
    path("figures/", figures.rates, name="figures"),
    path("help/", plain.help_page, name="help"),
]
