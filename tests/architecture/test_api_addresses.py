"""Every operation of the API × everybody who may call it, own and foreign: what the token decides.

`k` asks for a token (401), `-` is not there for them (404), `x` may not (403), `o` is let in: what the empty
body then leads to (done, wrong fields, wrong state) is said by the tests of the rooms.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from siquan.base.accounts.services import make_token
from siquan.base.kernel.periods import Kind, period_of
from siquan.doors.api.urls import api
from tests.architecture.test_addresses import ROLES, World, world

__all__ = ["world"]
pytestmark = pytest.mark.django_db

# Anonymous, resident, dispatcher, lead, clerk, clerk of another unit, checker, checker elsewhere, admin.
OPEN = "o o o o o o o o o"
ANY_STAFF = "k k o o o o o o o"
SEES = "k k o o o - o - -"
CENTRE = "k k o o x - x - -"
UNIT = "k k x x o - x - -"
UNIT_OR_CENTRE = "k k o o o - x - -"
LEAD = "k k x o x - x - -"
CHECKER = "k k x x x - o - -"
NOT_ASKED = "k k x x x - x - -"
SEES_APPEAL = "k k o o o - - - -"
DECIDES = "k k x o x - - - -"
WITHDRAWS = "k k x x o - - - -"
READS_ALL = "k k o o x x x x x"
LEADS_ALL = "k k x o x x x x x"
OTHERS = "k k x x x x x x x"  # callers and evaluators, who are none of these
CASE, RATES, CALLS, ROUNDS = "/cases/{number}", "/rates", "/call-backs", "/evaluations"
ALLOWED: dict[str, str] = {
    "post /reports": OPEN,
    "get /reports/{token}": OPEN,
    "get /cases": ANY_STAFF,
    f"get {CASE}": SEES,
    f"post {CASE}/contact": UNIT_OR_CENTRE,
    f"post {CASE}/photos/{{key}}/original": LEAD,
    f"post {CASE}/photos/{{key}}/doubt-photo": UNIT,
    f"post {CASE}/photos/{{key}}/leave-photo": CENTRE,
    f"post {CASE}/photos/{{key}}/cover-photo": CENTRE,
    f"post {CASE}/photos/{{key}}/withhold-photo": CENTRE,
    f"post {CASE}/photos/{{key}}/show-photo": LEAD,
    **{
        f"post {CASE}/{verb}": CENTRE
        for verb in ("file", "reject", "merge", "unmerge", "dispatch", "reassign", "close", "reopen")
    },
    **{
        f"post {CASE}/{verb}": UNIT
        for verb in ("accept", "return", "ask-assist", "ask-extension", "report-done")
    },
    **{
        f"post {CASE}/{verb}": LEAD
        for verb in ("grant-extension", "refuse-extension", "suspend", "resume", "supervise", "void")
    },
    f"post {CASE}/answer-assist": NOT_ASKED,
    f"post {CASE}/ask-reporter": UNIT_OR_CENTRE,
    f"post {CASE}/hear-reporter": UNIT_OR_CENTRE,
    f"post {CASE}/verify-pass": CHECKER,
    f"post {CASE}/verify-fail": CHECKER,
    f"get {RATES}/appeals": ANY_STAFF,
    f"get {RATES}/appeals/{{appeal_id}}": SEES_APPEAL,
    f"post {RATES}/appeals/new/{{number}}": UNIT,
    f"post {RATES}/appeals/{{appeal_id}}/grant": DECIDES,
    f"post {RATES}/appeals/{{appeal_id}}/refuse": DECIDES,
    f"post {RATES}/appeals/{{appeal_id}}/withdraw": WITHDRAWS,
    f"post {RATES}/appeals/{{appeal_id}}/revise": SEES_APPEAL,  # undecided: whoever sees it is told so
    f"get {RATES}/{{period}}": ANY_STAFF,
    f"get {RATES}/{{period}}/{{rate}}/cases": READS_ALL,
    f"get {CALLS}": READS_ALL,
    f"get {CALLS}/{{key}}": READS_ALL,
    f"post {CALLS}/next": OTHERS,
    f"post {CALLS}/{{key}}/save": OTHERS,
    f"post {CALLS}/{{key}}/take-back": OTHERS,
    f"post {CALLS}/{{key}}/correct": LEADS_ALL,
    f"get {ROUNDS}": READS_ALL,
    f"post {ROUNDS}": LEADS_ALL,
    f"get {ROUNDS}/mine": OTHERS,
    f"post {ROUNDS}/sheets/{{key}}/judge": OTHERS,
    f"get {ROUNDS}/{{key}}": READS_ALL,
    f"post {ROUNDS}/{{key}}/{{verb}}": LEADS_ALL,
}
LETTERS = {401: "k", 404: "-", 403: "x", 200: "o", 201: "o", 204: "o", 409: "o", 422: "o"}


def operations() -> list[str]:
    """Return every operation of the contract as `method address`."""
    paths = api.get_openapi_schema()["paths"]
    return sorted(
        f"{method} {path.removeprefix('/api/v1')}" for path, methods in paths.items() for method in methods
    )


def asked(world: World, who: str, operation: str, tokens: dict[str, str]) -> str:
    """Return the letter of what somebody gets; what it did is taken back."""
    method, path = operation.split(" ")
    month = period_of(timezone.now(), Kind.MONTH).previous.code
    keys = {CALLS: "call_back_id", ROUNDS: "round_id"}
    key = world.parts[next((keys[room] for room in keys if path.startswith(room)), "key")]
    parts = world.parts | {"period": month, "verb": "close", "key": key}
    address = re.sub(r"{(\w+)}", lambda found: str(parts[found[1]]), f"/api/v1{path}")
    headers = {"authorization": f"Bearer {tokens[who]}"} if who in tokens else {}
    body = "{}" if method == "post" else ""
    with transaction.atomic():
        answer: Any = Client().generic(method.upper(), address, body, "application/json", headers=headers)
        transaction.set_rollback(True)
    return LETTERS.get(answer.status_code, str(answer.status_code))


def test_every_operation_of_the_api_has_a_line() -> None:
    assert sorted(ALLOWED) == operations()


def test_every_operation_of_the_api_answers_everybody_as_the_table_says(world: World) -> None:
    now = timezone.now()
    tokens = {who: make_token(person, label="t", at=now) for who, person in world.people.items()}
    wrong = []
    for operation, row in ALLOWED.items():
        got = " ".join(asked(world, who, operation, tokens) for who in ROLES)
        if got != row:
            wrong.append(f"{operation}: {got}, not {row}")

    assert wrong == []
