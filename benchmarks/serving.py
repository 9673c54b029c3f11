"""Put load on a running district, and show beside it what PostgreSQL alone does here.

BENCH_CASES (default 100,000) says how many cases there are, BENCH_DIR keeps the district for the next time,
BENCH_SECONDS (default 8) how long each is measured after two seconds of warming up, BENCH_ONLY which of them.
Limits on anonymous posting are lifted.
"""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from benchmarks._installation import Installation, running
from benchmarks._load import COUNTER

SECONDS = float(os.environ.get("BENCH_SECONDS", "8"))
ONLY = os.environ.get("BENCH_ONLY", "").split(",")
PHOTO_BYTES = 300_000
LIST = "state=closed&category=9001&period={month}&limit=50"
WORDS = "东四北大街路口垃圾桶满了，垃圾散在人行道上，请派人清理。"
DRAINED_WITHIN = 60.0  # seconds


def main() -> None:
    """Measure and print."""
    cases = int(os.environ.get("BENCH_CASES", "100000"))
    with running(cases) as district:
        with psycopg.connect(district.database) as connection:
            (count,) = connection.execute("select count(*) from cases_case").fetchone() or (0,)
        print(f"{count:,} cases; answers {district.ready_after:.1f} s after the command, two web processes")
        print(f"web processes at the beginning: {_mb(district.memory_mb('web'))}")
        references = _references(district)
        for name, scenario in SCENARIOS.items():
            if ONLY == [""] or name in ONLY:
                scenario(district, references)
        print(f"web processes at the end: {_mb(district.memory_mb('web'))}")


def _mb(sizes: Sequence[tuple[float, float]]) -> str:
    return ", ".join(f"{resident:.0f} MB (its share {share:.0f})" for resident, share in sizes)


def _references(district: Installation) -> dict[str, float]:
    """Measure what PostgreSQL alone does here: one row and its commit over 16 connections, and SELECT 1."""
    found = {}
    with psycopg.connect(district.database) as connection:
        connection.execute("create table if not exists bench_reference (id bigint, words text)")
    scripts = {
        "insert": "insert into bench_reference values (1, 'what a plain row costs');",
        "select 1": "select 1;",
    }
    for name, script in scripts.items():
        found[name] = _pgbench(district, script)
        print(f"reference: {name:<9} over 16 connections {found[name]:>10,.0f}/s")
    with psycopg.connect(district.database) as connection:
        connection.execute("drop table bench_reference")
    return found


