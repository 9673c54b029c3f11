"""Addresses of the places."""

from django.urls import path

from siquan.city.places import views

app_name = "places"
urlpatterns = [
    path("", views.show_divisions, name="divisions"),
    path("search", views.search, name="search"),
    path("here", views.here, name="here"),
    path("<slug:code>/", views.show_division, name="division"),
]
