"""House rules for styles, scripts and what others wrote."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[3]
STATIC = ROOT / "siquan/base/web/static/web"
SHEETS = [path for path in STATIC.glob("*.css") if path.name != "tokens.css"]
MODULES = sorted((STATIC / "elements").glob("*.js"))
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b(?=[^{}]*;)|\brgba?\((?!255 255 255 / 12%)|\bhsla?\(", re.I)


def test_vendored_files_are_those_the_lock_names():
    record = json.loads((ROOT / "front/vendored.json").read_text())
    packages = json.loads((ROOT / "front/package-lock.json").read_text())["packages"]

    assert record
    for target, entry in record.items():
        locked = packages[f"node_modules/{entry['package']}"]
        assert (entry["version"], entry["integrity"]) == (locked["version"], locked["integrity"]), target
        assert hashlib.sha256((ROOT / target).read_bytes()).hexdigest() == entry["sha256"], target


def test_every_vendored_file_is_recorded_or_a_licence():
    record = json.loads((ROOT / "front/vendored.json").read_text())
    unknown = [
        path.name
        for path in (STATIC / "vendor").iterdir()
        if str(path.relative_to(ROOT)) not in record and path.name not in {"VENDOR.md", "pmtiles.LICENSE.txt"}
    ]

    assert unknown == []


def test_the_lock_names_no_registry():
    lock = (ROOT / "front/package-lock.json").read_text()

    assert '"resolved"' not in lock
    assert "registry" not in lock


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_every_colour_comes_from_the_tokens(sheet: Path):
    found = [line.strip() for line in sheet.read_text().splitlines() if COLOUR.search(line)]

    assert found == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_every_token_used_exists(sheet: Path):
    known = set(re.findall(r"(--[a-z0-9-]+)\s*:", (STATIC / "tokens.css").read_text() + sheet.read_text()))
    used = set(re.findall(r"var\((--[a-z0-9-]+)(?=\))", sheet.read_text()))

    assert used - known == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_modules_stay_small(module: Path):
    assert len(module.read_text().splitlines()) <= 150


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_modules_speak_both_languages(module: Path):
    said = set(re.findall(r'say\(\s*"([^"]+)"', module.read_text()))
    english = dict(re.findall(r'^  "([^"]+)": "([^"]+)",$', (STATIC / "elements/words.js").read_text(), re.M))

    assert said - english.keys() == set()


def test_no_word_of_the_modules_is_left_over():
    english = re.findall(r'^  "([^"]+)": "', (STATIC / "elements/words.js").read_text(), re.M)
    spoken = "".join(path.read_text() for path in MODULES if path.name != "words.js")

    assert [word for word in english if f'"{word}"' not in spoken] == []


def test_pages_ask_nobody_outside():
    ours = [*SHEETS, *MODULES, *(ROOT / "siquan/base/web/templates").rglob("*.html")]
    for path in ours:
        outside = re.findall(r"https?://(?!www\.w3\.org/2000/svg|example\.cn)[^\s\"')]+", path.read_text())
        assert outside == [], path.name


def test_templates_carry_no_inline_script_or_style():
    for path in (ROOT / "siquan/base/web/templates").rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style|javascript:", text), path.name
        for tag in re.findall(r"<script[^>]*>", text):
            assert "src=" in tag, path.name


def test_english_is_complete_and_compiled():
    folder = ROOT / "siquan/base/web/locale/en/LC_MESSAGES"
    with (folder / "django.po").open("rb") as po, (folder / "django.mo").open("rb") as mo:
        written = {entry.id: entry.string for entry in read_po(po) if entry.id}
        compiled = {entry.id: entry.string for entry in read_mo(mo) if entry.id}

    assert [chinese for chinese, english in written.items() if not english] == []
    assert compiled == written
