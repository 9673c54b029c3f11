"""The clock is set back while reports come in: for every process, PostgreSQL included, as it really is."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from tests.faults.senders import rows, sending, wait_for_more
from tests.installed import Siquan, installed

BACK = timedelta(hours=26)
SOURCE = Path(__file__).with_name("clock.c")
pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("cc") is None,
    reason="a clock that can be set needs a C compiler and Linux's preloading",
)


class Clock:
    """The time of day of one installation."""

    def __init__(self, folder: Path) -> None:
        self.shift, library = folder / "shift", folder / "clock.so"
        self.set_by(timedelta())
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE], check=True)
        for path in (self.shift, library):
            path.chmod(0o755)  # PostgreSQL's own account reads them, too
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_SHIFT": str(self.shift)}

    def set_by(self, shift: timedelta) -> None:
        """Shift the clock; every process sees it at once."""
        with self.shift.open("r+b" if self.shift.exists() else "wb") as file:
            file.write(struct.pack("l", int(shift.total_seconds())))


def database_of(siquan: Siquan) -> psycopg.Connection[object]:
    """Return a connection to an installation's database."""
    return psycopg.connect(f"postgresql://siquan@/siquan?host={siquan.folder / 'd' / 'run'}", autocommit=True)


def test_nothing_is_lost_or_doubled_and_all_goes_on_when_the_clock_is_set_back() -> None:
    with installed(cases=20, workers=2) as siquan:
        clock = Clock(siquan.folder)
        siquan.environment |= clock.environment | {"SIQUAN_LIMITS": "off"}
        siquan.start()
        siquan.wait(lambda: "ready" in siquan.said())
        with sending(siquan) as senders:
            clock.set_by(-BACK)
            wait_for_more(senders, 30)
            with database_of(siquan) as database:
                (now,) = rows(database, "select clock_timestamp()")[0]
                (latest,) = rows(database, "select max(id) from cases_case")[0]
                (reported,) = rows(database, f"select reported_at from cases_case where id = {latest}")[0]
            true_now = datetime.now(UTC)
            assert timedelta(hours=25) < true_now - now < timedelta(hours=27), "PostgreSQL saw it"
            assert true_now - reported > timedelta(hours=25), "the web processes saw it"
        # `sending` has waited until every reaction had run, counted, and verified the journal. Now the seals:
        siquan.wait(lambda: _is_sealed(siquan))
        with database_of(siquan) as database:
            due = rows(
                database,
                "select count(*), count(*) filter (where c.due_at > c.reported_at) from cases_case c"
                " where text like 's_-%'",
            )[0]
        assert due[0] == due[1] > 0, "every case got a deadline after its report"
        assert "Traceback" not in siquan.said("err"), siquan.said("err")


def _is_sealed(siquan: Siquan) -> bool:
    """Tell whether what was written after the clock was set back is sealed and holds."""
    found = json.loads(siquan.run("journal", "verify", "--json").stdout)
    return bool(found["ok"]) and found["unsealed"] == 0
