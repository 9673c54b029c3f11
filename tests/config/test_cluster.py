"""The embedded database takes a share of the machine's memory, and no more."""

from __future__ import annotations

import pytest

from siquan.config.cluster import memory_settings


@pytest.mark.parametrize(
    ("machine_mb", "own", "expected_of_system"),
    [(1024, "128MB", "512MB"), (8192, "341MB", "2048MB"), (24000, "1000MB", "6000MB")],
)
def test_what_postgresql_counts_on_grows_with_the_machine(
    machine_mb: int, own: str, expected_of_system: str
) -> None:
    assert memory_settings(machine_mb) == {"shared_buffers": own, "effective_cache_size": expected_of_system}


def test_a_large_machine_is_not_taken_whole() -> None:
    assert memory_settings(512 * 1024)["shared_buffers"] == "2048MB"
