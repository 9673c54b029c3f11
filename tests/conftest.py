"""What every test stands on; the database server is started by `tests/server.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from tests.browser import browser, open_page

__all__ = ["browser", "django_db_setup", "open_page", "own_folders"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a journey a second and a third try: a browser on a busy machine is late at times, which the
    report then says (`rerun`); what is broken fails three times.
    """
    for item in items:
        if item.get_closest_marker("journey"):
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    """Let Django's own clean-up empty the append-only tables between transactional tests."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("""
            select tgrelid::regclass, tgname from pg_trigger 
            where tgname like 'pgtrigger_append_only_truncate%'
        """)
        for table, trigger in cursor.fetchall():
            cursor.execute(f"alter table {table} disable trigger {trigger}")
    yield


@pytest.fixture(autouse=True)
def own_folders(settings: object, tmp_path: Path) -> None:
    """Give each test its own folders, quick passwords, and no memory of the last test's language."""
    translation.activate("zh-hans")  # a request leaves the language it was answered in behind
    settings.STATIC_ROOT = tmp_path  # whitenoise warns of a folder that is not there  # type: ignore[attr-defined]
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")  # type: ignore[attr-defined]
    settings.NOTICE_FOLDER = str(tmp_path / "outbox")  # type: ignore[attr-defined]
    settings.JOURNAL_KEY = str(tmp_path / "journal-key")  # type: ignore[attr-defined]
    # Every test comes from the same address; those about limits turn them on.
    settings.LIMITED = False  # type: ignore[attr-defined]
    settings.RECHECK_SECONDS = 0.0  # type: ignore[attr-defined]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    settings.STORAGES = settings.STORAGES | {  # type: ignore[attr-defined]
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
