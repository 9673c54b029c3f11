"""Addresses of the places."""

from django.urls import path

from siquan.city.places import views

app_name = "places"
urlpatterns = [
    path("search", views.search, name="search"),
    path("here", views.here, name="here"),
]
