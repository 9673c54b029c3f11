"""Addresses of the base pages."""

from django.urls import path
from django.views.i18n import set_language

from siquan.base.web import views

app_name = "web"
urlpatterns = [
    path("look/", views.change_look, name="look"),
    path("language/", set_language, name="language"),
    path("styleguide/", views.show_styleguide, name="styleguide"),
    path("styleguide/<slug:frame>/", views.show_styleguide, name="styleguide_frame"),
]
