"""The original of a photo: asked for with a reason, shown once, kept by no browser."""

from __future__ import annotations

import base64
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.errors import BadInput, NotPossible
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page
from siquan.work.cases import forms, queries, services
from siquan.work.cases.permissions import OTHER_RULES


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_original(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """Ask why, then show the photo as it was taken; the journal keeps who saw it.

    The picture travels inside the page, so that no address leads to it.
    """
    case = queries.case_by_number(request.user, number)
    require(OTHER_RULES, "open-original", request.user, case)
    photo = queries.photo_by_key(case, key)
    form = forms.OpenOriginal(request.POST or None)
    shown: Any = None
    if request.method == "POST" and form.is_valid():
        try:
            shown = services.open_original(
                case.pk, key=key, by=signed_in(request), at=timezone.now(), **form.cleaned_data
            )
        except BadInput as error:
            form.add_error("reason", str(error))
        except NotPossible as error:
            form.add_error(None, str(error))
    context = {"case": case, "photo": photo, "form": form, "file": photo.file, "picture": _inline(shown)}
    status = 422 if form.errors or (request.method == "POST" and shown is None) else 200
    return page(request, "cases/original.html", context, status=status)


def _inline(shown: services.Opened | None) -> str:
    """Return the opened picture, written anew by us, as an address that holds it all."""
    return f"data:image/jpeg;base64,{base64.b64encode(shown.picture).decode()}" if shown else ""
