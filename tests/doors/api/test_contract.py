"""Every operation called as the OpenAPI schema allows and forbids, by everybody: it answers as it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, transaction
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.checks import load_all_checks
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import positive_data_acceptance

from siquan.base.accounts.models import User
from siquan.base.accounts.services import make_token
from siquan.city.duties.models import Role
from siquan.doors.api.links import LINKS
from siquan.doors.api.urls import api
from siquan.insight.scoring import services as scoring
from siquan.work.callbacks import services as call_backs
from siquan.work.callbacks.models import Reason
from siquan.work.cases.models import Case
from siquan.work.cases.states import State
from tests import make
from tests.insight.scoring import packs
from tests.work.callbacks import asking
from tests.work.evaluations import judging

load_all_checks()
# What a schema cannot say is refused with 422 and words: a place outside the district, a category that is not
# in force, a day before another one. All other checks hold.
NOT_CHECKED = [positive_data_acceptance]
QUIET = settings(
    max_examples=10, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
STORY = settings(QUIET, max_examples=12, stateful_step_count=8)


def _schema() -> Any:
    # Who asks is said by the test, so that every operation is asked by the same people.
    generation = GenerationConfig(with_security_parameters=False)
    config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=generation)))
    found = schemathesis.openapi.from_dict(api.get_openapi_schema(), config=config)
    found.app = get_wsgi_application()
    return found


schema = _schema()


@dataclass
class World:
    """Cases in several states with what hangs on them, tokens, and what parameters may mean."""

    tokens: dict[str, str]
    known: dict[str, list[Any]]

    def headers(self, who: str) -> dict[str, str]:
        """Return what somebody shows."""
        return {"Authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}

    def name_known(self, case: Any, turn: int) -> None:
        """Put something that is there in place of a made-up path parameter, where it is to be a right one."""
        part = case.meta.components.get(ParameterLocation.PATH)
        if part is None or not part.mode.is_positive:
            return
        room = case.path.split("/")[3]
        for name in case.path_parameters or {}:
            values = self.known.get(f"{room}:{name}", [])
            if values and turn % 4:  # now and then what is made up stays
                case.path_parameters[name] = values[turn % len(values)]


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Have one world for all operations, in one transaction: making it takes longer than calling them."""
    folder = tmp_path_factory.mktemp("files")
    for each in (signals.request_started, signals.request_finished):  # as Django's own test client does
        each.disconnect(close_old_connections)
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr(django_settings, "JOURNAL_KEY", str(folder / "key"))
        patch.setattr(django_settings, "MEDIA_ROOT", folder)
        patch.setattr(django_settings, "RECHECK_SECONDS", 0.0)  # no names of the last test's places
        yield made_world()
        transaction.set_rollback(True)
    for each in (signals.request_started, signals.request_finished):
        each.connect(close_old_connections)


def made_world() -> World:
    make.rules()
    packs.load()
    make.street()
    plan = asking.plan(after_limit=True)
    people = {"centre": make.lead(), "unit": make.clerk(make.unit("HW"))}
    for role in (Role.CALLER, Role.DISPATCHER):
        make.duty(people["centre"], role)
    made = [make.case(state) for state in (State.REPORTED, State.IN_HAND, State.HANDLED, State.CLOSED)]
    asked = call_backs.plan_call_back(made[1].pk, reason=Reason.LIMIT, anchor_at=make.NOW, at=make.NOW)
    appeal = scoring.appeal(
        made[3].pk, by=people["unit"], at=make.NOW, reason="outside-duty", text="不属本区"
    )
    scoring.reckon("2026-09", at=make.NOW + timedelta(days=1))
    assert plan
    assert asked
    return World(
        tokens={who: make_token(person, label="t", at=make.NOW) for who, person in people.items()},
        known={
            "cases:number": [each.number for each in made],
            "rates:number": [each.number for each in made],
            "reports:token": [made[0].token],
            "rates:period": ["2026-09"],
            "rates:rate": ["resolution", "response"],
            "rates:appeal_id": [appeal.pk],
            "call-backs:key": [asked.pk],
            "evaluations:key": [judging.announced().pk],
            "evaluations:verb": ["draw", "cancel", "close"],
        },
    )


