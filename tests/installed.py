"""An installation as a user has it: processes of its own in a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 240.0  # seconds; the machine of a test may be busy


class Siquan:
    """One folder in which `siquan demo` is started."""

    def __init__(self, folder: Path, *, cases: int = 300, workers: int = 1) -> None:
        self.folder, self.cases, self.workers = folder, cases, workers
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
        words = ["demo", "--port", str(self.port), "--cases", str(self.cases)]
        words += ["--workers", str(self.workers), "--dir", str(self.folder / "d")]
        with (self.folder / "out").open("wb") as out, (self.folder / "err").open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "siquan", *words],
                stdout=out,
                stderr=err,
                cwd=ROOT,
                env=self.environment,
            )
        return self.process

    def stop(self) -> None:
        """End it, if it runs."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

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


@contextmanager
def installed(*, cases: int = 300, workers: int = 1) -> Iterator[Siquan]:
    """Have a folder that PostgreSQL's account can reach (pytest's own are private), and leave nothing."""
    folder = Path(tempfile.mkdtemp(prefix="siquan-start-"))
    folder.chmod(0o711)
    here = Siquan(folder, cases=cases, workers=workers)
    try:
        yield here
    finally:
        here.stop()
        shutil.rmtree(folder)
