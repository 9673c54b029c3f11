"""Addresses of the call-backs, as staff see them."""

from __future__ import annotations

from django.urls import path

from siquan.work.callbacks.views import desk, planning, reading

app_name = "callbacks"
urlpatterns = [
    path("", reading.results, name="list"),
    path("desk/", desk.show, name="desk"),
    path("desk/next/", desk.next_call, name="next"),
    path("<int:call_back_id>/save/", desk.save, name="save"),
    path("<int:call_back_id>/take-back/", desk.take_back, name="take_back"),
    path("<int:call_back_id>/correct/", reading.correct, name="correct"),
    path("<int:call_back_id>/", reading.call_back, name="call_back"),
    path("plan/", planning.plan, name="plan"),
    path("plan/draws/<int:draw_id>/", planning.replay, name="replay"),
    path("plan/draws/<int:draw_id>/draw.json", planning.replay_file, name="replay_file"),
    path("plan/new/", planning.new_plan, name="new_plan"),
]
