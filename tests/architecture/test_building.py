"""House rules as tests: doors, drawers, sizes, signals, migrations."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
SIQUAN = ROOT / "siquan"
FLOORS = ("base", "city", "work", "insight", "doors")
DOORS = {"services", "queries", "models", "states", "jobs", "urls"}
OPEN_ROOMS = {("base", "kernel"), ("base", "web")}  # named ideas and page parts, used piece by piece
DRAWERS = re.compile(r"^(utils?|helpers?|common|manager|handlers?|data|info|misc)$")
LONGEST = 400


@functools.cache
def python_files() -> list[Path]:
    return [path for path in SIQUAN.rglob("*.py") if "migrations" not in path.parts]


def room_of(path: Path) -> tuple[str, str] | None:
    parts = path.relative_to(SIQUAN).parts
    return (parts[0], parts[1]) if parts[0] in FLOORS and len(parts) > 2 else None


def imports(path: Path) -> Iterator[str]:
    """Yield every siquan module a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name.startswith("siquan."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("siquan"):
            target = SIQUAN / Path(*(node.module or "").split(".")[1:])
            for each in node.names:
                # `from room import services` names the module, `from room.services import x` does already.
                inner = (target / f"{each.name}.py").exists() or (target / each.name).is_dir()
                yield f"{node.module}.{each.name}" if inner else str(node.module)


def test_a_room_is_entered_by_its_doors_only() -> None:
    back_doors = []
    for path in python_files():
        here = room_of(path)
        if here is None:
            continue
        for name in imports(path):
            parts = name.split(".")
            if len(parts) < 3 or parts[1] not in FLOORS:
                continue
            there, door = (parts[1], parts[2]), parts[3] if len(parts) > 3 else ""
            if there != here and there not in OPEN_ROOMS and door not in ALLOWED.get(there, set()) | DOORS:
                back_doors.append(f"{path.relative_to(ROOT)} imports {name}")

    assert back_doors == []


# Modules that are part of what a room offers, beside the usual doors; each for a reason.
ALLOWED: dict[tuple[str, str], set[str]] = {
    ("base", "privacy"): {"registry"},  # the types of the tables that rooms fill
    ("base", "journal"): {"reactions"},  # the table type, for config and tests
    ("base", "files"): {"pictures", "uploads"},  # pure: what a checked photo is
    ("work", "callbacks"): {"forms", "permissions"},  # the same forms and rules for pages and programs
    ("insight", "scoring"): {"forms", "permissions"},
    ("work", "evaluations"): {"forms", "permissions"},
    ("work", "cases"): {"forms", "filters"},  # what a verb asks for, what a list is narrowed by (ADR 7)
}


def test_there_are_no_drawers_without_a_name() -> None:
    found = [path for path in python_files() if DRAWERS.match(path.stem) or DRAWERS.match(path.parent.name)]

    # The demo's folder of data files holds data and nothing else.
    assert [str(path.relative_to(ROOT)) for path in found] == []


def test_no_file_grows_past_what_a_reader_can_hold() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in python_files()}

    assert {name: lines for name, lines in long.items() if lines > LONGEST} == {}


def test_consequences_do_not_hide_in_signals_or_save() -> None:
    hidden = []
    for path in python_files():
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and "signals" in (node.module or ""):
                hidden.append(f"{path}: signals")
            if isinstance(node, ast.ClassDef):
                hidden += [
                    f"{path}: {node.name}.save"
                    for each in node.body
                    if isinstance(each, ast.FunctionDef) and each.name in {"save", "delete"}
                ]

    assert hidden == []


def test_every_room_has_a_readme() -> None:
    rooms = [
        path for floor in FLOORS for path in (SIQUAN / floor).glob("*/") if (path / "__init__.py").exists()
    ]

    assert [str(room.relative_to(ROOT)) for room in rooms if not (room / "README.md").exists()] == []


def test_every_public_function_and_class_says_what_it_does() -> None:
    silent = []
    for path in python_files():
        for node in ast.parse(path.read_text()).body:
            is_public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if is_public and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")

    assert silent == []


def test_no_script_or_style_stands_in_a_page() -> None:
    inline = re.compile(r"<script(?![^>]*(src=|application/json))|<style|\son[a-z]+=\"|\sstyle=\"")
    pages = [path for path in SIQUAN.rglob("templates/**/*.html") if inline.search(path.read_text())]

    assert [str(path.relative_to(ROOT)) for path in pages] == []


@pytest.mark.django_db
def test_the_tables_and_their_migrations_agree() -> None:
    out = StringIO()

    call_command("makemigrations", check=True, dry_run=True, stdout=out)

    assert "No changes" in out.getvalue()


def test_migrations_are_linear_and_have_spoken_names() -> None:
    for folder in SIQUAN.rglob("migrations"):
        names = sorted(path.stem for path in folder.glob("[0-9]*.py"))
        assert [name[:4] for name in names] == [f"{number:04d}" for number in range(1, len(names) + 1)]
        assert not [name for name in names if "_auto_" in name]
