"""Judges the air of a building's homes over some days, in classes and hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.air.air import (
    co2_class,
    dry_spells,
    humidity_class,
    overheating,
    temperature_class,
    worst,
)
from alerts.air.limits import air_classes, air_limits
from estate.periods import local_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from estate.model import Estate
    from estate.numbers.arrays import Bools
    from telemetry.series.home_climate import HomeClimate

WORSE = "worse"
"""What fulfils no class."""
ALL = "all"


@dataclass(frozen=True)
class HomeAir:
    """
    The air of one home.

    Attributes
    ----------
    hours_by_class : mapping of str to mapping of str to int
        By quantity, and ``all`` by the worst of them: hours in each class, and ``worse``.
    unknown_hours : int
        In no class, for lack of any trusted reading.
    overheated_hours, very_hot_hours : int
    too_warm : bool
        Whether there are more of them than a year should have.
    dry_hours : int
        Of dry spells.
    damp_for_mites_hours, stale_hours, cool_hours : int
        In the heating season above the limit for mites; above and below the limits for air and
        warmth.
    """

    flat: str
    hours_by_class: Mapping[str, Mapping[str, int]]
    unknown_hours: int
    overheated_hours: int
    very_hot_hours: int
    too_warm: bool
    dry_hours: int
    damp_for_mites_hours: int
    stale_hours: int
    cool_hours: int


def air_of_homes(estate: Estate, climate: HomeClimate) -> list[HomeAir]:
    """
    Judge the air of every home of a building, in the order of its flats.

    Parameters
    ----------
    estate : Estate
    climate : HomeClimate
        Of whole local days. Suspect hours are left out of it.
    """
    first = local_date(climate.hours.start_ms, estate.building.zone)
    of, limits = air_classes(first), air_limits(first)
    heating = _heating(estate, climate)
    temperature_c, humidity_pct, co2_ppm = (
        climate.values[name] for name in ("temperature_c", "humidity_pct", "co2_ppm")
    )
    classes = {
        "temperature_c": temperature_class(temperature_c, heating, of),
        "humidity_pct": humidity_class(humidity_pct, of),
        "co2_ppm": co2_class(co2_ppm, of, limits.outdoor_ppm),
    }
    classes[ALL] = worst(classes)
    warmth = overheating(temperature_c, limits)
    dry = np.zeros(len(estate.flats), dtype=np.int64)
    for row, start, end in dry_spells(humidity_pct, limits):
        dry[row] += end - start
    names = [*of.classes, WORSE]
    return [
        HomeAir(
            flat=flat.flat,
            hours_by_class={
                quantity: {
                    name: int(np.count_nonzero(codes[row] == position))
                    for position, name in enumerate(names)
                }
                for quantity, codes in classes.items()
            },
            unknown_hours=int(np.count_nonzero(classes[ALL][row] < 0)),
            overheated_hours=int(warmth.overheated_hours[row]),
            very_hot_hours=int(warmth.very_hot_hours[row]),
            too_warm=bool(warmth.too_warm[row]),
            dry_hours=int(dry[row]),
            damp_for_mites_hours=_count(heating & (humidity_pct[row] > limits.mites_pct)),
            stale_hours=_count(co2_ppm[row] > limits.stale_ppm),
            cool_hours=_count(heating & (temperature_c[row] < limits.cool_c)),
        )
        for row, flat in enumerate(estate.flats)
    ]


def _count(holds: Bools) -> int:
    return int(np.count_nonzero(holds))


def _heating(estate: Estate, climate: HomeClimate) -> Bools:
    """Return the hours of the heating season."""
    limits, zone = air_limits(), estate.building.zone
    days = [
        limits.heating(local_date(start_ms, zone).month)
        for start_ms in climate.hours.day_starts_ms[:-1]
    ]
    return np.array(days, dtype=np.bool_)[climate.hours.day_index]
