"""Addresses of the outside evaluation."""

from __future__ import annotations

from django.urls import path

from siquan.work.evaluations.views import judging, leading

app_name = "evaluations"
urlpatterns = [
    path("", leading.list_rounds, name="list"),
    path("new/", leading.announce, name="new"),
    path("mine/", judging.mine, name="mine"),
    path("sheet/<int:assignment_id>/", judging.sheet, name="sheet"),
    path("<int:round_id>/", leading.show_round, name="round"),
    path("<int:round_id>/replay/", leading.replay, name="replay"),
    path("<int:round_id>/draw.json", leading.replay_file, name="replay_file"),
    path("<int:round_id>/<slug:act>/", leading.do, name="act"),
]
