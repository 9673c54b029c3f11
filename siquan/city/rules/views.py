"""Pages about rules: what is in force, which rule would apply, the working calendar, loading a pack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page
from siquan.city.rules import checks, forms, permissions, queries, services
from siquan.city.rules.files import parse
from siquan.city.rules.models import Clock, Pack, RoadClass
from siquan.city.rules.permissions import RULES

PER_PAGE = 100
FAULTS_SHOWN = 300
DRAFTS_SHOWN = 20
SHORT_WEEKDAYS = (
    pgettext_lazy("星期", "一"),
    pgettext_lazy("星期", "二"),
    pgettext_lazy("星期", "三"),
    pgettext_lazy("星期", "四"),
    pgettext_lazy("星期", "五"),
    pgettext_lazy("星期", "六"),
    pgettext_lazy("星期", "日"),
)
View = Callable[..., HttpResponse]


def needs(verb: str) -> Callable[[View], View]:
    """Let only people in who may do this; strangers are asked to sign in."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            require(RULES, verb, signed_in(request), None)
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return guard


@needs("read-rules")
def show_pack(request: HttpRequest) -> HttpResponse:
    """Show the pack in force and every version there is."""
    today = timezone.localdate()
    pack = _pack_or_none(request)
    may_load = permissions.edits_rules(signed_in(request))
    found = {
        "tab": "pack",
        "pack": pack,
        "book": queries.rulebook(pack) if pack else None,
        "packs": queries.packs(),
        "today": today,
        "faults": queries.faults_of_pack(pack, today)[:FAULTS_SHOWN] if pack else [],
        "may_load": may_load,
        "drafts": queries.drafts()[:DRAFTS_SHOWN] if may_load else [],
    }
    return page(request, "rules/pack.html", found)


@needs("read-rules")
def show_categories(request: HttpRequest) -> HttpResponse:
    """Browse the categories on three levels, or search them."""
    pack = _pack(request)
    words, kind, code = (_word(request, name) for name in ("q", "kind", "category"))
    found = {
        "tab": "categories",
        "pack": pack,
        "words": words,
        "kind": kind,
        "kinds": queries.kinds(),
        "groups": queries.category_groups(pack, kind),
        "entries": queries.categories_found(pack, words, kind) if words else None,
        "view": queries.category_view(pack, code),
    }
    return page(request, "rules/categories.html", found, part="rows")


@needs("read-rules")
def show_limits(request: HttpRequest) -> HttpResponse:
    """List the limits, filtered by words, clock and class of road."""
    pack = _pack(request)
    words, clock, road = (_word(request, name) for name in ("q", "clock", "road"))
    found = {
        "tab": "limits",
        "pack": pack,
        "words": words,
        "clock": clock,
        "clocks": Clock.choices,
        "road": road,
        "roads": RoadClass.choices,
        "found": _paged(request, queries.limits_found(pack, words, clock, road)),
    }
    return page(request, "rules/limits.html", found, part="rows")


@needs("read-rules")
def show_responsibilities(request: HttpRequest) -> HttpResponse:
    """List who answers for what, filtered by words, unit and day."""
    pack = _pack(request)
    words, unit = _word(request, "q"), _number(request, "unit")
    on = _day(request, "on")
    found = {
        "tab": "responsibilities",
        "pack": pack,
        "words": words,
        "unit": unit,
        "units": queries.leading_units(pack),
        "on": on,
        "found": _paged(request, queries.responsibilities_found(pack, words, unit, on)),
    }
    return page(request, "rules/responsibilities.html", found, part="rows")


@needs("read-rules")
def try_rules(request: HttpRequest) -> HttpResponse:
    """Say which rules would apply to an imagined case."""
    today = timezone.localdate()
    asked = "category" in request.GET
    pack = _pack(request, _day(request, "on") or today)
    form = forms.Case(
        request.GET if asked else None,
        categories=queries.category_choices(pack),
        streets=queries.streets(today),
        today=today,
    )
    verdict = None
    if asked and form.is_valid():
        said = form.cleaned_data
        where = queries.where_asked(said)
        if where.unknown:
            form.add_error("place", where.unknown)
        else:
            verdict = queries.verdict(pack, said["category"], where, said["on"])
    found = {"tab": "try", "pack": pack, "form": form, "verdict": verdict}
    return page(request, "rules/try.html", found, part="answer")