# -- first what needs a transaction of its own: the world below holds one open until the last test -----------


def bearer(person: User) -> dict[str, str]:
    """Return the header of somebody's token."""
    return {"authorization": f"Bearer {make_token(person, label='t', at=make.NOW)}"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", 5),
        ("text", True),
        ("lon", "116.41"),
        ("lon", True),
        ("accuracy", "5"),
        ("phone", 13800000000),
        ("lon", 181),
        ("lat", -91),
    ],
)
def test_a_value_of_another_type_than_the_contract_says_is_refused(
    client: Client, field: str, value: Any
) -> None:
    make.rules(), make.street()
    sight = {"text": "垃圾堆在路口", "lon": make.INSIDE[0], "lat": make.INSIDE[1]}

    answer = client.post("/api/v1/reports", sight | {field: value}, content_type="application/json")

    assert answer.status_code == 422, answer.content
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert not Case.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_know_are_refused(client: Client, number: str) -> None:
    make.rules(), make.street()

    answer = client.post(
        "/api/v1/reports", f'{{"text": "a", "lon": {number}}}', content_type="application/json"
    )

    assert answer.status_code == 422, answer.content


@pytest.mark.django_db
def test_a_whole_number_may_be_written_with_a_point(client: Client) -> None:
    days = {"first": "2026-09-01", "last": "2026-09-30", "due_on": "2027-12-31"}
    body = json.dumps({"title": "第一轮", "size": 10.0, "repeats": 2.0} | days)

    answer = client.post(
        "/api/v1/evaluations", body, content_type="application/json", headers=bearer(make.lead())
    )

    assert answer.status_code == 201, answer.content
    assert answer.json()["size"] == 10


@pytest.mark.django_db
def test_an_error_nobody_foresaw_is_a_problem_in_words(client: Client) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    with connection.execute_wrapper(broken):
        answer = client.get("/api/v1/reports/some-token")

    assert answer.status_code == 500
    assert answer["Content-Type"].startswith("application/problem+json")
    assert "Traceback" not in answer.content.decode()


def test_every_link_leads_from_an_answer_there_is_to_an_operation_there_is() -> None:
    operations = {
        each["operationId"]: each for path in schema.raw_schema["paths"].values() for each in path.values()
    }
    for (source, status), targets in LINKS.items():
        assert str(status) in {str(each) for each in operations[source]["responses"]}, source
        for target, parameters in targets.items():
            known = {each["name"] for each in operations[target]["parameters"]}
            assert set(parameters) <= known, (source, target)


# -- everything the schema says ------------------------------------------------------------------------------


@schema.parametrize()
@QUIET
def test_every_operation_answers_as_it_says(case: Any, world: World) -> None:
    needs_token = bool(case.operation.definition.raw.get("security"))
    for turn, who in enumerate(("centre", "unit", "nobody") if needs_token else ("nobody",)):
        world.name_known(case, turn + len(str(case.body)))
        with transaction.atomic():
            answer = case.call(headers=world.headers(who))
            transaction.set_rollback(True)
        case.validate_response(answer, headers=world.headers(who), excluded_checks=NOT_CHECKED)
        if who == "nobody" and needs_token and case.method == case.operation.method.upper():
            assert answer.status_code == 401


@pytest.mark.parametrize("who", ["centre", "unit"])
def test_stories_that_follow_the_links_answer_as_they_say(who: str, world: World) -> None:
    class Story(schema.as_state_machine()):  # type: ignore[misc]
        """What a program does that reads each answer and goes on from it."""

        def setup(self) -> None:
            self.kept = transaction.atomic()
            self.kept.__enter__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.kept.__exit__(None, None, None)

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": world.headers(who)}

        def validate_response(self, response: Any, case: Any, **options: Any) -> None:
            case.validate_response(response, headers=world.headers(who), excluded_checks=NOT_CHECKED)

    run_state_machine_as_test(Story, settings=STORY)
