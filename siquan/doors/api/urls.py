"""The API, version 1: one router per room."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import path
from django.utils import timezone
from ninja.security import HttpBearer

from siquan.base.accounts import queries as accounts
from siquan.base.accounts.models import User
from siquan.doors.api import problems
from siquan.doors.api.answers import Json
from siquan.doors.api.callbacks import router as call_backs
from siquan.doors.api.cases import router as cases
from siquan.doors.api.contract import Contract
from siquan.doors.api.evaluations import router as evaluations
from siquan.doors.api.rates import router as rates
from siquan.doors.api.reports import router as reports


class Bearer(HttpBearer):
    """A token made by `siquan token USER`."""

    openapi_description = "A token made by `siquan token USER`."

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """Return whom the token speaks for."""
        return accounts.user_by_token(token, timezone.now())


api = Contract(
    title="siquan",
    version="1",
    description="The daily work of a city district. Times are UTC, positions WGS-84 unless a datum is named.",
    auth=Bearer(),
    urls_namespace="api-1",
    docs_url=None,
    renderer=Json(),
)
problems.install(api)
api.add_router("/reports", reports)
api.add_router("/cases", cases)
api.add_router("/rates", rates)
api.add_router("/call-backs", call_backs)
api.add_router("/evaluations", evaluations)

urlpatterns = [path("api/v1/", api.urls)]
