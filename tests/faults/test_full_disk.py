"""A disk that is full while reports come in: nothing acknowledged is lost, and it goes on by itself.

The disk is a real small one (tmpfs), which only root may mount.
"""

from __future__ import annotations

import os
import subprocess
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.senders import Sender, sending, wait_for_more
from tests.installed import Siquan, installed

MEGABYTE = 1024 * 1024


@contextmanager
def small_disk(siquan: Siquan, name: str, megabytes: int) -> Iterator[Path]:
    """Have a disk of so many megabytes below an installation; skip the test where none can be mounted."""
    at = siquan.folder / name
    at.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0711", "tmpfs", str(at)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield at
    finally:
        siquan.stop()  # while its database can still be found
        subprocess.run(["umount", "--lazy", str(at)], check=True)


def fill(disk: Path) -> Path:
    """Write until nothing more fits; return the file to remove for room."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as out:
        for size in (MEGABYTE, 4096):
            try:
                while True:
                    out.write(bytes(size))
            except OSError:
                continue
    return ballast


def refused(senders: list[Sender], codes: set[str]) -> int:
    return sum(each.codes[code] for each in senders for code in codes)


def wait_until_refused(siquan: Siquan, senders: list[Sender], codes: set[str]) -> None:
    """Wait until every sender has been told that there is no room."""
    before = refused(senders, codes)
    siquan.wait(lambda: refused(senders, codes) >= before + 8)


def page(siquan: Siquan) -> tuple[int, str]:
    """Return how the page that sends a report with a photo is answered."""
    try:
        return siquan.ask("/nearby/")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_of_photos_refuses_clearly_and_goes_on_when_there_is_room() -> None:
    with installed(cases=20, workers=2) as siquan, small_disk(siquan, "photos", 16) as disk:
        siquan.environment |= {"SIQUAN_LIMITS": "off", "SIQUAN_FILES": str(disk)}
        siquan.start()
        siquan.wait(lambda: "ready" in siquan.said())
        with sending(siquan) as senders:
            ballast = fill(disk)
            wait_until_refused(siquan, senders, {"storage-full"})
            assert page(siquan)[0] == 200, "what needs no room goes on"
            ballast.unlink()
            wait_for_more(senders, 20)
        said = siquan.said("err")
        assert "no room left" in said
        assert "Traceback" not in said, said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_of_the_database_loses_nothing_and_it_goes_on_when_there_is_room() -> None:
    with installed(cases=20, workers=2) as siquan, small_disk(siquan, "d", 400) as disk:
        siquan.environment |= {"SIQUAN_LIMITS": "off"}
        siquan.start()
        siquan.wait(lambda: "ready" in siquan.said())
        with sending(siquan) as senders:
            ballast = fill(disk)
            wait_until_refused(siquan, senders, {"storage-full", "database-away"})
            status, text = page(siquan)
            assert status in {200, 503}
            assert "Traceback" not in text
            ballast.unlink()
            wait_for_more(senders, 20)
