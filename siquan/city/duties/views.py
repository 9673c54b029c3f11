"""Pages about duties: one's own, everybody's, who may do what, and giving and ending them."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from siquan.base.accounts.models import User
from siquan.base.accounts.queries import signed_in, user_by_id, users_found
from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page
from siquan.city.duties import forms, permissions, queries, services, tables, timeline
from siquan.city.duties.models import Role
from siquan.city.duties.permissions import RULES

PER_PAGE = 50
HISTORY = 50


@login_required
def show_who_may_do_what(request: HttpRequest) -> HttpResponse:
    """List every verb with the roles that may do it; with `role`, only what that role may do."""
    user = signed_in(request)
    require(RULES, "see-duties", user, None)
    role = request.GET.get("role", "")
    found = {
        "sections": tables.who_may_do_what(),
        "roles": Role.choices,
        "role": role if role in Role.values else "",
        "own": queries.duties_of(user).roles,
    }
    return page(request, "duties/who_may_do_what.html", found, part="table")


@login_required
def show_own(request: HttpRequest) -> HttpResponse:
    """Show one's own duties."""
    user = signed_in(request)
    found = {"duties": queries.duties_of_person(user), "today": timezone.localdate()}
    return page(request, "duties/own.html", found)


@login_required
def show_duties(request: HttpRequest) -> HttpResponse:
    """List who holds what, filtered by words, role, unit and division."""
    user = signed_in(request)
    require(RULES, "see-duties", user, None)
    words, role = request.GET.get("q", ""), request.GET.get("role", "")
    ever = request.GET.get("when") == "ever"
    duties = queries.duties_found(
        words=words,
        role=role if role in Role.values else "",
        unit_id=_number(request, "unit"),
        division_id=_number(request, "division"),
        on=None if ever else timezone.localdate(),
    )
    found = {
        "found": Paginator(duties, PER_PAGE).get_page(request.GET.get("page")),
        "roles": Role.choices,
        "words": words,
        "role": role,
        "ever": ever,
        "unit": request.GET.get("unit", ""),
        "division": request.GET.get("division", ""),
        "today": timezone.localdate(),
        "may_give": permissions.hands_out_duties(user),
    }
    return page(request, "duties/duties.html", found, part="rows")


@login_required
def show_people(request: HttpRequest) -> HttpResponse:
    """List the accounts."""
    user = signed_in(request)
    require(RULES, "add-account", user, None)
    words = request.GET.get("q", "")
    people = Paginator(users_found(words), PER_PAGE).get_page(request.GET.get("page"))
    return page(request, "duties/people.html", {"found": people, "words": words}, part="rows")


@never_cache
@login_required
def add_person(request: HttpRequest) -> HttpResponse:
    """Make an account for a colleague, and show its first password once."""
    user = signed_in(request)
    require(RULES, "add-account", user, None)
    form = forms.NewPerson(request.POST or None)
    if form.is_valid():
        try:
            person, password = services.add_person(by=user, at=timezone.now(), **form.cleaned_data)
        except BadInput as error:
            _show(error, form)
        else:
            return _person_page(request, person, password=password)
    return page(request, "duties/new_person.html", {"form": form})


@never_cache
@login_required
def show_person(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show one colleague: duties, account, history."""
    person = user_by_id(user_id)
    require(RULES, "reset-password", signed_in(request), None)
    return _person_page(request, person)


@require_POST
@login_required
def give_duty(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give a colleague a duty."""
    person, user = user_by_id(user_id), signed_in(request)
    require(RULES, "give-duty", user, None)
    form = forms.GiveDuty(request.POST)
    if form.is_valid():
        try:
            services.give_duty(user=person, by=user, at=timezone.now(), **form.cleaned_data)
        except BadInput as error:
            _show(error, form)
        else:
            messages.success(request, _("已登记，从开始日期起生效。"))
            return redirect("duties:person", person.pk)
    return _person_page(request, person, form=form)


@login_required
def end_duty(request: HttpRequest, duty_id: int) -> HttpResponse:
    """Ask for the day, then end a duty."""
    duty, user = queries.duty_by_id(duty_id), signed_in(request)
    require(RULES, "end-duty", user, duty)
    form = forms.EndDuty(request.POST or None)
    if form.is_valid():
        services.end_duty(duty_id, by=user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("已终止。职责记录会保留。"))
        return redirect("duties:person", duty.user_id)
    return page(request, "duties/end.html", {"form": form, "duty": duty})


@never_cache
@require_POST
@login_required
def reset_password(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give a colleague a new first password, and show it once."""
    person = user_by_id(user_id)
    password = services.reset_password(person, by=signed_in(request), at=timezone.now())
    return _person_page(request, person, password=password)


@require_POST
@login_required
def close_account(request: HttpRequest, user_id: int) -> HttpResponse:
    """Close a colleague's account."""
    services.close_account(user_by_id(user_id), by=signed_in(request), at=timezone.now())
    messages.success(request, _("账号已停用，所有登录和令牌随即失效。"))
    return redirect("duties:person", user_id)


@require_POST
@login_required
def open_account(request: HttpRequest, user_id: int) -> HttpResponse:
    """Open a closed account again."""
    services.open_account(user_by_id(user_id), by=signed_in(request), at=timezone.now())
    messages.success(request, _("账号已恢复。"))
    return redirect("duties:person", user_id)


def _person_page(
    request: HttpRequest, person: User, *, form: forms.GiveDuty | None = None, password: str = ""
) -> HttpResponse:
    user = signed_in(request)
    found: dict[str, Any] = {
        "person": person,
        "duties": queries.duties_of_person(person),
        "today": timezone.localdate(),
        "form": form or forms.GiveDuty(initial=request.GET.dict()),
        "password": password,
        "may_manage": permissions.manages_accounts(user, person),
        "is_self": person.pk == user.pk,
        "history": timeline.timeline_of(queries.history_of_person(person)[:HISTORY]),
    }
    return page(request, "duties/person.html", found)


def _show(error: BadInput, form: django_forms.Form) -> None:
    """Put a refusal beside the field it is about."""
    form.add_error(error.field if error.field in form.fields else None, str(error))


def _number(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 18 else None
