"""What an intake writes into: a store and a quarantine of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.quarantine.store import Quarantine
from telemetry.stores.sqlite import SqliteStore
from tests.support.ingest_parts import open_quarantine


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "readings.db")
    yield store
    store.close()


@pytest.fixture
def quarantine(tmp_path: Path) -> Iterator[Quarantine]:
    quarantine = open_quarantine(tmp_path / "fairvarme.db")
    yield quarantine
    quarantine.engine.dispose()
