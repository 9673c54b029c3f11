"""Every address of the product: one line per room or door."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from siquan.config.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("siquan.base.files.urls")),
    path("", include("siquan.doors.portal.urls")),
    path("", include("siquan.doors.api.urls")),
    path("healthz", healthz, name="healthz"),
    path("", include("siquan.base.web.urls")),
    path("places/", include("siquan.city.places.urls")),
    path("account/", include("siquan.base.accounts.urls")),
    path("duties/", include("siquan.city.duties.urls")),
    path("units/", include("siquan.city.units.urls")),
    path("rules/", include("siquan.city.rules.urls")),
    path("inbox/", include("siquan.base.notices.urls")),
    path("cases/", include("siquan.work.cases.urls")),
    path("rates/", include("siquan.insight.scoring.urls")),
    path("callbacks/", include("siquan.work.callbacks.urls")),
    path("evaluations/", include("siquan.work.evaluations.urls")),
    path("desk/", include("siquan.doors.desk.urls")),
]

handler400 = "siquan.base.web.problems.bad_request"
handler403 = "siquan.base.web.problems.permission_denied"
handler404 = "siquan.base.web.problems.page_not_found"
handler500 = "siquan.base.web.problems.server_error"
