"""The commands as they are typed."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from siquan.city.rules.models import Pack
from siquan.config import command_line
from tests.city.rules.packs import files, make_streets, planted


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def folder(at: Path, **changed: str) -> str:
    at.mkdir(exist_ok=True)
    for name, content in files(**changed).items():
        (at / name).write_bytes(content)
    return str(at)


# 2026-09-25 is Mid-Autumn Festival, 25 to 27 September are free; 20 September and 10 October are worked.
@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("--from 2026-09-24T16:30+08:00 --hours 4", "2026-09-28T12:00+08:00"),
        ("--from 2026-09-24T08:30Z --hours 4", "2026-09-28T12:00+08:00"),
        ("--from 2026-09-24T16:30 --hours 4 --urgent", "2026-09-24T20:30+08:00"),
        ("--from 2026-09-30T10:00 --days 1", "2026-10-08T17:30+08:00"),
        ("--from 2026-10-09T16:30 --hours 2", "2026-10-10T10:00+08:00"),
    ],
)
def test_a_deadline_needs_no_database(words, due):
    found = json.loads(run("deadline", *words.split(), "--calendar", "cn", "--json"))

    assert found["due"] == due
    assert not found["provisional"]


def test_a_deadline_is_told_in_words_of_either_language():
    words = ("deadline", "--from", "2026-09-24T16:30", "--hours", "4")

    assert "中秋节" in run(*words)
    assert run(*words).splitlines()[0] == "2026-09-28T12:00+08:00"
    assert "Mid-Autumn" in run(*words, "--language", "en")
    assert json.loads(run("deadline", "--from", "2027-09-24", "--days", "4", "--json"))["provisional"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--from yesterday --hours 4", "--from"),
        ("--from 2026-09-24T16:30 --hours 0", "99999"),
        ("--from 2026-09-24T16:30 --hours four", "99999"),
        ("--from 2026-09-24T16:30 --hours ٣", "99999"),
        ("--from 2026-09-24T16:30 --days 1000000", "99999"),
        ("--from 2026-09-24T16:30 --days 2 --urgent", "--urgent"),
        ("--from 2026-09-24T16:30 --days 2 --calendar ../cn", "../cn"),
        ("--from 1950-09-24T16:30 --days 2", "工作日历"),
        ("--from 2026-09-24T16:30 --days 99999", "工作日历"),
        ("--from 9999-12-31T23:59-23:59 --hours 1", ""),
        ("--from 0001-01-01T00:00+08:00 --hours 1", ""),
    ],
)
def test_bad_input_to_deadline_is_told_and_exits_2(words, told):
    with pytest.raises(CommandError) as refused:
        run("deadline", *words.split())

    assert refused.value.returncode == 2
    assert told in str(refused.value)


def test_neither_deadline_nor_check_starts_a_database(monkeypatch, tmp_path):
    asked = []
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setattr("siquan.config.cluster.Cluster", lambda *a: asked.append(a))

    assert command_line.run(["deadline", "--from", "2026-09-24T16:30", "--hours", "4"]) == 0
    assert command_line.run(["deadline", "--from", "2026-09-24T16:30", "--hours", "x"]) == 2
    assert command_line.run(["rules", "check", folder(tmp_path / "good")]) == 0
    bad = folder(tmp_path / "bad", **planted("limits.csv", 3, "20,,handling,0,working_days,a"))
    assert command_line.run(["rules", "check", bad]) == 1
    assert command_line.run(["rules", "check", str(tmp_path / "nowhere")]) == 2
    assert command_line.run(["rules", "check"]) == 2
    assert asked == []


def test_check_prints_faults_as_compilers_do(tmp_path):
    bad = folder(tmp_path, **planted("limits.csv", 3, "20,,handling,0,working_days,a"))
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("rules_check", bad, stdout=out)

    assert out.getvalue().splitlines()[0].startswith("limits.csv:3:amount: 错误: ")

    out = StringIO()
    with pytest.raises(CommandError):
        call_command("rules_check", bad, "--json", stdout=out)
    found = json.loads(out.getvalue())
    assert (found["error"], found["faults"][0]["line"]) == (1, 3)


def test_gaps_fail_only_a_strict_check(tmp_path):
    gap = folder(tmp_path, **planted("limits.csv", 4, "2001,,verification,4,working_hours,assumed"))

    assert "缺口 1" in run("rules_check", gap)
    with pytest.raises(CommandError):
        run("rules_check", gap, "--strict")


@pytest.mark.django_db
def test_load_check_and_export(tmp_path):
    make_streets()
    pack = folder(tmp_path / "pack")

    assert json.loads(run("rules_load", pack, "--json"))["new"]
    assert "nothing changed" in run("rules_load", pack)
    assert "错误 0" in run("rules_check", "--loaded")
    assert "错误 0" in run("rules_check", pack, "--here")
    run("rules_export", str(tmp_path / "out"), "--name", "small", "--pack-version", "1")
    assert not json.loads(run("rules_load", str(tmp_path / "out"), "--json"))["new"]
    with pytest.raises(CommandError, match="small 1"):
        run("rules_export", str(tmp_path / "out2"), "--pack-version", "9")
    with pytest.raises(CommandError, match="新的或空的"):
        run("rules_export", str(tmp_path / "out"))
    assert Pack.objects.get().valid_from == date(2026, 1, 1)


@pytest.mark.django_db
def test_loading_a_faulty_pack_exits_1_with_the_lines(tmp_path):
    with pytest.raises(CommandError, match=r"responsibilities\.csv:3:division") as refused:
        run("rules_load", folder(tmp_path))

    assert refused.value.returncode == 1
    assert not Pack.objects.exists()
