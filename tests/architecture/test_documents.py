"""Every setting, command, verb and event is documented where people look for it."""

from __future__ import annotations

import re

from siquan.config.command_line import COMMANDS, PROGRAMS
from siquan.work.cases.states import EVENTS, LEARNING_EVENTS, LEARNING_VERBS, VERBS
from tests.architecture.test_building import ROOT, python_files

REFERENCE = ROOT / "docs" / "reference"


def test_every_setting_is_documented() -> None:
    used = {name for path in python_files() for name in re.findall(r"\"(SIQUAN_[A-Z_]+)\"", path.read_text())}
    text = (REFERENCE / "settings.md").read_text()
    told = set(re.findall(r"SIQUAN_[A-Z_]+", text))
    told |= {f"SIQUAN_SMTP{end}" for end in re.findall(r"`(_[A-Z]+)`", text)}

    assert used - told == set()


def test_every_command_is_documented() -> None:
    text = (REFERENCE / "commands.md").read_text()

    assert [name for name in {**COMMANDS, **PROGRAMS} if name not in text] == []


def test_every_verb_and_event_of_a_case_is_documented() -> None:
    text = (REFERENCE / "cases.md").read_text()

    assert [verb for verb in VERBS if f"`{verb}`" not in text] == []
    assert [event for event in EVENTS.values() if f"`{event}`" not in text] == []


def test_every_verb_and_event_of_a_learned_model_is_documented() -> None:
    text = (REFERENCE / "suggestion.md").read_text()

    assert [verb for verb in LEARNING_VERBS if f"`{verb}`" not in text] == []
    assert [event for event in LEARNING_EVENTS.values() if f"`{event}`" not in text] == []
