"""A store that cannot tell what came late is looked at in whole every time."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from estate.database.engine import open_database
from estate.periods import HOUR_MS, day_start_ms
from operations.alerts.checkpoints import AlertCheckpoint, Checkpoints
from operations.alerts.tiers import Looking, Tier
from tests.support import estates as make
from tests.support.samples import HandMadeSource

if TYPE_CHECKING:
    from pathlib import Path

NOON_MS = day_start_ms(date(2026, 2, 1), ZoneInfo("Europe/Copenhagen")) + 12 * HOUR_MS


def test_it_is_looked_at_in_whole_and_nothing_is_kept(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'fairvarme.db'}")
    AlertCheckpoint.metadata.create_all(engine, [AlertCheckpoint.__table__])  # type: ignore[list-item]
    estate, checkpoints = make.estate([make.flat("f1")]), Checkpoints(engine)
    for hour in range(2):
        looking = Looking(HandMadeSource(), checkpoints)
        looked = looking.look(estate, (), NOON_MS + hour * HOUR_MS, whole=False)
        assert (looked.tier, looked.why) == (Tier.WHOLE, "store")
    assert checkpoints.read(estate.building.id) is None
    engine.dispose()
