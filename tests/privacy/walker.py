"""Walk through everything that answers or keeps, and tell where planted personal data comes out."""

from __future__ import annotations

import email
import email.policy
import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from siquan.base.accounts.services import make_token
from tests import make
from tests.architecture.test_addresses import ROLES, addresses
from tests.privacy.planted import NEEDLES, POSITIONS, Planted

STAFF = ("dispatcher", "lead", "clerk", "checker")
# Who sees a case sees where it is, and so does whoever reported it.
EXACT_PLACE = re.compile(r"^(cases|desk|api|r|call-backs|places)/")


@dataclass(frozen=True)
class Leak:
    """Something planted that came out: where, to whom, what."""

    where: str
    who: str
    what: str

    def __str__(self) -> str:
        return f"{self.what} to {self.who} at {self.where}"


def found_in(text: str) -> list[str]:
    """Return what of the planted is in a text, however it is escaped."""
    texts = {text, unquote(text), _unescaped(text)}
    return [
        label
        for label, needle in NEEDLES.items()
        if any(needle in each or needle.encode().hex() in each for each in texts)
    ]


def _unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)


def _positions_in(text: str) -> list[str]:
    return ["position"] if any(each in text for each in POSITIONS) else []


# --- Pages, exports, programs


def walk_pages(
    planted: Planted, roles: Sequence[str] = ROLES, methods: Sequence[str] = ("get", "post"), like: str = ""
) -> Iterator[Leak]:
    """Ask every address (`like`: that match) as everybody, by GET and by an empty POST."""
    for who in roles:
        for address in _all_addresses(planted):
            for method in methods if re.match(like, address) else ():
                yield from _look(planted, who, method, address)


def _all_addresses(planted: Planted) -> Iterator[str]:
    for case in (planted.case, planted.home, planted.ticket):
        parts = planted.world.parts | {"number": case.number, "token": case.token}
        for route in addresses():
            if case is planted.case or "<str:number>" in route or "<str:token>" in route:
                yield _filled(route, parts)
    yield from ("cases/export.xlsx", "cases/map.json?bbox=116.40,39.90,116.42,39.92")
    yield from ("cases/?view=map", "cases/?q=漏水", "cases/?q=欧阳", f"cases/?case={planted.home.number}")
    yield from ("nearby/?period=365d", "nearby/cases.json?bbox=116.40,39.90,116.42,39.92&period=365d")
    yield from ("nearby/cases.json?bbox=116.4110,39.9120,116.4114,39.9126", "places/search?q=北锣鼓巷")
    yield from (f"cases/{planted.home.number}/file/", f"cases/{planted.home.number}/reject/")


def _filled(route: str, parts: dict[str, Any]) -> str:
    keys = {"cases/import/": "import", "cases/batch/": "batch"}
    name = next((name for start, name in keys.items() if route.startswith(start)), "key")
    parts = parts | {"key": parts[name]}
    if route.startswith("desk/boundaries/"):
        parts["draft_id"] = parts["boundary_draft"]
    for each, value in parts.items():
        route = re.sub(rf"<\w+:{each}>", str(value), route)
    return route


def _look(planted: Planted, who: str, method: str, address: str) -> Iterator[Leak]:
    client = planted.world.clients[who]
    kept = {name: each.value for name, each in client.cookies.items()}
    with transaction.atomic():
        answer: Any = getattr(client, method)(f"/{address}")
        text = _text_of(answer)
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(kept)
    yield from (Leak(f"{method} {address}", who, what) for what in found_in(text))
    sees = who in STAFF or (who == "resident" and address.startswith("r/"))
    if not (sees and EXACT_PLACE.match(address)) and not address.startswith("r/"):
        yield from (Leak(f"{method} {address}", who, what) for what in _positions_in(text))


def _text_of(answer: Any) -> str:
    """Return everything an answer says: head, cookies, body; a spreadsheet unpacked, pictures left out."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    head = "\n".join(f"{name}: {value}" for name, value in answer.items()) + str(answer.cookies)
    if answer.get("Content-Type", "").startswith("image/"):
        return head
    if body.startswith(b"PK"):
        packed = zipfile.ZipFile(io.BytesIO(body))
        body = b"\n".join(packed.read(name) for name in packed.namelist())
    return head + body.decode("utf-8", "replace")


def walk_api(planted: Planted) -> Iterator[Leak]:
    """Ask what programs can read, with everybody's token and with none."""
    clients = planted.world.clients
    paths = ["/api/v1/openapi.json", "/api/v1/cases?limit=200", "/api/v1/cases?q=漏水", "/api/v1/call-backs"]
    for case in (planted.case, planted.home, planted.ticket):
        paths += [f"/api/v1/cases/{case.number}", f"/api/v1/reports/{case.token}"]
    for who in ("anonymous", *planted.world.people):
        person = planted.world.people.get(who)
        headers = {"authorization": f"Bearer {make_token(person, 'w', make.NOW)}"} if person else {}
        for path in paths:
            text = _text_of(clients["anonymous"].get(path, headers=headers))
            yield from (Leak(path, who, what) for what in found_in(text))
            if who not in STAFF and "/reports/" not in path:
                yield from (Leak(path, who, what) for what in _positions_in(text))


# --- What is kept


def walk_database() -> Iterator[Leak]:
    """Read every table as a dump would write it."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with cursor.copy(f'copy "{table}" to stdout') as copy:
                dump = b"".join(bytes(block) for block in copy).decode("utf-8", "replace")
            yield from (Leak(f"table {table}", "database", what) for what in found_in(dump))
            if table not in ("cases_case", "cases_casedraft"):  # the map's index needs the plain point
                yield from (Leak(f"table {table}", "database", what) for what in _positions_in(dump))


def walk_sessions() -> Iterator[Leak]:
    """Open every session."""
    for session in Session.objects.all():
        said = json.dumps(session.get_decoded(), default=str, ensure_ascii=False)
        yield from (Leak("session", "database", what) for what in found_in(said))


def walk_files() -> Iterator[Leak]:
    """Read every file but pictures: what went out by each channel without its address, what imports left."""
    for folder in (settings.MEDIA_ROOT, settings.NOTICE_FOLDER, settings.EMAIL_FILE_PATH):
        for path in sorted(Path(folder).rglob("*")) if Path(folder).exists() else []:
            if path.is_file() and path.suffix not in (".jpg", ".part"):
                where = f"{Path(folder).name}/{path.name if path.suffix != '.log' else 'mail'}"
                yield from (Leak(where, "file", what) for what in found_in(_sent(path)))


def _sent(path: Path) -> str:
    """Return a file's words; of messages without to whom they go, which is their purpose."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in text.splitlines()]
        return "\n".join(json.dumps(row | {"to": ""}, ensure_ascii=False) for row in rows)
    if path.parent == Path(settings.EMAIL_FILE_PATH):
        mail = email.message_from_string(text, policy=email.policy.default)
        return f"{mail['Subject']} {mail.get_content()}" + re.sub(r"(?m)^To: .*$", "", text)
    return text


# --- Log lines


class Listening(logging.Handler):
    """Keeps the lines as the console would show them."""

    def __init__(self, filters: Sequence[logging.Filter]) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
        for each in filters:
            self.addFilter(each)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def leaks_in_lines(lines: Sequence[str], tokens: Sequence[str]) -> Iterator[Leak]:
    """Tell what log lines give away: the planted data, and private links."""
    text = "\n".join(lines)
    yield from (Leak("log", "log", what) for what in found_in(text))
    yield from (Leak("log", "log", "private link") for token in tokens if token in text)
