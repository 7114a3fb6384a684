"""Whatever happens to a water meter or its home for good is told once at most, not every day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from alerts.detect import Meters, detect
from alerts.detectors.found import Found
from alerts.detectors.limits import limits
from alerts.life.kinds import kind_rules
from estate.numbers.arrays import Floats
from estate.periods import HOUR_MS
from telemetry.readings import Samples
from tests.support.metered_days import UTC_ZONE, days_of_water, hourly, names
from tests.support.water_meters import START_MS

DAYS, METERS, AT = 130, 4, 70 * 24 + 5
"""What happens begins at an hour of day 70, when the usual is known well."""
Readings = tuple[Floats, Floats]
"""Hour and cubic metres of each reading, (meters, readings)."""


def ordinary() -> Readings:
    litres = hourly(days_of_water(DAYS, METERS, seed=12, spread=0.3))
    value = np.cumsum(np.pad(litres, ((0, 0), (1, 0))), axis=1) / 1000 + 40
    return np.tile(np.arange(value.shape[1], dtype=np.float64), (METERS, 1)), value


def scaled(times: float) -> Callable[[Readings], Readings]:
    def change(readings: Readings) -> Readings:
        hour, value = readings
        more = np.maximum(value - value[:, AT : AT + 1], 0) * (times - 1)
        return hour, value + more

    return change


def in_pulses(litres: float) -> Callable[[Readings], Readings]:
    def change(readings: Readings) -> Readings:
        hour, value = readings
        return hour, np.floor(value * 1000 / litres + 1e-9) * litres / 1000

    return change


def stands(readings: Readings) -> Readings:
    hour, value = readings
    return hour, np.minimum(value, value[:, AT : AT + 1])


def stands_for_a_while(days: int) -> Callable[[Readings], Readings]:
    def change(readings: Readings) -> Readings:
        hour, value = readings
        still = (hour >= AT) & (hour < AT + days * 24)
        return hour, np.where(still, value[:, AT : AT + 1], value)

    return change


def in_litres(readings: Readings) -> Readings:
    hour, value = readings
    return hour, np.where(hour >= AT, value * 1000, value)


def swapped(readings: Readings) -> Readings:
    hour, value = readings
    return hour, np.where(hour >= AT, value - value[:, AT : AT + 1], value)


def rolled_over(readings: Readings) -> Readings:
    hour, value = readings
    return hour, np.where(hour >= AT, value - value[:, AT : AT + 1], value + 99_999 - 60)


def once_a_day(readings: Readings) -> Readings:
    hour, value = readings
    return hour[:, 7::24], value[:, 7::24]


def silent_for(days: int) -> Callable[[Readings], Readings]:
    def change(readings: Readings) -> Readings:
        hour, value = readings
        kept = np.r_[0:AT, AT + days * 24 : hour.shape[1]]
        return hour[:, kept], value[:, kept]

    return change


def joins(readings: Readings) -> Readings:
    hour, value = readings
    return hour[:, AT:], value[:, AT:]


def clock_moved(hours: float) -> Callable[[Readings], Readings]:
    def change(readings: Readings) -> Readings:
        hour, value = readings
        return np.where(hour >= AT, hour + hours, hour), value

    return change


def two_zeros_a_day(readings: Readings) -> Readings:
    hour, value = readings
    return hour, np.where((hour >= AT) & (hour % 24 < 2), 0.0, value)


HAPPENS: dict[str, Callable[[Readings], Readings]] = {
    "a family of twice as many": scaled(2.0), "three times as many": scaled(3.0),
    "half as many": scaled(0.5), "stands": stands, "stands for two days": stands_for_a_while(2),
    "stands for ten days": stands_for_a_while(10), "litres for cubic metres": in_litres,
    "swapped": swapped, "rolled over": rolled_over, "pulses of 10 l": in_pulses(10),
    "pulses of 100 l": in_pulses(100), "pulses of 1 m³": in_pulses(1000),
    "one telegram a day": once_a_day, "silent for 3 days": silent_for(3),
    "silent for 40 days": silent_for(40), "joins later": joins, "clock 5 h ahead": clock_moved(5),
    "clock 3 h back": clock_moved(-3), "clock 20 days ahead": clock_moved(480),
    "two zeros a day": two_zeros_a_day,
}  # fmt: skip


def samples_of(readings: Readings) -> Samples:
    """Return readings as a store does: sorted, and the last one of an instant."""
    hour, value = readings
    meter = np.repeat(np.arange(METERS, dtype=np.int32), hour.shape[1])
    time_ms = START_MS + (hour.ravel() * HOUR_MS).astype(np.int64)
    order = np.lexsort((np.arange(len(meter)), time_ms, meter))
    meter, time_ms, values = meter[order], time_ms[order], value.ravel()[order]
    last = np.append((np.diff(time_ms) != 0) | (np.diff(meter) != 0), True)
    return Samples(
        meter[last], time_ms[last], values[last], np.zeros(int(last.sum()), dtype=np.uint8)
    )


@pytest.mark.slow
@pytest.mark.parametrize("what", HAPPENS)
def test_it_is_told_once_at_most(what: str) -> None:
    samples = samples_of(HAPPENS[what](ordinary()))
    found = detect([Meters("cold_water_m3", names(METERS), samples)], UTC_ZONE, limits())
    told = Counter(
        device
        for at, (device, each) in enumerate(found)
        if not any(device == other and explains(cause, each) for other, cause in found[:at])
    )
    assert max(told.values(), default=0) <= 1, [(device, each.kind) for device, each in found]


def explains(cause: Found, each: Found) -> bool:
    """Whether residents are told of the first one alone: a spike that stays is no slow rise."""
    of_meter = kind_rules()[cause.kind].inhibits.get(each.kind) == "meter"
    return of_meter and cause.start_ms < each.end_ms and each.start_ms < cause.end_ms
