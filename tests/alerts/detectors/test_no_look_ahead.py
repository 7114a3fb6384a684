"""What was raised stays as it was, wherever the readings end and whichever meters come and go."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from alerts.detect import Meters, detect
from alerts.detectors.limits import limits
from estate.numbers.arrays import Floats
from estate.periods import HOUR_MS
from telemetry.readings import Samples
from tests.support.metered_days import (
    days_of_heat,
    days_of_water,
    hourly,
    names,
    outdoor_days,
    outdoor_of,
    register_samples,
)
from tests.support.water_meters import START_MS

DAYS = 365
METERS = 7
PARTS = 4
ZONE = ZoneInfo("Europe/Copenhagen")


def unruly_heat() -> Samples:
    """A year of meters that join, leave, are swapped and lose telegrams."""
    heat = days_of_heat(outdoor_days(DAYS), METERS, seed=1)
    heat[0, 300:306] *= 2
    heat[3, 80:86] *= 2.5
    heat[5, 345:350] = 0
    return unruly(hourly(heat))


def unruly_water() -> Samples:
    days = days_of_water(DAYS, METERS, seed=2)
    days[1, 200:207] *= 4
    hours = hourly(days) / 1000
    hours[2, 24 * 100 : 24 * 104] += 0.012
    hours[4, 24 * 150 : 24 * 150 + 5] += 0.6
    hours[6, 24 * 220 : 24 * 223] += 0.02
    return unruly(hours)


def unruly(hours: Floats) -> Samples:
    """Lose telegrams, let meters join and leave, swap one, send zeros."""
    rng = np.random.default_rng(3)
    hour = np.arange(hours.shape[1] + 1)
    keep = rng.random((METERS, len(hour))) < np.array([1, 1, 0.9, 1, 0.5, 1, 0.95])[:, None]
    keep[3] &= hour >= 24 * 20
    keep[4] &= hour >= 24 * 90
    keep[0] &= (hour < 24 * 150) | (hour > 24 * 175)
    keep[2] &= hour < 24 * 310
    keep[:, 0] = True
    samples = register_samples(hours, keep)
    value = samples.value.copy()
    swapped = (samples.device_index == 1) & (samples.time_ms >= START_MS + 260 * 24 * HOUR_MS)
    value[swapped] -= value[swapped][0]
    value[rng.random(len(value)) < 0.002] = 0.0
    return Samples(samples.device_index, samples.time_ms, value, samples.quality)


def of_both_waters() -> dict[str, Samples]:
    """Two meters in each home, whose days go together but for a part."""
    hot = days_of_water(DAYS, METERS, seed=4)
    both = {"cold_water_m3": unruly_water()}
    hot[0, 120:127] *= 4
    hot[5, 60:90] = 0
    return both | {"hot_water_m3": unruly(hourly(hot) / 1000)}


def unruly_electricity() -> Samples:
    days = days_of_water(DAYS, METERS, seed=6, spread=0.2) / 15
    days[2, 180:187] *= 3
    days[5, 250:256] = 0
    days[6, 100:160] += np.linspace(0, 15, 60)
    days[6, 160:] += 15
    hours = hourly(days)
    for day in range(200, 220):
        hours[1, day * 24 + 1 : day * 24 + 5] += 0.6
    return unruly(hours)


CASES: dict[str, Callable[[], dict[str, Samples]]] = {
    "heat": lambda: {"heat_kwh": unruly_heat()},
    "water": of_both_waters,
    "electricity": lambda: {"electricity_kwh": unruly_electricity()},
}


Raised = dict[tuple[str, str, str, int], tuple[object, ...]]


def raised(of_kind: dict[str, Samples]) -> Raised:
    outdoor = outdoor_of(outdoor_days(DAYS)) if "heat_kwh" in of_kind else None
    homes = names(METERS)
    meters = [
        Meters(quantity, [f"{quantity} {home}" for home in homes], samples, homes)
        for quantity, samples in of_kind.items()
    ]
    return {
        (device.split()[0], device.split()[1], str(each.kind), each.raised_ms): (
            each.start_ms,
            tuple(each.evidence.items()),
        )
        for device, each in detect(meters, ZONE, limits(), outdoor)
    }


@cache
def whole_year(name: str, every_hours: int) -> tuple[dict[str, Samples], Raised]:
    of_kind = {
        what: each.keep((each.time_ms - START_MS) % (every_hours * HOUR_MS) == 0)
        for what, each in CASES[name]().items()
    }
    return of_kind, raised(of_kind)


def assert_cuts_change_nothing(name: str, days: Iterable[int], every_hours: int = 1) -> None:
    of_kind, whole = whole_year(name, every_hours)
    assert len(whole) >= 3
    for day in days:
        end_ms = START_MS + day * 24 * HOUR_MS
        part = {what: each.keep(each.time_ms <= end_ms) for what, each in of_kind.items()}
        assert raised(part) == {key: whole[key] for key in whole if key[3] <= end_ms}, day


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_cut_in_each_fortnight_changes_nothing_raised_before(name: str) -> None:
    assert_cuts_change_nothing(name, range(14, DAYS + 1, 14), every_hours=4)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", CASES)
def test_a_cut_at_any_day_changes_nothing_raised_before(name: str, part: int) -> None:
    """Each forty-first day; every day with ``make cuts``, the parts at the same time."""
    every_days = int(os.environ.get("CUT_EVERY_DAYS", "41"))
    days = range(every_days, DAYS + 1, every_days)
    assert_cuts_change_nothing(name, days[part::PARTS])


@pytest.mark.slow
def test_a_meter_that_is_installed_later_changes_nothing_before() -> None:
    samples = unruly_heat()
    later_ms = START_MS + 20 * 24 * HOUR_MS
    late = (samples.device_index != 3) | (samples.time_ms >= later_ms + 200 * 24 * HOUR_MS)
    whole, other = (raised({"heat_kwh": each}) for each in (samples, samples.keep(late)))
    before = {key for key in whole | other if key[3] <= later_ms and key[1] != "meter-003"}
    assert {key for key in other if key in before} == {key for key in whole if key in before}
