"""The real servers that tests may ask for, the time a generated case may take, and the order."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.support.databases import database_url, migrated_url, postgresql_template
from tests.support.garbage import collect_seldom, keep_for_good
from tests.support.influxdb import influxdb, own_influxdb
from tests.support.memory import hold_temporary_files
from tests.support.mosquitto import mosquitto, start_mosquitto
from tests.support.postgresql import own_postgresql, postgresql
from tests.support.small_disk import small_disk

__all__ = [
    "database_url",
    "influxdb",
    "migrated_url",
    "mosquitto",
    "own_influxdb",
    "own_postgresql",
    "postgresql",
    "postgresql_template",
    "small_disk",
    "start_mosquitto",
]

# A busy machine is no fault of the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

# Of some ten thousand synchronised writes most of the waiting was for the disk.
hold_temporary_files()
collect_seldom()

LONG = ("integration", "slow")
"""Marks of tests that take long, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Run the modules that take longest first, so that no process waits for another at the end.

    The tests of a module stay together: they share what it has made, and run in one process
    (``--dist loadfile``).
    """
    turns: dict[object, int] = {}
    for item in items:
        if " at 0x" in item.nodeid:
            raise pytest.UsageError(
                f"{item.nodeid}: an address differs from process to process, which cannot share "
                "the tests then; give the parameters ids"
            )
        marks = [LONG.index(name) for name in LONG if item.get_closest_marker(name)]
        turns[item.path] = min([turns.get(item.path, len(LONG)), *marks])
    items.sort(key=lambda item: turns[item.path])


def pytest_collection_finish() -> None:
    """Leave what was collected out of every later walk for garbage."""
    keep_for_good()
