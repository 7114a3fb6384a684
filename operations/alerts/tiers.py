"""
Decides how a building is checked: in full once a day, in between only for what can be dangerous.

The hourly check finds leaks and bursts from what the last full run has kept, exactly as a full run
of the same days would, plus what meters report themselves. If a home may have got cold since, or
readings arrived late, it makes a full run at once.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING
from zlib import crc32

from alerts.devices.alarms import with_alarms
from alerts.hourly.checkpoint import make_checkpoint, water_since
from alerts.hourly.state import Unfit
from alerts.model import AlertKind
from alerts.run import Checked, alerts_within, check_building, looked_at
from estate.numbers.values import load_values
from estate.periods import HOUR_MS, Period, local_date
from telemetry.series.home_climate import home_climate
from telemetry.stores.late import teller_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from alerts.coverage import Coverage
    from alerts.devices.alarms import Said
    from alerts.hourly.checkpoint import Checkpoint
    from alerts.model import Alert
    from estate.model import Estate
    from operations.alerts.checkpoints import Checkpoints
    from telemetry.stores.late import Late, TellsLate
    from telemetry.stores.store import SampleSource

USUAL_DAYS = 14
"""Days that a run looks at which names none: what is corrected within them is withdrawn."""
HOURLY_KINDS = frozenset({AlertKind.LEAK, AlertKind.BURST})
"""What the hourly look tells; the rest is told by whole runs."""
WRITING_MS = HOUR_MS
"""A reading may have come so long before it could be read."""


class Tier(StrEnum):
    """How a building was checked; the names are public."""

    WHOLE = "whole"
    HOURLY = "hourly"


@dataclass(frozen=True)
class TierLimits:
    """The values of ``tiers.yaml``; units and sources stand there."""

    whole_from_hour: int
    whole_spread_hours: int
    oldest_hours: float


@cache
def tier_limits() -> TierLimits:
    """Return the limits."""
    return load_values(TierLimits, "operations.alerts", "tiers.yaml")


@dataclass(frozen=True)
class Looked:
    """
    The result of checking a building.

    Attributes
    ----------
    building : str
    tier : Tier
    why : str
        For a full check why it was due: ``asked``, ``first``, ``daily``, ``changed``, ``late``,
        ``cold``, or ``store`` if it cannot list late readings; empty for an hourly one.
    period : Period
    checked : Checked
    """

    building: str
    tier: Tier
    why: str
    period: Period
    checked: Checked

    @property
    def covered(self) -> Sequence[Coverage]:
        """What could be judged; empty for an hourly check, which relies on the last full one."""
        return self.checked.coverage if self.tier is Tier.WHOLE else ()


class Looking:
    """
    Checks buildings, one after the other.

    Parameters
    ----------
    source : SampleSource
        With a store that cannot list late readings, every check is a full one.
    checkpoints : Checkpoints
    """

    def __init__(self, source: SampleSource, checkpoints: Checkpoints) -> None:
        self._source, self._checkpoints = source, checkpoints
        self._teller = teller_of(source)
        self._late: dict[str, list[Late]] | None = None

    def look(self, estate: Estate, said: Sequence[Said], now_ms: int, *, whole: bool) -> Looked:
        """
        Check a building now, and keep what the next checks need.

        Parameters
        ----------
        estate : Estate
        said : sequence of Said
        now_ms : int
            [ms since 1970, UTC]
        whole : bool
            Whether a full run is requested.

        Raises
        ------
        DataError
        StoreUnavailable
        """
        kept = self._checkpoints.read(estate.building.id)
        why = "asked" if whole else self._due(estate, kept, now_ms)
        if kept is not None and not why:
            period = Period(kept.start, _tomorrow(estate, now_ms))
            try:
                if not kept.cold.raised_since(estate, self._source, period.end, kept.made_ms):
                    found = hourly_alerts(estate, self._source, kept, period, said, now_ms)
                    checked = Checked(found, list(kept.coverage))
                    return Looked(estate.building.id, Tier.HOURLY, "", period, checked)
                why = "cold"
            except Unfit:
                why = "changed"
        return self._whole(estate, said, now_ms, why)

    def _due(self, estate: Estate, kept: Checkpoint | None, now_ms: int) -> str:
        """Return why a full run is due; empty if it is not."""
        if self._teller is None:
            return "store"
        if kept is None:
            return "first"
        if not kept.fits(estate):
            return "changed"
        if is_daily_due(estate, kept.made_ms, now_ms):
            return "daily"
        since_ms = kept.made_ms - WRITING_MS
        late = [
            (each.device, each.quantity, each.first_ms)
            for each in self._came_late(self._teller, now_ms).get(estate.building.id, ())
            if each.arrival_ms >= since_ms
        ]
        return "late" if kept.outdated_by(estate, late) else ""

    def _came_late(self, teller: TellsLate, now_ms: int) -> Mapping[str, Sequence[Late]]:
        if self._late is None:
            oldest_ms = now_ms - round(tier_limits().oldest_hours * HOUR_MS) - WRITING_MS
            by_building: dict[str, list[Late]] = defaultdict(list)
            for each in teller.late_since(oldest_ms):
                by_building[each.building].append(each)
            self._late = dict(by_building)
        return self._late

    def _whole(self, estate: Estate, said: Sequence[Said], now_ms: int, why: str) -> Looked:
        period, source = usual_period(estate, now_ms), self._source
        climate = home_climate(source, estate, looked_at(period).hours(estate.building.zone))
        checked = check_building(estate, source, period, climate, said, now_ms)
        if self._teller is not None:
            kept = make_checkpoint(estate, source, period, now_ms, climate, checked.coverage)
            self._checkpoints.write(estate.building.id, kept)
        return Looked(estate.building.id, Tier.WHOLE, why, period, checked)


def hourly_alerts(
    estate: Estate,
    source: SampleSource,
    kept: Checkpoint,
    period: Period,
    said: Sequence[Said],
    now_ms: int,
) -> list[Alert]:
    """Return the alerts of `HOURLY_KINDS`, as a full run of the same days would."""
    water = alerts_within(water_since(estate, source, kept, period), estate, period)
    of_hours = [each for each in said if each.kind in HOURLY_KINDS]
    return alerts_within(with_alarms(estate, water, of_hours, now_ms), estate, period)


def usual_period(estate: Estate, now_ms: int) -> Period:
    """Return the days that a run covers by default."""
    tomorrow = _tomorrow(estate, now_ms)
    return Period(tomorrow - timedelta(days=USUAL_DAYS + 1), tomorrow)


def is_daily_due(estate: Estate, made_ms: int, now_ms: int) -> bool:
    """Whether a building's quiet hour has passed since its last full run, or that is too old."""
    limits, zone = tier_limits(), estate.building.zone
    if not 0 <= now_ms - made_ms <= limits.oldest_hours * HOUR_MS:
        return True
    turn = crc32(estate.building.id.encode()) % limits.whole_spread_hours
    local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone)
    quiet = local.replace(
        hour=limits.whole_from_hour + turn, minute=0, second=0, microsecond=0, fold=0
    )
    if quiet > local:
        quiet -= timedelta(days=1)
    return made_ms < quiet.timestamp() * 1000


def _tomorrow(estate: Estate, now_ms: int) -> date:
    return local_date(now_ms, estate.building.zone) + timedelta(days=1)
