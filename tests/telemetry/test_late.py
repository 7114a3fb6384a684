"""Which stores can tell what came late: SQLite, and sealed months over it."""

from __future__ import annotations

from pathlib import Path

from telemetry.readings import Reading
from telemetry.stores.late import LATE_MS, Late, teller_of
from telemetry.stores.sealed.store import SealedStore
from telemetry.stores.sqlite import SqliteStore


class Plain:
    """A store that cannot."""


def test_what_comes_late_beside_sealed_months_is_told(tmp_path: Path) -> None:
    hot = SqliteStore(tmp_path / "readings.db")
    store = SealedStore(hot, tmp_path / "sealed")
    store.write([Reading("b", "d", "heat_kwh", 0, 1.0, 0, LATE_MS + 1)])
    for each in (hot, store):
        teller = teller_of(each)
        assert teller is not None
        assert teller.late_since(0) == [Late("b", "d", "heat_kwh", 0, LATE_MS + 1)]
    hot.close()


def test_store_that_cannot_tell_is_known_as_one() -> None:
    assert teller_of(Plain()) is None
