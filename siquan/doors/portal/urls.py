"""Addresses for residents."""

from django.urls import path

from siquan.doors.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("r/<str:token>/", views.follow, name="follow"),
]
