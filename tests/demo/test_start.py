"""`siquan demo` as a user has it: a process that is started, killed, started again, asked, and stopped."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240.0  # seconds; the machine of a test may be busy
INSIDE = {"lon": 116.4195, "lat": 39.9275, "datum": "WGS84"}


class Siquan:
    """One folder in which `siquan demo` is started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None
        # The test run's own server and folders are none of its business.
        own = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in own and not name.startswith("SIQUAN_")
        }

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, with what it says going to files."""
        words = ["demo", "--port", str(self.port), "--cases", "300"]
        words += ["--workers", "1", "--dir", str(self.folder / "d")]
        with (self.folder / "out").open("wb") as out, (self.folder / "err").open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "siquan", *words],
                stdout=out,
                stderr=err,
                cwd=ROOT,
                env=self.environment,
            )
        return self.process

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command for the same installation."""
        return subprocess.run(
            [sys.executable, "-m", "siquan", *words, "--dir", str(self.folder / "d")],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=self.environment,
            check=False,
            timeout=PATIENCE,
        )

    def said(self, name: str = "out") -> str:
        """Return what it has said so far."""
        return (self.folder / name).read_text()

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait for something to happen while it runs."""
        assert self.process
        end = time.monotonic() + PATIENCE
        while not until():
            assert self.process.poll() is None and time.monotonic() < end, self.said("err")
            time.sleep(0.1)

    def ask(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> tuple[int, Any]:
        """Return the status and the answer, read as JSON where it is JSON."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"}
            | {name.replace("_", "-"): value for name, value in headers.items()},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            raw = answer.read()
            is_json = "json" in answer.headers["Content-Type"]
            return answer.status, json.loads(raw) if is_json else raw.decode()

    def alive(self) -> list[str]:
        """Return the processes that have to do with this folder."""
        listed = subprocess.run(["ps", "-A", "-o", "pid=,args="], capture_output=True, text=True, check=True)
        needles = (str(self.folder), f"--port {self.port}")
        return [line for line in listed.stdout.splitlines() if any(each in line for each in needles)]


@pytest.fixture
def siquan() -> Iterator[Siquan]:
    """Have a folder that PostgreSQL's account can reach (pytest's own are private), and leave nothing."""
    folder = Path(tempfile.mkdtemp(prefix="siquan-start-"))
    folder.chmod(0o711)
    here = Siquan(folder)
    yield here
    if here.process and here.process.poll() is None:
        here.process.terminate()
        here.process.wait(30)
    shutil.rmtree(folder)


def test_the_demo_from_a_killed_first_start_to_its_end(siquan: Siquan) -> None:
    first = siquan.start()
    siquan.wait(lambda: "a year of cases" in siquan.said("err"))
    first.send_signal(signal.SIGKILL)
    first.wait()

    process = siquan.start()  # waits until what the first one left behind is gone
    siquan.wait(lambda: "ready" in siquan.said())
    assert siquan.said().count(f"ready http://127.0.0.1:{siquan.port}\n") == 1
    assert siquan.said().index("demo sign-ins") < siquan.said().index("ready")

    assert siquan.ask("/healthz") == (200, {"status": "ok"})
    assert siquan.ask("/")[0] == 200
    assert siquan.ask("/api/v1/openapi.json")[1]["openapi"].startswith("3.")

    report = {"text": "路边有一堆垃圾", **INSIDE}
    status, made = siquan.ask("/api/v1/reports", report, Idempotency_Key="one-tap")
    again = siquan.ask("/api/v1/reports", report, Idempotency_Key="one-tap")[1]
    assert status == 201
    assert made["number"] == again["number"]

    token = siquan.run("token", "centre").stdout.strip().splitlines()[-1]
    listed = siquan.ask("/api/v1/cases?limit=5", Authorization=f"Bearer {token}")[1]
    assert made["number"] in json.dumps(listed)

    verified = siquan.run("journal", "verify", "--json")
    assert json.loads(verified.stdout)["ok"] is True

    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert siquan.alive() == []


def test_what_cannot_be_started_is_said_in_words(siquan: Siquan) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", siquan.port))
        taken.listen()
        refused = siquan.run("demo", "--port", str(siquan.port))
    assert refused.returncode == 1
    assert "Choose another port" in refused.stderr

    refused = siquan.run("demo", "--cases", "-1")
    assert refused.returncode == 2
    assert "-1 is not between 0" in refused.stderr
