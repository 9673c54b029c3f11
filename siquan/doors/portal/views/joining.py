"""Is it one of these? Joining a case that is open already instead of reporting it once more."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from siquan.base.kernel.errors import BadInput, NotFound, NotPossible
from siquan.base.web.pages import wants_part
from siquan.doors.portal import telling
from siquan.doors.portal.forms import AlikeForm, JoinForm, fresh_key, is_own_key
from siquan.doors.portal.frame import private, shown
from siquan.work.cases import queries, services


@require_POST
def alike(request: HttpRequest) -> HttpResponse:
    """Show the open cases nearby that a report being written is possibly about, in public words."""
    form = AlikeForm(request.POST)
    found = _alike(form) if form.is_valid() else []
    key = request.POST.get("key", "")
    context = {
        "found": [telling.alike(each) for each in found],
        "key": key if is_own_key(key) else fresh_key(),
        "is_part": wants_part(request) or request.headers.get("X-Part") == "1",
    }
    name = "portal/alike_part.html" if context["is_part"] else "portal/alike.html"
    return private(shown(request, name, context))


def _alike(form: AlikeForm) -> list[queries.PublicAlike]:
    given = form.cleaned_data
    if given["lon"] is None or given["lat"] is None or not (given["text"] or given["category"]):
        return []
    now = timezone.now()
    category_id = queries.category_id(given["category"], now)
    return queries.public_duplicates(
        queries.Asked(given["lon"], given["lat"], now, given["text"], category_id)
    )


@require_POST
def join(request: HttpRequest) -> HttpResponse:
    """Count somebody who saw it too; pressed twice they are counted once."""
    form = JoinForm(request.POST)
    if not form.is_valid() or not is_own_key(form.cleaned_data["key"]):
        messages.error(request, _("页面放得太久了，请再试一次。"))
        return redirect("portal:report")
    try:
        joiner = services.join_case(**form.cleaned_data, at=timezone.now())
    except (BadInput, NotFound, NotPossible) as error:
        messages.error(request, str(error))
        return redirect("portal:report")
    return redirect("portal:joined", joiner.token)


@require_http_methods(["GET", "HEAD", "POST"])
def joined(request: HttpRequest, token: str) -> HttpResponse:
    """Show somebody who saw it too how far the case is; take the number under which to tell them."""
    joiner = queries.joined_by_token(token)
    wrong = ""
    if request.method == "POST":
        try:
            services.leave_number(joiner.pk, phone=request.POST.get("phone", "")[:30])
            messages.success(request, _("号码记下了，办结时会告诉您。"))
            return redirect("portal:joined", token)
        except BadInput as error:
            wrong = str(error)
    context = {
        "case": joiner.case,
        "spoken": telling.spoken(joiner.case.number),
        "standing": telling.standing(joiner.case, timezone.now(), is_own=False),
        "row": telling.row(queries.public_rows([joiner.case])[0]),
        "seen": queries.seen_by(joiner.case.number),
        "has_phone": bool(joiner.phone),
        "wrong": wrong,
        "typed": request.POST.get("phone", "")[:30],
        "link": request.build_absolute_uri(request.path),
    }
    return private(shown(request, "portal/joined.html", context, status=422 if wrong else 200))
