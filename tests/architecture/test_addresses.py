"""Every address of the product × everybody who may come: a new address without a line here fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from siquan.base.accounts.models import Factor, SignIn, User
from siquan.base.accounts.services import make_token
from siquan.base.kernel.periods import Kind, period_of
from siquan.base.notices.models import Delivery, Notice
from siquan.city.duties.models import Role
from siquan.city.places.services import keep_boundary_draft
from siquan.city.rules.services import keep_draft
from siquan.city.units.models import Unit
from siquan.insight.scoring.services import appeal, reckon
from siquan.work.callbacks import services as call_backs
from siquan.work.callbacks.models import Reason
from siquan.work.callbacks.services.drawing import draw_period
from siquan.work.cases import services
from siquan.work.cases.learned import LearnedModel
from siquan.work.cases.services import import_files
from siquan.work.cases.states import VERBS, LearningState, State
from tests import make
from tests.insight.scoring import packs
from tests.work.callbacks import asking
from tests.work.evaluations import judging

pytestmark = pytest.mark.django_db

# Nobody; the holder of the private link; the centre; clerks of the case's unit and of another; checkers of
# the case's street and of another; the administrator, who has no business with cases.
ROLES = (
    "anonymous",
    "resident",
    "dispatcher",
    "lead",
    "clerk",
    "stranger",
    "checker",
    "far_checker",
    "admin",
)
APPEAL = {"reason": "outside-duty", "text": "不属本区"}
TICKETS = "工单编号,内容,地址\nH1,垃圾堆在路口,某处\n".encode()


@dataclass
class World:
    """One case with everything that hangs on it, and somebody in every role."""

    people: dict[str, User] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)

    def ask(self, who: str, method: str, route: str) -> int:
        """Return the status somebody gets; what it did is taken back."""
        keys = {"cases/import/": "import", "cases/batch/": "batch", "cases/suggestions/": "learned"}
        name = next((name for start, name in keys.items() if route.startswith(start)), "key")
        parts = self.parts | {"key": self.parts[name]}
        if route.startswith("desk/boundaries/"):
            parts["draft_id"] = self.parts["boundary_draft"]
        if route.startswith("rates/appeals/"):
            parts |= {"verb": "grant"}
        if route.startswith("cases/suggestions/"):
            parts |= {"verb": "retire"}  # what is not in use
        if "/photos/" in route:
            parts |= {"verb": "withhold-photo"}
        address = route
        for name, value in parts.items():
            address = re.sub(rf"<\w+:{name}>", str(value), address)
        client = self.clients[who]
        kept = {name: each.value for name, each in client.cookies.items()}
        with transaction.atomic():
            answer: Any = getattr(client, method)(f"/{address}")
            transaction.set_rollback(True)
        client.cookies = SimpleCookie(kept)
        return int(answer.status_code)


@pytest.fixture
def world() -> World:
    make.rules()
    packs.load()
    here, made = make.street(), World()
    away = make.division(code="110101002", parent=here.parent, square=(116.43, 39.93, 116.44, 39.94))
    unit = make.unit("HW")
    made.people = {
        "dispatcher": make.dispatcher(),
        "lead": make.lead(),
        "clerk": make.clerk(unit),
        "stranger": make.clerk(make.unit("OTHER")),
        "checker": make.checker(here),
        "far_checker": make.checker(away),
        "admin": make.staff(Role.ADMIN),
    }
    clerk = made.people["clerk"]
    key = services.report_case(make.report(photos=[make.photo()]), key="own", by=None, at=make.NOW).case.pk
    services.ACTS["file"](key, by=make.dispatcher(), at=make.NOW, category="E0102")
    services.ACTS["dispatch"](key, by=make.dispatcher(), at=make.NOW, unit="HW")
    case = services.ACTS["accept"](key, by=clerk, at=make.NOW)
    token = make_token(clerk, label="own", at=make.NOW)
    editor = make.staff(Role.RULE_EDITOR)
    notice = Notice.objects.create(
        to_user=clerk, kind="test", title="通知", url="/desk/", created_at=make.NOW, dedupe_key="one"
    )
    record = import_files.take_file([TICKETS], by=made.people["dispatcher"], at=make.NOW, name="a.csv")
    delivery = Delivery.objects.create(
        notice=notice, channel="email", state="failed", attempts=8, run_after=make.NOW
    )
    boundaries = keep_boundary_draft(
        b'{"features": [{}]}',
        name="a.geojson",
        on=make.NOW.date(),
        reason="test",
        by=made.people["admin"],
        at=make.NOW,
    )
    batch = services.start_batch([key], by=made.people["dispatcher"], at=make.NOW, key="one")
    made.parts = {
        "number": case.number,
        "token": case.token,
        "key": case.photos.get().file.key,
        "rate": "resolution",
        "appeal_id": appeal(make.case(State.CLOSED).pk, by=clerk, at=make.NOW, **APPEAL).pk,
        "verb": "comment",
        "kind": "csv",
        "frame": "desk",
        "code": here.code,
        "unit_id": Unit.objects.get(code="HW").pk,
        "user_id": clerk.pk,
        "duty_id": clerk.duties.get().pk,
        "notice_id": notice.pk,
        "token_id": clerk.api_tokens.get().pk,
        "factor_id": Factor.objects.create(user=clerk, kind="code", label="手机", created_at=make.NOW).pk,
        "sign_in_id": SignIn.objects.create(
            user=clerk, session_key="one", started_at=make.NOW, seen_at=make.NOW
        ).pk,
        "draft_id": keep_draft({"pack.yaml": b"name: x"}, by=editor, at=make.NOW).pk,
        "import": record.pk,
        "call_back_id": call_back(case.pk),
        "draw_id": drawn_from(asking.plan(kind="sample", size=1)),
        "round_id": judging.announced().pk,
        "act": "close-the-book",
        "assignment_id": 1,
        "batch": batch.pk,
        "learned": LearnedModel.objects.create(state=LearningState.READY, asked_at=make.NOW).pk,
        "boundary_draft": boundaries.pk,
        "delivery_id": delivery.pk,
    }
    reckon(period_of(timezone.now(), Kind.MONTH).previous.code, at=timezone.now())
    assert token
    assert case.state == State.IN_HAND
    made.clients = {who: Client() for who in ROLES}
    for who, person in made.people.items():
        made.clients[who].force_login(person)
    made.clients["resident"].get(f"/r/{case.token}/")
    return made


def drawn_from(plan: Any) -> int:
    """Return a draw of a plan."""
    draw = draw_period(plan, make.NOW.date(), make.NOW.date(), at=make.NOW)
    assert draw is not None
    return int(draw.pk)


def call_back(case_id: int) -> int:
    """Return a call-back about the case."""
    plan = asking.plan(after_limit=True)
    made = call_backs.plan_call_back(case_id, reason=Reason.LIMIT, anchor_at=make.NOW, at=make.NOW)
    assert made is not None
    assert made.plan == plan
    return made.pk


def addresses() -> list[str]:
    return sorted({route for route in _routes(get_resolver().url_patterns, "")})


def _routes(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for each in patterns:
        route = f"{before}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from _routes(each.url_patterns, route)
        elif not route.startswith("api/"):
            yield route


OPEN = "200 200 200 200 200 200 200 200 200"
CLOSED = "405 405 405 405 405 405 405 405 405"
STAFF = "302 302 200 200 200 200 200 200 200"
STAFF_CLOSED = "302 302 405 405 405 405 405 405 405"
LEADS_ON = "302 302 302 302 302 302 302 302 302"
NOBODY = "302 302 403 403 403 403 403 403 403"
ADMINS = "302 302 403 403 403 403 403 403 200"
ACCOUNTS = "302 302 403 200 403 403 403 403 200"
ACCOUNTS_DONE = "302 302 403 302 403 403 403 403 302"
RUNS = "302 302 403 403 403 403 403 403 200"
RUNS_ON = "302 302 403 403 403 403 403 403 302"
OWNER_SEES = "302 302 404 404 200 404 404 404 404"
OWNER = "302 302 404 404 302 404 404 404 404"
NOT_HERE = "404 404 404 404 404 404 404 404 404"
UNREADABLE = "422 422 422 422 422 422 422 422 422"
RATES_READ = "302 302 200 200 403 403 403 403 403"  # of the whole district
CENTRE_ONLY = "302 302 200 200 403 403 403 403 403"
LEAD_ONLY = "302 302 403 200 403 403 403 403 403"
EXPECTED: dict[str, tuple[str, str]] = {  # route: statuses of GET, statuses of an empty POST
    "": (OPEN, CLOSED),
    "account/": (STAFF, STAFF),
    "account/password/": (STAFF, STAFF),
    "account/sign-in/": ("200 200 302 302 302 302 302 302 302", "200 200 302 302 302 302 302 302 302"),
    "account/sign-in/passkey/": (
        "200 200 302 302 302 302 302 302 302",
        "200 200 302 302 302 302 302 302 302",
    ),
    "account/sign-in/second/": (LEADS_ON, LEADS_ON),
    "account/prove/": (STAFF, STAFF),
    "account/second-factor/": (STAFF, STAFF),
    "account/second-factor/<int:factor_id>/remove/": (OWNER_SEES, OWNER_SEES),
    "account/second-factor/<int:factor_id>/rename/": (CLOSED, LEADS_ON),
    "account/second-factor/code/": (LEADS_ON, LEADS_ON),  # to show once more who one is
    "account/second-factor/code/qr.svg": (NOT_HERE, CLOSED),
    "account/second-factor/codes/": (CLOSED, LEADS_ON),
    "account/second-factor/passkey/": (LEADS_ON, LEADS_ON),
    "account/sign-ins/": (STAFF, STAFF),
    "account/sign-ins/<int:sign_in_id>/end/": (CLOSED, OWNER),
    "account/sign-ins/end-others/": (CLOSED, LEADS_ON),
    "account/sign-out-everywhere/": (CLOSED, LEADS_ON),
    "account/sign-out/": (CLOSED, LEADS_ON),
    "account/tokens/": (STAFF, LEADS_ON),
    "account/tokens/<int:token_id>/revoke/": (CLOSED, OWNER),
    "c/": (OPEN, CLOSED),
    "c/<str:number>/": (OPEN, CLOSED),
    "c/<str:number>/doubt/": (OPEN, UNREADABLE),
    "callbacks/": (CENTRE_ONLY, STAFF_CLOSED),
    "callbacks/plan/draws/<int:draw_id>/": (CENTRE_ONLY, STAFF_CLOSED),
    "callbacks/plan/draws/<int:draw_id>/draw.json": (CENTRE_ONLY, STAFF_CLOSED),
    "callbacks/<int:call_back_id>/": (CENTRE_ONLY, STAFF_CLOSED),
    "callbacks/<int:call_back_id>/correct/": (LEAD_ONLY, "302 302 403 422 403 403 403 403 403"),
    "callbacks/<int:call_back_id>/save/": (STAFF_CLOSED, NOBODY),
    "callbacks/<int:call_back_id>/take-back/": (STAFF_CLOSED, "302 302 403 403 403 403 403 403 403"),
    "callbacks/desk/": (NOBODY, STAFF_CLOSED),
    "callbacks/desk/next/": (STAFF_CLOSED, NOBODY),
    "callbacks/plan/": (CENTRE_ONLY, STAFF_CLOSED),
    "callbacks/plan/new/": (LEAD_ONLY, "302 302 403 422 403 403 403 403 403"),
    "cases/": (STAFF, STAFF_CLOSED),
    "cases/<str:number>/": ("302 302 200 200 200 404 200 404 404", STAFF_CLOSED),
    "cases/<str:number>/<slug:verb>/": (
        "302 302 200 200 200 404 200 404 404",
        "302 302 422 422 422 404 422 404 404",
    ),
    "cases/<str:number>/contact/": (
        "302 302 200 200 200 404 403 404 404",
        "302 302 422 422 422 404 403 404 404",
    ),
    "cases/<str:number>/photos/<slug:key>/<slug:verb>/": (
        "302 302 200 200 403 404 403 404 404",
        "302 302 422 422 403 404 403 404 404",
    ),
    "cases/<str:number>/photos/<slug:key>/original/": (
        "302 302 403 200 403 404 403 404 404",
        "302 302 403 422 403 404 403 404 404",
    ),
    "cases/<str:number>/set-place/": (
        "302 302 200 200 403 404 403 404 404",
        "302 302 200 200 403 404 403 404 404",
    ),
    "cases/batch/": ("302 302 302 302 403 403 403 403 403", "302 302 200 200 403 403 403 403 403"),
    "cases/batch/<int:key>/": ("302 302 200 404 404 404 404 404 404", STAFF_CLOSED),
    "cases/batch/dispatch/": (STAFF_CLOSED, "302 302 302 302 403 403 403 403 403"),
    "cases/export.<slug:kind>": (STAFF, STAFF_CLOSED),
    "cases/import/": ("302 302 200 200 403 403 403 403 403", "302 302 422 422 403 403 403 403 403"),
    "cases/import/<int:key>/": (
        "302 302 200 404 403 403 403 403 403",
        "302 302 302 404 403 403 403 403 403",
    ),
    "cases/import/<int:key>/result.csv": ("302 302 404 404 404 404 404 404 404", STAFF_CLOSED),
    "cases/map.json": ("302 302 400 400 400 400 400 400 400", STAFF_CLOSED),
    "cases/needs-place/": (STAFF, STAFF_CLOSED),
    "cases/new/": ("302 302 200 200 200 200 200 200 403", "302 302 422 422 422 422 422 422 403"),
    "cases/photos/": (CENTRE_ONLY, STAFF_CLOSED),
    "cases/suggestions/": (LEAD_ONLY, STAFF_CLOSED),
    "cases/suggestions/<int:key>/": (LEAD_ONLY, STAFF_CLOSED),
    "cases/suggestions/<int:key>/<slug:verb>/": (STAFF_CLOSED, "302 302 403 409 403 403 403 403 403"),
    "cases/suggestions/learn/": (STAFF_CLOSED, "302 302 403 302 403 403 403 403 403"),
    "desk/": ("302 302 200 200 200 200 200 200 302", STAFF_CLOSED),  # who handles no cases is led on
    "desk/privacy/": (ADMINS, STAFF_CLOSED),
    "desk/privacy/<slug:kind>/": (
        "302 302 403 403 403 403 403 403 404",
        "302 302 403 403 403 403 403 403 404",
    ),
    "desk/privacy/person/": (ADMINS, "302 302 403 403 403 403 403 403 422"),
    "desk/cockpit/": ("302 302 200 200 403 403 403 403 403", STAFF_CLOSED),
    "desk/boundaries/": (RUNS, "302 302 403 403 403 403 403 403 422"),
    "desk/boundaries/<int:draft_id>/": (RUNS, "302 302 403 403 403 403 403 403 422"),
    "desk/deliveries/": (RUNS, STAFF_CLOSED),
    "desk/deliveries/<int:delivery_id>/retry/": (STAFF_CLOSED, RUNS_ON),
    "desk/deliveries/<int:delivery_id>/stop/": (STAFF_CLOSED, RUNS_ON),
    "duties/": (STAFF, STAFF),
    "duties/<int:duty_id>/end/": (ACCOUNTS, ACCOUNTS),
    "duties/mine/": (STAFF, STAFF),
    "duties/people/": (ACCOUNTS, ACCOUNTS),
    "duties/people/<int:user_id>/": (ACCOUNTS, ACCOUNTS),
    "duties/people/<int:user_id>/close/": (CLOSED, ACCOUNTS_DONE),
    "duties/people/<int:user_id>/give/": (CLOSED, ACCOUNTS),
    "duties/people/<int:user_id>/open/": (CLOSED, ACCOUNTS_DONE),
    "duties/people/<int:user_id>/password/": (CLOSED, ACCOUNTS),
    "duties/people/new/": (ACCOUNTS, ACCOUNTS),
    "duties/who-may-do-what/": (STAFF, STAFF),
    # The case is filed and of no home, so its blurred photos are public (tests/work/cases/test_photos.py).
    "figures/": (OPEN, CLOSED),
    "files/<slug:key>": (OPEN, CLOSED),
    "files/<slug:key>/thumb": (OPEN, CLOSED),
    "evaluations/": (CENTRE_ONLY, STAFF_CLOSED),
    "evaluations/<int:round_id>/": (CENTRE_ONLY, STAFF_CLOSED),
    "evaluations/<int:round_id>/draw.json": (
        "302 302 404 404 403 403 403 403 403",
        STAFF_CLOSED,
    ),  # not drawn yet
    "evaluations/<int:round_id>/replay/": (CENTRE_ONLY, STAFF_CLOSED),
    "evaluations/<int:round_id>/<slug:act>/": (STAFF_CLOSED, "302 302 404 404 404 404 404 404 404"),
    "evaluations/mine/": (NOBODY, STAFF_CLOSED),
    "evaluations/new/": (LEAD_ONLY, "302 302 403 422 403 403 403 403 403"),
    "evaluations/sheet/<int:assignment_id>/": (NOBODY, NOBODY),
    "healthz": (OPEN, OPEN),
    "help/": (OPEN, CLOSED),
    "inbox/": (STAFF, STAFF),
    "inbox/<int:notice_id>/": (OWNER, OWNER),
    "inbox/<int:notice_id>/read/": (CLOSED, OWNER),
    "inbox/read/": (CLOSED, LEADS_ON),
    "j/<str:token>/": (NOT_HERE, NOT_HERE),
    "language/": (LEADS_ON, LEADS_ON),
    "look/": (CLOSED, LEADS_ON),
    "nearby/": (OPEN, CLOSED),
    "nearby/cases.json": (UNREADABLE, CLOSED),
    "places/": (STAFF, STAFF),
    "places/<slug:code>/": (STAFF, STAFF),
    "places/here": (UNREADABLE, CLOSED),
    "places/search": (OPEN, CLOSED),
    "r/<str:token>/": (OPEN, CLOSED),
    "r/<str:token>/rate/": (LEADS_ON, LEADS_ON),
    "r/<str:token>/say/": (LEADS_ON, UNREADABLE),
    "r/<str:token>/sent/": (OPEN, CLOSED),
    "rates/": (STAFF, STAFF_CLOSED),
    "rates/<slug:rate>/": (STAFF, STAFF_CLOSED),
    "rates/<slug:rate>/cases.csv": (RATES_READ, STAFF_CLOSED),
    "rates/<slug:rate>/cases/": (RATES_READ, STAFF_CLOSED),
    "rates/appeals/": (STAFF, STAFF_CLOSED),
    "rates/appeals/<int:appeal_id>/": ("302 302 200 200 200 404 404 404 404", STAFF_CLOSED),
    "rates/appeals/<int:appeal_id>/<slug:verb>/": (
        "302 302 403 200 403 404 404 404 404",
        "302 302 403 422 403 404 404 404 404",
    ),
    "rates/appeals/new/<str:number>/": (
        "302 302 403 403 409 404 403 404 404",
        "302 302 403 403 409 404 403 404 404",
    ),
    "rates/formula/": (STAFF, STAFF_CLOSED),
    "report/": (OPEN, UNREADABLE),
    "report/suggest/": (CLOSED, OPEN),
    "report/alike/": (CLOSED, OPEN),
    "report/join/": (CLOSED, LEADS_ON),
    "rules/": (STAFF, STAFF),
    "rules/calendar/": (STAFF, STAFF),
    "rules/categories/": (STAFF, STAFF),
    "rules/files/": (STAFF, CLOSED),
    "rules/limits/": (STAFF, STAFF),
    "rules/load/": (NOBODY, NOBODY),
    "rules/load/<int:draft_id>/": (NOBODY, NOBODY),
    "rules/load/<int:draft_id>/discard/": (CLOSED, NOBODY),
    "rules/load/<int:draft_id>/load/": (CLOSED, NOBODY),
    "rules/responsibilities/": (STAFF, STAFF),
    "rules/try/": (STAFF, STAFF),
    "styleguide/": (NOT_HERE, CLOSED),
    "styleguide/<slug:frame>/": (NOT_HERE, CLOSED),
    "units/": (STAFF, STAFF),
    "units/<int:unit_id>/": (STAFF, STAFF),
}


def test_every_address_has_a_line() -> None:
    assert sorted(EXPECTED) == addresses()


def test_everybody_gets_what_the_table_says(world: World) -> None:
    wrong = []
    for route, rows in EXPECTED.items():
        for method, row in zip(("get", "post"), rows, strict=True):
            got = " ".join(str(world.ask(who, method, route)) for who in ROLES)
            if got != row:
                wrong.append(f"{method} {route}: {got}, not {row}")

    assert wrong == []


@pytest.mark.parametrize("who", ["stranger", "far_checker", "admin"])
def test_no_list_map_or_export_shows_a_case_of_others(world: World, who: str) -> None:
    number, west_to_north = world.parts["number"], ",".join(str(each) for each in make.SQUARE)
    work = () if who == "admin" else ("/desk/",)  # an administrator is led to the units instead
    for address in ("/cases/", "/cases/export.csv", *work):
        assert number not in content(world.clients[who], address), address
    assert make.report().text not in content(world.clients[who], f"/cases/?case={number}")
    assert json.loads(content(world.clients[who], f"/cases/map.json?bbox={west_to_north}"))["features"] == []
    assert number in content(world.clients["clerk"], "/cases/export.csv")


def content(client: Client, address: str) -> str:
    answer: Any = client.get(address)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode()


def test_every_address_of_the_api_asks_for_a_token_but_the_residents(world: World) -> None:
    number, token = world.parts["number"], world.parts["token"]
    stranger = {"authorization": f"Bearer {make_token(world.people['stranger'], label='x', at=make.NOW)}"}
    here, nobody = f"/api/v1/cases/{number}", Client()

    assert nobody.get(f"/api/v1/reports/{token}").status_code == 200
    assert nobody.get("/api/v1/cases").status_code == nobody.get(here).status_code == 401
    assert world.clients["dispatcher"].get(here).status_code == 401  # a session is no token
    assert nobody.get("/api/v1/cases", headers=stranger).json()["items"] == []
    assert nobody.get(here, headers=stranger).status_code == 404
    for verb in VERBS:
        assert nobody.post(f"{here}/{verb}").status_code == 401, verb
        assert nobody.post(f"{here}/{verb}", headers=stranger).status_code == 404, verb
