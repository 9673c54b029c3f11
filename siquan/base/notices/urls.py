"""Addresses of the inbox."""

from django.urls import path

from siquan.base.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.show_inbox, name="inbox"),
    path("read/", views.mark_all_read, name="mark_all_read"),
    path("<int:notice_id>/", views.open_notice, name="open"),
    path("<int:notice_id>/read/", views.mark_read, name="mark_read"),
]
