"""When each meter, and the boxes of each home, last sent something."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from alerts.life.kinds import kind_rules
from estate.devices import REGISTER_OF
from estate.periods import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Collection

    from estate.model import Estate
    from estate.periods import Hours
    from telemetry.stores.store import SampleSource

HOME = ""
"""The device of an alert that a home's boxes raise together."""
BOX_QUANTITY = "humidity_pct"


def last_readings(
    estate: Estate, source: SampleSource, hours: Hours, wanted: Collection[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """
    Return the time of the last reading in some hours, by flat and device. [ms since 1970, UTC]

    Only the last days are read: as many as the slowest kind takes to end.

    Parameters
    ----------
    estate : Estate
    source : SampleSource
    hours : Hours
    wanted : collection of (str, str)
        Flats and devices; `HOME` for the boxes of a flat.
    """
    longest_ms = max(each.clear_ms for each in kind_rules().values()) + DAY_MS
    start_ms = max(hours.start_ms, hours.end_ms - longest_ms)
    by_quantity: dict[str, dict[str, str]] = defaultdict(dict)
    for each in estate.devices:
        quantity = (
            BOX_QUANTITY if each.kind in ("climate", "outdoor") else REGISTER_OF.get(each.kind)
        )
        if quantity is None:
            continue
        flat = each.flat or ""
        homes = quantity == BOX_QUANTITY and bool(flat) and (flat, HOME) in wanted
        if homes or (flat, each.device) in wanted:
            by_quantity[quantity][each.device] = flat
    found: dict[tuple[str, str], int] = {}
    for quantity, flats in by_quantity.items():
        names = sorted(flats)
        samples = source.samples(estate.building.id, names, quantity, start_ms, hours.end_ms)
        for row in np.unique(samples.device_index).tolist():
            last_ms = int(samples.time_ms[samples.device_index == row][-1])
            found[flats[names[row]], names[row]] = last_ms
            if quantity == BOX_QUANTITY:
                home = (flats[names[row]], HOME)
                found[home] = max(last_ms, found.get(home, last_ms))
    return found
