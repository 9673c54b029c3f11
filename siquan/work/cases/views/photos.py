"""What is done about a photo that shows too much, and the list of photos somebody has a doubt about."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.files import queries as files
from siquan.base.kernel.errors import BadInput, NotFound, NotPossible, Words
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page, wants_part
from siquan.work.cases import forms, queries, services
from siquan.work.cases.areas import SIDES, as_rows
from siquan.work.cases.models import CasePhoto
from siquan.work.cases.permissions import OTHER_RULES, works_at_centre
from siquan.work.cases.states import PHOTO_TRANSITIONS, PHOTO_VERBS, PhotoState

SHOWN: Final = 50
EMPTY_ROWS: Final = 3
GRAVE: Final = frozenset({"withhold-photo"})
ICONS: Final[Mapping[str, str]] = {
    "doubt-photo": "message",
    "leave-photo": "check",
    "cover-photo": "layers",
    "withhold-photo": "lock",
    "show-photo": "eye",
}
DONE: Final[Mapping[str, Words]] = {
    "doubt-photo": _("已告诉中心。"),
    "leave-photo": _("已记下，照片照常显示。"),
    "cover-photo": _("正在从原图重做这张照片；做好之前谁也看不到。"),
    "withhold-photo": _("这张照片现在谁也看不到了。"),
    "show-photo": _("照片恢复显示。"),
}


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, number: str, key: str, verb: str) -> HttpResponse:
    """Ask why (and which areas), then do it to the photo."""
    if verb not in forms.PHOTO_FORMS:
        raise Http404
    case = queries.case_by_number(request.user, number)
    require(OTHER_RULES, verb, request.user, case)
    photo = queries.photo_by_key(case, key)
    state = PhotoState.of(is_withheld=photo.file.is_withheld)
    if request.method != "POST" and verb not in PHOTO_TRANSITIONS[state]:
        words = _("这张照片现在是“%(state)s”，不能“%(verb)s”。")
        messages.info(request, words % {"state": state.label, "verb": PHOTO_VERBS[verb]})
        return redirect("cases:case", case.number)
    form: Any = forms.PHOTO_FORMS[verb](request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        do = services.PHOTO_ACTS[verb]
        try:
            do(case.pk, key=key, by=signed_in(request), at=timezone.now(), **form.cleaned_data)
        except NotPossible as error:
            form.add_error(None, str(error))
            status = 409
        except BadInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, str(DONE[verb]))
            return redirect("cases:case", case.number)
    context = {
        "case": case,
        "photo": photo,
        "file": photo.file,
        "verb": verb,
        "label": PHOTO_VERBS[verb],
        "icon": ICONS[verb],
        "is_grave": verb in GRAVE,
        "form": form,
        "in_place": wants_part(request),
        "action": reverse("cases:photo_act", args=[case.number, key, verb]),
        "cancel": reverse("cases:case", args=[case.number]),
        "picture": _picture(photo),
        "rows": _rows(request, photo) if verb == "cover-photo" else [],
    }
    status = 422 if form.errors and status == 200 else status
    return page(request, "cases/photo_act.html", context, part="form", status=status)


def _picture(photo: CasePhoto) -> str:
    """Return the covered picture as an address that holds it all, so that a withheld one has none."""
    try:
        return f"data:image/jpeg;base64,{base64.b64encode(files.picture_bytes(photo.file)).decode()}"
    except NotFound:  # being made anew
        return ""


def _rows(request: HttpRequest, photo: CasePhoto) -> list[Mapping[str, str]]:
    """Return the rows of the areas: what was sent, else what is covered already; and some empty ones."""
    sent = [request.POST.getlist(f"areas-{side}") for side in SIDES]
    rows: list[Mapping[str, str]] = [dict(zip(SIDES, row, strict=True)) for row in zip(*sent, strict=False)]
    rows = [row for row in rows if any(row.values())] or as_rows(photo.file.areas)
    return [*rows, *({} for _row in range(EMPTY_ROWS))]


@login_required
@require_safe
def doubted(request: HttpRequest) -> HttpResponse:
    """Show what was said about photos and waits for the centre, oldest first."""
    require({"see": works_at_centre}, "see", request.user, None)
    found = list(queries.doubts(request.user)[: SHOWN + 1])
    context = {
        "rows": [
            {"remark": each, "case": each.photo.case, "file": each.photo.file} for each in found[:SHOWN]
        ],
        "is_cut": len(found) > SHOWN,
        "total": queries.doubt_count(request.user),
    }
    return page(request, "cases/doubted.html", context)