@needs("read-rules")
def show_calendar(request: HttpRequest) -> HttpResponse:
    """Show a year of the working calendar."""
    today = timezone.localdate()
    calendar = queries.calendar_row_in_force(today)
    found = {
        "tab": "calendar",
        "calendar": calendar,
        "hours": queries.calendar_by_id(calendar.pk),
        "year": queries.calendar_year(calendar, _number(request, "year") or today.year),
        "weekdays": [(WEEKDAYS[number], short) for number, short in enumerate(SHORT_WEEKDAYS)],
        "today": today,
    }
    return page(request, "rules/calendar.html", found)


@require_safe
@needs("read-rules")
def download(request: HttpRequest) -> HttpResponse:
    """Hand out a pack as a ZIP of its files."""
    pack = _pack(request)
    response = HttpResponse(queries.pack_as_zip(pack, timezone.localdate()), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="rules-{pack.pk}.zip"'
    return response


@never_cache
@needs("load-pack")
def upload(request: HttpRequest) -> HttpResponse:
    """Take the files of a pack, to be looked at before they are loaded."""
    form = forms.Upload(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        draft = services.keep_draft(form.cleaned_data["sent"], by=signed_in(request), at=timezone.now())
        return redirect("rules:draft", draft.pk)
    return page(request, "rules/upload.html", {"tab": "pack", "form": form})


@never_cache
@needs("load-pack")
def show_draft(request: HttpRequest, draft_id: int, refused: str = "") -> HttpResponse:
    """Show what is wrong with a pack that was sent in, and what it would change."""
    draft = queries.draft_by_id(draft_id)
    parsed, today = parse(queries.files_of(draft)), timezone.localdate()
    faults = queries.faults_of(parsed, today)
    found = {
        "tab": "pack",
        "draft": draft,
        "file": parsed.pack,
        "faults": faults[:FAULTS_SHOWN],
        "count": len(faults),
        "errors": len(checks.errors(faults)),
        "differences": queries.differences(parsed.pack, today) if parsed.pack else [],
        "refused": refused,
    }
    return page(request, "rules/draft.html", found, status=422 if refused else 200)


@require_POST
@needs("load-pack")
def load(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Load a pack that was looked at."""
    draft = queries.draft_by_id(draft_id)
    try:
        loaded = services.load_draft(draft, by=signed_in(request), at=timezone.now())
    except BadInput as error:
        return show_draft(request, draft_id, refused=str(error))
    if loaded.is_new:
        words = _("已装入“%(pack)s”，自 %(day)s 起施行。新案件从那天起按它办理，已有案件不变。")
    else:
        words = _("“%(pack)s”早已装入，没有变化。")
    messages.success(request, words % {"pack": loaded.pack.title, "day": loaded.pack.valid_from})
    return redirect("rules:pack")


@require_POST
@needs("load-pack")
def discard(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Throw away a pack that was sent in."""
    services.discard_draft(queries.draft_by_id(draft_id), by=signed_in(request))
    messages.success(request, _("已丢弃，规则没有变化。"))
    return redirect("rules:pack")


def _pack(request: HttpRequest, on: date | None = None) -> Pack:
    """Return the pack the address names, or else the one in force. Raises NotFound."""
    key = _number(request, "pack")
    return queries.pack_by_id(key) if key else queries.pack_in_force(on or timezone.localdate())


def _pack_or_none(request: HttpRequest) -> Pack | None:
    try:
        return _pack(request)
    except NotFound:
        return None


def _paged(request: HttpRequest, found: list[Any]) -> Any:
    return Paginator(found, PER_PAGE).get_page(request.GET.get("page"))


def _word(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:100]


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
