"""`siquan places locate` and `siquan places load`."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from siquan.city.places.lines import Answers
from tests import make
from tests.city.places import ground

pytestmark = pytest.mark.django_db
HERE = ground.middle(0, 0)


def told(*lines: str | bytes) -> tuple[list[dict[str, object]], bool]:
    raw = [line if isinstance(line, bytes) else line.encode() for line in lines]
    text, bad = Answers(make.LONG_AGO).of(raw, 1)
    return [json.loads(line) for line in text.splitlines()], bad


@pytest.mark.usefixtures("small_district")
def test_each_line_is_answered_in_order() -> None:
    gcj = f"{HERE[0] + 0.00624},{HERE[1] + 0.0014},gcj02"

    (here, outside, shifted), bad = told(f"{HERE[0]},{HERE[1]}", "116.3,39.9", gcj)

    assert not bad
    assert (here["line"], here["inside"], here["lon"]) == (1, True, HERE[0])
    assert here["street"] == {"code": ground.A, "name": "东山街道"}
    assert here["block"] == {"code": f"{ground.A}B01", "name": f"{ground.A}第1街区", "kind": "culture"}
    assert (outside["inside"], outside["reason"], outside["street"]) == (False, "outside-district", None)
    assert shifted["cell"] == here["cell"]
    assert shifted["lon"] == pytest.approx(HERE[0], abs=0.0003)


@pytest.mark.usefixtures("small_district")
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("", "bad-input"),
        ("x,y", "bad-input"),
        ("116.4", "bad-input"),
        ("116.4,39.9,wgs84,more", "bad-input"),
        ("39.9,116.4", "bad-input"),
        ("nan,39.9", "bad-input"),
        ("116.4,1e400", "bad-input"),
        ("116.4,39.9,mars-2000", "unknown-datum"),
        (b"\xff\xfe,1", "bad-input"),
        (b"116.4,39.9,\xff", "bad-input"),
        ("1" * 10_000, "bad-input"),
        ("116.4,39.9," + "x" * 150, "unknown-datum"),
    ],
)
def test_a_bad_line_is_told_and_the_rest_goes_on(line: str | bytes, code: str) -> None:
    (before, wrong, after), bad = told("116.3,39.9", line, f"{HERE[0]},{HERE[1]}\r\n")

    assert bad
    assert (wrong["line"], wrong["error"]) == (2, code)
    assert wrong["message"]
    assert (before["line"], after["line"], after["inside"]) == (1, 3, True)


class Pipe(io.BytesIO):
    """A pipe that hands out what has arrived, a few bytes at a time."""

    def read1(self, size: int | None = -1) -> bytes:
        return super().read1(7)


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fed: bytes
) -> tuple[int, list[dict[str, object]]]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Pipe(fed)))
    code = 0
    try:
        call_command("places_locate", "--on", make.LONG_AGO.isoformat())
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.usefixtures("small_district")
def test_locate_reads_what_arrives_and_tells_by_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = f"{HERE[0]},{HERE[1]}\n".encode() * 3

    assert run(monkeypatch, capsys, good.rstrip())[0] == 0
    code, lines = run(monkeypatch, capsys, good + b"oops\n" + good)
    assert code == 1
    assert [line["line"] for line in lines] == [1, 2, 3, 4, 5, 6, 7]
    assert run(monkeypatch, capsys, b"") == (0, [])


def test_load_tells_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ground.write(tmp_path)

    call_command("places_load", str(tmp_path))
    assert "divisions: 19 new" in capsys.readouterr().out
    call_command("places_load", str(tmp_path), "--json")
    assert json.loads(capsys.readouterr().out)["divisions_unchanged"] == 19


def test_load_tells_every_row_that_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sites = ground.sites()
    sites[0]["lon"] = "here"
    ground.write(tmp_path, sites=sites)

    with pytest.raises(CommandError, match="什么都没有"):
        call_command("places_load", str(tmp_path))
    assert "sites.csv:2:" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        call_command("places_load", str(tmp_path), "--json")
    assert stopped.value.code == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["error"], told["faults"][0]["row"]) == ("geography-faults", 2)
