"""Processes that are killed while reports come in: nothing acknowledged is lost, nothing happens twice."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.faults.senders import sending, wait_for_more
from tests.installed import Siquan, installed


def processes(siquan: Siquan, words: str) -> list[int]:
    """Return the processes below the first one whose command holds these words."""
    assert siquan.process
    found, below = [], {siquan.process.pid}
    listed = sorted(
        (int(path.parent.name), path.read_text().rpartition(")")[2].split())
        for path in Path("/proc").glob("[0-9]*/stat")
        if path.exists()
    )
    for pid, fields in listed:  # a child has a larger number than its parent
        if int(fields[1]) in below:
            below.add(pid)
            if words in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
                found.append(pid)
    return found


def kill(pid: int) -> None:
    """Kill a process as the kernel does when memory runs out."""
    os.kill(pid, signal.SIGKILL)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to find what to kill")
def test_no_acknowledged_report_is_lost_and_no_effect_happens_twice_when_processes_are_killed() -> None:
    with installed(cases=50, workers=2) as siquan:
        siquan.environment["SIQUAN_LIMITS"] = "off"  # what is looked at is what gets in
        siquan.start()
        siquan.wait(lambda: "ready" in siquan.said())
        with sending(siquan) as senders:
            kill(processes(siquan, "granian")[-1])  # a web process in the middle of its answers
            wait_for_more(senders, 10)
            kill(processes(siquan, "siquan worker")[0])  # the worker in the middle of its reactions
            wait_for_more(senders, 10)
            kill(postmaster(siquan))  # the whole database: it comes back by itself, and recovers
            wait_for_more(senders, 20)


def postmaster(siquan: Siquan) -> int:
    """Return PostgreSQL's first process."""
    return int((siquan.folder / "d" / "postgres" / "postmaster.pid").read_text().splitlines()[0])