def _pgbench(district: Installation, script: str) -> float:
    from siquan.config.cluster import binaries

    done = subprocess.run(
        [str(binaries() / "pgbench"), "-n", "-f", "/dev/stdin", "-c", "16", "-j", "2", "-T", "3"]
        + ["-h", str(district.folder / "run"), "-U", "siquan", "siquan"],
        input=script,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(re.findall(r"tps = ([\d.]+)", done.stdout)[-1])


def _show(name: str, seen: dict[str, Any], reference: tuple[str, float], *, expects: int = 200) -> None:
    parts = ", ".join(f"{part} {seen[f'{part}_us']:.0f}" for part in ("web", "postgres", "worker"))
    print(
        f"{name:<28}{seen['rate']:7.0f}/s  median {seen['median_ms']:5.0f} ms, p95 {seen['p95_ms']:5.0f} ms; "
        f"computing in µs: {parts}; {seen['rate'] / reference[1]:.3f} of {reference[0]}"
    )
    if set(seen["statuses"]) != {str(expects)}:
        print(f"  answers by status: {seen['statuses']}; {seen['first_refused'][:300]}")


def _get(path: str, token: str = "") -> bytes:
    extra = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{extra}\r\n".encode()


def _post(path: str, body: bytes, kind: str, token: str = "", *, key: bool = False) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
    head += f"Authorization: Bearer {token}\r\n" if token else ""
    head += f"Idempotency-Key: bench-{time.time_ns()}-{COUNTER.decode()}\r\n" if key else ""
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _report(district: Installation, references: dict[str, float]) -> None:
    """Anonymous reports without a photo, 16 connections, the worker running; then wait for the worker."""
    bodies = [
        json.dumps({"text": WORDS, "lon": 116.40 + n * 0.0004, "lat": 39.92 + n * 0.0003, "datum": "WGS84"})
        for n in range(50)
    ]
    requests = [_post("/api/v1/reports", each.encode(), "application/json", key=True) for each in bodies]
    seen = district.load(requests, connections=16, seconds=SECONDS, start=time.time_ns() % 10**9)
    _show("report without photo", seen, ("insert", references["insert"]), expects=201)
    print(f"  the worker was done {_drained(district):.1f} s later")


def _drained(district: Installation) -> float:
    """Return how long the worker needs until no reaction waits and everything is sealed."""
    begun = time.monotonic()
    waiting = """select (select count(*) from journal_pending where run_after <= now())
        + (select count(*) from journal_entry where xid >= (select max(to_xid) from journal_batch))"""
    with psycopg.connect(district.database, autocommit=True) as connection:
        while time.monotonic() - begun < DRAINED_WITHIN:
            row = connection.execute(waiting).fetchone()
            if row == (0,):
                break
            time.sleep(0.1)
    return time.monotonic() - begun


def _report_with_photo(district: Installation, references: dict[str, float]) -> None:
    """Anonymous reports with one photo of 300 KB, 8 connections; each photo differs in one byte."""
    boundary = "siquan-bench"
    photo = _photo()
    fields = {"text": WORDS, "lon": "116.41", "lat": "39.93", "datum": "WGS84"}
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    )
    body += (
        f'--{boundary}\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    ).encode()
    # After the end of the picture: other bytes, so another file, and still the same picture.
    body += photo + COUNTER + f"\r\n--{boundary}--\r\n".encode()
    request = _post("/api/v1/reports", body, f"multipart/form-data; boundary={boundary}", key=True)
    seen = district.load([request], connections=8, seconds=SECONDS, start=time.time_ns() % 10**9)
    _show(f"report, {len(photo) / 1000:.0f} KB photo", seen, ("insert", references["insert"]), expects=201)


def _photo() -> bytes:
    """Return a JPEG of about 300 KB as phones send them: 1,600 × 1,200 pixels, soft shapes, fine grain."""
    import io

    import numpy as np
    from PIL import Image, ImageFilter

    random = np.random.default_rng(3)
    coarse = Image.fromarray(random.integers(0, 255, (30, 40, 3), dtype=np.uint8)).resize((1600, 1200))
    grain = Image.fromarray(random.integers(96, 160, (1200, 1600, 3), dtype=np.uint8))
    picture = Image.blend(coarse, grain.filter(ImageFilter.GaussianBlur(0.7)), 0.3)
    for quality in range(95, 20, -3):
        held = io.BytesIO()
        picture.save(held, "JPEG", quality=quality)
        if held.tell() <= PHOTO_BYTES:
            break
    return held.getvalue()


def _list(district: Installation, references: dict[str, float]) -> None:
    """The staff list of 50 with category, state and date, 8 connections."""
    token = district.token()
    with psycopg.connect(district.database) as connection:
        months = [
            f"{row[0]:%Y-%m}"
            for row in connection.execute(
                "select distinct date_trunc('month', reported_at) from cases_case order by 1 desc limit 6"
            )
        ]
    requests = [_get("/api/v1/cases?" + LIST.format(month=month), token) for month in months]
    seen = district.load(requests, connections=8, seconds=SECONDS)
    _show("list of 50, three filters", seen, ("select 1", references["select 1"]))
    page = district.load(
        [_page(district, f"/cases/?{LIST.format(month=months[1])}")], connections=8, seconds=SECONDS
    )
    _show("the same as a page", page, ("select 1", references["select 1"]))


def _page(district: Installation, path: str) -> bytes:
    """Return a request for a page by somebody who has signed in."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"http://127.0.0.1:{district.port}/account/sign-in/"
    browser.open(address).read()
    csrf = next(each.value for each in jar if each.name == "csrftoken")
    fields = {"username": "centre", "password": "dongcheng-demo", "csrfmiddlewaretoken": csrf}
    browser.open(address, urllib.parse.urlencode(fields).encode()).read()
    cookies = "; ".join(f"{each.name}={each.value}" for each in jar)
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{district.port}\r\nCookie: {cookies}\r\n\r\n".encode()


def _detail(district: Installation, references: dict[str, float]) -> None:
    """Case files through the API, 8 connections."""
    token = district.token()
    requests = [_get(f"/api/v1/cases/{number}", token) for number in _numbers(district, "closed", 500)]
    seen = district.load(requests, connections=8, seconds=SECONDS)
    _show("case file", seen, ("select 1", references["select 1"]))


def _numbers(district: Installation, state: str, most: int) -> list[str]:
    with psycopg.connect(district.database) as connection:
        query = "select number from cases_case where state = %s order by id desc limit %s"
        return [row[0] for row in connection.execute(query, [state, most])]


def _verb(district: Installation, references: dict[str, float]) -> None:
    """One verb on one case after another: cases that have been reported are filed, 8 connections."""
    token = district.token()
    numbers = _numbers(district, "reported", 3000)
    body = json.dumps({"category": _a_category(district)}).encode()
    requests = [_post(f"/api/v1/cases/{number}/file", body, "application/json", token) for number in numbers]
    if len(requests) < 500:
        print("file a case: too few reported cases; run the reports first")
        return
    seen = district.load(requests, connections=8, seconds=min(SECONDS, len(requests) / 500))
    _show("a verb: file", seen, ("insert", references["insert"]))


def _a_category(district: Installation) -> str:
    with psycopg.connect(district.database) as connection:
        query = "select c.code from rules_category c join cases_case k on k.category_id = c.id limit 1"
        return str((connection.execute(query).fetchone() or ("",))[0])


def _map(district: Installation, references: dict[str, float]) -> None:
    """Windows of the staff's map at several zooms, 8 connections."""
    windows = []
    for width in (0.16, 0.04, 0.01, 0.003):
        for step in range(5):
            west, south = 116.36 + step * 0.008, 39.89 + step * 0.008
            box = f"{west:.4f},{south:.4f},{west + width:.4f},{south + width * 0.77:.4f}"
            windows.append(
                _page(district, f"/cases/map.json?bbox={box}") if not windows else _other(windows[0], box)
            )
    seen = district.load(windows, connections=8, seconds=SECONDS)
    _show("map window", seen, ("select 1", references["select 1"]))


def _other(request: bytes, box: str) -> bytes:
    return re.sub(rb"bbox=[^ ]+", b"bbox=" + box.encode(), request)


SCENARIOS: dict[str, Callable[[Installation, dict[str, float]], None]] = {
    "report": _report,
    "photo": _report_with_photo,
    "list": _list,
    "detail": _detail,
    "verb": _verb,
    "map": _map,
}

if __name__ == "__main__":
    main()
