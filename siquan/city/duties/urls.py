"""Addresses of the duties."""

from django.urls import path

from siquan.city.duties import views

app_name = "duties"
urlpatterns = [
    path("", views.show_duties, name="list"),
    path("who-may-do-what/", views.show_who_may_do_what, name="rights"),
    path("mine/", views.show_own, name="own"),
    path("<int:duty_id>/end/", views.end_duty, name="end"),
    path("people/", views.show_people, name="people"),
    path("people/new/", views.add_person, name="new_person"),
    path("people/<int:user_id>/", views.show_person, name="person"),
    path("people/<int:user_id>/give/", views.give_duty, name="give"),
    path("people/<int:user_id>/password/", views.reset_password, name="reset_password"),
    path("people/<int:user_id>/close/", views.close_account, name="close_account"),
    path("people/<int:user_id>/open/", views.open_account, name="open_account"),
]
