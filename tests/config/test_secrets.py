"""Keys are made up for a demo and a developer, never for an office."""

from pathlib import Path

import pytest

from siquan.base.kernel.sealing import new_key, parse_keys
from siquan.config import command_line
from siquan.config.secrets import NoKeys, sealing_keys


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a new installation of which nothing is told."""
    names = ("KEYS", "KEY_FILE", "HTTPS", "HOSTS", "DEMO", "DEBUG")
    for name in names:
        monkeypatch.delenv(f"SIQUAN_{name}", raising=False)
    monkeypatch.setenv("SIQUAN_DIR", str(tmp_path))
    return tmp_path


def test_a_developer_gets_a_key_that_nobody_else_can_read_and_keeps_it(folder: Path) -> None:
    keys = sealing_keys()

    assert len(parse_keys(keys).keys) == 1
    assert sealing_keys() == keys
    assert (folder / "sealing-keys").stat().st_mode & 0o777 == 0o600


def test_keys_of_the_environment_come_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    sealing_keys()
    monkeypatch.setenv("SIQUAN_KEYS", new_key("mine"))

    assert parse_keys(sealing_keys()).newest.id == "mine"


@pytest.mark.parametrize(("name", "value"), [("SIQUAN_HTTPS", "1"), ("SIQUAN_HOSTS", "siquan.example")])
def test_an_installation_for_others_does_not_start_without_keys(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(NoKeys, match="siquan keys new"):
        sealing_keys()
    assert command_line.run(["serve", "--port", "9161"]) == 1
    assert command_line.run(["migrate"]) == 1
    assert "siquan keys new" in capsys.readouterr().err
    assert not (folder / "sealing-keys").exists()


def test_a_demo_for_others_makes_its_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIQUAN_HOSTS", "*")
    monkeypatch.setenv("SIQUAN_DEMO", "1")

    assert parse_keys(sealing_keys()).newest.id == "first"


def test_a_file_that_was_put_there_is_enough(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIQUAN_HTTPS", "1")
    (folder / "sealing-keys").write_text(new_key("2026"))

    assert parse_keys(sealing_keys()).newest.id == "2026"


def test_the_command_prints_a_key_that_can_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.run(["keys", "new", "2027"]) == 0
    assert parse_keys(capsys.readouterr().out).newest.id == "2027"


def test_the_command_refuses_a_name_that_no_key_may_have(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.run(["keys", "new", "a:b"]) == 2
    assert capsys.readouterr().out == ""
