"""What was prepared once is not prepared again, unless something differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import connection

from siquan.config.prepared import MARK, Preparation

pytestmark = pytest.mark.django_db(transaction=True)
DEMO = ["--demo", "50", "--seed", "7"]


@pytest.fixture
def url() -> str:
    known = connection.settings_dict
    return f"postgresql://{known['USER']}@/{known['NAME']}?host={known['HOST']}&port={known['PORT'] or 5432}"


@pytest.fixture
def folder(tmp_path: Path, url: str) -> Path:
    """Return the folder of a demo district whose first start has prepared everything."""
    (tmp_path / "static").mkdir()
    first = Preparation(tmp_path, DEMO)
    assert not first.is_done(url)
    first.note(url)
    return tmp_path


def test_the_next_start_has_nothing_to_prepare_whether_as_demo_or_not(folder: Path, url: str) -> None:
    assert Preparation(folder, DEMO).is_done(url)
    assert Preparation(folder, []).is_done(url)


def test_another_demo_in_the_same_folder_is_looked_at_every_time(folder: Path, url: str) -> None:
    other = Preparation(folder, ["--demo", "99", "--seed", "7"])

    assert not other.is_done(url)
    other.note(url)  # the district that stands stays what it is

    assert not other.is_done(url)
    assert Preparation(folder, DEMO).is_done(url)


def test_a_start_without_the_demo_says_nothing_about_the_demo(tmp_path: Path, url: str) -> None:
    (tmp_path / "static").mkdir()
    Preparation(tmp_path, []).note(url)

    assert Preparation(tmp_path, []).is_done(url)
    assert not Preparation(tmp_path, DEMO).may_be_done()


def test_another_database_is_prepared_anew(folder: Path, url: str) -> None:
    """Restored from elsewhere, the same migrations were applied at other times."""
    later = "update django_migrations set applied = applied + %s::interval where id = 1"
    with connection.cursor() as cursor:
        cursor.execute(later, ["1 second"])
        try:
            assert not Preparation(folder, DEMO).is_done(url)
        finally:
            cursor.execute(later, ["-1 second"])


def test_an_empty_database_is_prepared(folder: Path, url: str) -> None:
    assert not Preparation(folder, DEMO).is_done(url.replace(connection.settings_dict["NAME"], "postgres"))


def test_a_database_that_does_not_answer_is_not_taken_for_prepared(folder: Path) -> None:
    assert not Preparation(folder, DEMO).is_done(f"postgresql://siquan@/siquan?host={folder}")


def test_another_installed_version_prepares(folder: Path, url: str) -> None:
    mark = folder / MARK
    mark.write_text(json.dumps(json.loads(mark.read_text()) | {"code": "of another version"}))

    assert not Preparation(folder, DEMO).is_done(url)


@pytest.mark.parametrize("broken", ["", "[]", '"words"', "{", "\x00"])
def test_a_broken_mark_prepares(folder: Path, url: str, broken: str) -> None:
    (folder / MARK).write_text(broken)

    assert not Preparation(folder, DEMO).is_done(url)


def test_removed_static_files_are_collected_again(folder: Path, url: str) -> None:
    (folder / "static").rmdir()

    assert not Preparation(folder, DEMO).is_done(url)
