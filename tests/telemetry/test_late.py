"""Which stores can tell what came late: SQLite, and sealed months over it."""

from __future__ import annotations

from pathlib import Path

from operations.alerts.tiers import tier_limits
from telemetry.readings import Reading
from telemetry.stores.late import LATE_MS, Late, teller_of
from telemetry.stores.sealed.store import SealedStore
from telemetry.stores.sqlite import SqliteStore

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


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


def test_what_is_sealed_the_night_it_came_late_is_told_until_nobody_asks_for_it(
    tmp_path: Path,
) -> None:
    """An hourly look asks what came late since the last whole one."""
    hot = SqliteStore(tmp_path / "readings.db")
    store = SealedStore(hot, tmp_path / "sealed")
    arrival_ms = 100 * DAY_MS
    store.write([Reading("b", "d", "heat_kwh", time_ms, 1.0, 0, time_ms) for time_ms in (1, 2)])
    list(store.seal("b", 90 * DAY_MS, 90 * DAY_MS))
    assert hot.count("b") == 0
    store.write([Reading("b", "d", "heat_kwh", 3, 2.0, 0, arrival_ms)])
    night_ms = arrival_ms + HOUR_MS
    (sealed,) = store.seal("b", night_ms, night_ms)
    assert (sealed.rows, sealed.late, sealed.released) == (3, 1, 0)
    asked_ms = arrival_ms + round((tier_limits().oldest_hours + 1) * HOUR_MS)
    list(store.seal("b", asked_ms, asked_ms))
    assert hot.late_since(arrival_ms) == [Late("b", "d", "heat_kwh", 3, arrival_ms)]
    assert store.count("b") == len(store.samples("b", ["d"], "heat_kwh", 0, 10)) == 3
    after_ms = arrival_ms + 3 * DAY_MS
    (sealed,) = store.seal("b", after_ms, after_ms)
    assert (sealed.late, sealed.released) == (0, 1)
    assert hot.count("b") == 0
    assert store.count("b") == 3


def test_store_that_cannot_tell_is_known_as_one() -> None:
    assert teller_of(Plain()) is None
