"""The PostgreSQL server of a test run: started before Django reads its settings, stopped at the end.

A plugin of its own (`-p tests.server`), because pytest-django reads the settings before any conftest.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from siquan.config.cluster import Cluster

FOLDER = Path(tempfile.gettempdir()) / f"siquan-tests-{os.getpid()}"
# Nothing in a test outlives the machine, so the disk need not be waited for.
FAST = {"shared_buffers": "256MB", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

_cluster: Cluster | None = None

# Every worker of xdist has a server of its own: open transactions of another worker would hold up seals.
WHO = os.environ.get("PYTEST_XDIST_WORKER", "alone")

if os.environ.get("SIQUAN_TEST_SERVER") != WHO:
    is_ours = "SIQUAN_TEST_SERVER" in os.environ or not os.environ.get("DATABASE_URL")
    os.environ["SIQUAN_TEST_SERVER"] = WHO
    os.environ["SIQUAN_DIR"] = str(FOLDER)
    (FOLDER / "static").mkdir(parents=True, exist_ok=True)  # whitenoise warns of a folder that is not there
    if is_ours:
        _cluster = Cluster(FOLDER, settings=FAST)
        os.environ["DATABASE_URL"] = _cluster.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that this process started."""
    if _cluster:
        _cluster.stop()
        shutil.rmtree(FOLDER, ignore_errors=True)
