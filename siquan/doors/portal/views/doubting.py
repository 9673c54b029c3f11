"""Somebody says that a public photo shows what it should not: no account, nothing taken away by itself."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from siquan.doors.portal import telling
from siquan.doors.portal.forms import DoubtForm
from siquan.doors.portal.frame import shown
from siquan.work.cases import queries, services


@require_http_methods(["GET", "HEAD", "POST"])
def doubt(request: HttpRequest, number: str) -> HttpResponse:
    """Ask which photo and what it shows, and put it on the list of the centre."""
    found = queries.public_case(number)
    photos = telling.photos([each for each in queries.public_photos(number) if each.file.is_shown])
    form = DoubtForm(request.POST if request.method == "POST" else None, photos=photos)
    if form.is_valid():
        given = form.cleaned_data
        photo = queries.public_photo(number, given["photo"])
        services.doubt_public_photo(photo, shows=given["shows"], text=given["text"], at=timezone.now())
        messages.success(request, _("谢谢，受理中心会尽快看这张照片。"))
        return redirect("portal:case", found.number)
    context = {"form": form, "photos": photos, "number": found.number, "spoken": telling.spoken(found.number)}
    return shown(request, "portal/doubt.html", context, status=422 if form.errors else 200)
