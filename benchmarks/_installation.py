"""A demo district that runs as a user starts it, for measuring it from outside.

BENCH_DIR names a folder that is kept and used again; without it a new one is built and thrown away.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN = 1800.0  # seconds; a district of a million cases is built first


@dataclass
class Installation:
    """A running district: where it answers, where its files are, and its first process."""

    folder: Path
    port: int
    process: subprocess.Popen[str]
    ready_after: float

    @property
    def database(self) -> str:
        """Return the address of its database."""
        return f"postgresql://siquan@/siquan?host={self.folder / 'run'}"

    def command(self, *words: str, text: str | None = None) -> str:
        """Run one of its commands, and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "siquan", *words, "--dir", str(self.folder)],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
            input=text,
        )
        return done.stdout.strip()

    def token(self) -> str:
        """Return a key with which a program acts as the centre, made once for a folder that is kept."""
        known = self.folder / "bench-token"
        if not known.exists():
            known.write_text(self.command("token", "centre").split()[-1])
        return known.read_text()

    def load(
        self, requests: Sequence[bytes], *, connections: int, seconds: float, start: int = 0
    ) -> dict[str, Any]:
        """Put load on it from another process; return what that saw, with the computing on every side."""
        order = {"port": self.port, "connections": connections, "seconds": seconds, "start": start}
        order["requests"] = [base64.b64encode(each).decode() for each in requests]
        loader = subprocess.Popen(
            [sys.executable, "-m", "benchmarks._load"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with loader:
            assert loader.stdin and loader.stdout
            loader.stdin.write(json.dumps(order) + "\n")
            loader.stdin.flush()
            loader.stdout.readline()  # it is warm
            before = self.computing()
            loader.stdin.write("go\n")
            loader.stdin.flush()
            seen: dict[str, Any] = json.loads(loader.stdout.readline())
        after = self.computing()
        seen["rate"] = seen["requests"] / seen["seconds"]
        for part in before:
            seen[f"{part}_us"] = (after[part] - before[part]) / seen["requests"] * 1e6
        return seen

    def processes(self) -> dict[str, list[int]]:
        """Return the numbers of its processes: web, worker and PostgreSQL."""
        found: dict[str, list[int]] = {"web": [], "worker": [], "postgres": []}
        postmaster = int((self.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        children = _children()
        found["postgres"] = [postmaster, *_below(postmaster, children)]
        for pid in _below(self.process.pid, children):
            words = _words(pid)
            if "granian" in words:
                found["web"].append(pid)
            elif "siquan worker" in words:
                found["worker"].append(pid)
        for part in ("web", "worker"):
            found[part] = sorted({each for pid in found[part] for each in (pid, *_below(pid, children))})
        return found

    def computing(self) -> dict[str, float]:
        """Return the seconds of computing so far, by part."""
        return {
            part: sum(_spent(pid, with_ended=part == "postgres") for pid in pids)
            for part, pids in self.processes().items()
        }

    def memory_mb(self, part: str) -> list[tuple[float, float]]:
        """Return of the processes of a part what is resident and each one's share (PSS), largest first."""
        return sorted((held_mb(pid) for pid in self.processes()[part]), reverse=True)


def held_mb(pid: int) -> tuple[float, float]:
    """Return the resident and the proportional memory of a process, in MB (of 1,000,000 bytes)."""
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return int(told["Rss"].split()[0]) * 1.024e-3, int(told["Pss"].split()[0]) * 1.024e-3


@contextmanager
def running(
    cases: int, *, workers: int = 2, settings: Mapping[str, str] | None = None
) -> Iterator[Installation]:
    """Start a district with so many cases, and stop it at the end; no limits unless `settings` say so."""
    kept = os.environ.get("BENCH_DIR")
    folder = Path(kept) if kept else Path(tempfile.mkdtemp(prefix="siquan-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)  # PostgreSQL's account must reach it
    if not (folder / "postgres").exists():
        with _started(folder, cases, workers, settings or {}):
            pass  # what is measured is a start of a district that is there
    try:
        with _started(folder, cases, workers, settings or {}) as installation:
            yield installation
    finally:
        if not kept:
            shutil.rmtree(folder)


@contextmanager
def _started(folder: Path, cases: int, workers: int, settings: Mapping[str, str]) -> Iterator[Installation]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["demo", "--port", str(port), "--cases", str(cases), "--dir", str(folder)]
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "siquan", *words, "--workers", str(workers)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if cases < 1000 else None,
        text=True,
        env=os.environ | {"SIQUAN_LIMITS": "off"} | settings,
    )
    assert process.stdout
    try:
        for line in process.stdout:
            if line.startswith("ready "):
                break
        else:
            raise RuntimeError(f"the district did not start (exit {process.wait()})")
        yield Installation(folder, port, process, time.monotonic() - begun)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:  # has just ended
            continue
        found.setdefault(parent, []).append(int(path.parent.name))
    return found


def _below(pid: int, children: dict[int, list[int]]) -> list[int]:
    return [each for child in children.get(pid, []) for each in (child, *_below(child, children))]


def _words(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def _spent(pid: int, *, with_ended: bool) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11 : 15 if with_ended else 13])) / TICKS
