"""What the registers of some meters show, from their readings alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.detectors.flow import flow_alerts
from alerts.detectors.intervals import Intervals, intervals_of, registers_of
from telemetry.series.registers.register_breaks import register_limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from alerts.detectors.found import Found
    from alerts.detectors.limits import Limits
    from telemetry.readings import Samples

WATER = ("cold_water_m3", "hot_water_m3")
LITRES_PER_M3 = 1000.0


@dataclass(frozen=True)
class Meters:
    """
    Meters of one kind, with all of their readings.

    Attributes
    ----------
    quantity : str
        The register.
    devices : sequence of str
    samples : Samples
        Sorted by device and time.
    """

    quantity: str
    devices: Sequence[str]
    samples: Samples


def detect(meters: Iterable[Meters], limits: Limits) -> list[tuple[str, Found]]:
    """
    Find what is wrong with what meters count; nothing that was raised changes with later readings.

    Returns
    -------
    list of (str, Found)
        Device and what was found, by time of raising.
    """
    found = [(each.devices[one.row], one) for each in meters for one in _of_kind(each, limits)]
    return sorted(found, key=lambda pair: (pair[1].raised_ms, pair[0], pair[1].kind))


def _of_kind(meters: Meters, limits: Limits) -> list[Found]:
    most = register_limits().most_per_hour[meters.quantity]
    registers = registers_of(meters.samples, len(meters.devices), most, limits)
    found: list[Found] = []
    if meters.quantity in WATER:
        hours = intervals_of(registers, limits.interval_least_hours)
        litres = np.where(np.isfinite(hours.use), hours.use * LITRES_PER_M3, np.nan)
        found += flow_alerts(Intervals(hours.start_ms, hours.end_ms, litres), limits)
    return found
