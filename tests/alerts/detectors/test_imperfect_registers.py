"""What meters and radios do wrong is no alert: zeros, foreign readings, swaps, gaps, roll-over."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.detect import Meters, detect
from alerts.detectors.limits import limits
from alerts.model import AlertKind
from estate.numbers.arrays import Bools, Floats
from telemetry.readings import Samples
from tests.support.metered_days import (
    UTC_ZONE,
    days_of_heat,
    days_of_water,
    hourly,
    names,
    outdoor_days,
    outdoor_of,
    register_samples,
)

DAYS, METERS, SPOILT = 75, 2, 1
READINGS = DAYS * 24 + 1
Spoil = Callable[[Floats, Bools, int], None]
"""Changes the readings of a meter, or loses some of them, from one of them on."""


def one_zero(value: Floats, kept: Bools, at: int) -> None:
    value[at] = 0.0


def two_zeros(value: Floats, kept: Bools, at: int) -> None:
    value[at : at + 2] = 0.0


def zeros_now_and_then(value: Floats, kept: Bools, at: int) -> None:
    value[at::31] = 0.0


def two_meters_under_one_id(value: Floats, kept: Bools, at: int) -> None:
    number = np.arange(len(value))
    value[(number % 3 == 1) & (number >= at)] = 38.0
    value[(number % 3 == 2) & (number >= at)] = 0.0


def every_second_is_foreign(value: Floats, kept: Bools, at: int) -> None:
    value[at::2] = 38.0


def every_tenth_is_foreign(value: Floats, kept: Bools, at: int) -> None:
    value[at::10] = 38.0


def a_dip(value: Floats, kept: Bools, at: int) -> None:
    value[at : at + 3] -= 30.0


def a_jump_that_returns(value: Floats, kept: Bools, at: int) -> None:
    value[at : at + 2] += 5000.0


def swapped(value: Floats, kept: Bools, at: int) -> None:
    value[at:] -= value[at]


def swapped_for_a_used_one(value: Floats, kept: Bools, at: int) -> None:
    value[at:] += 7321.0 - value[at]


def rolled_over(value: Floats, kept: Bools, at: int) -> None:
    value[at:] += 1.0 - value[at]
    value[:at] += 99_999.0 - value[at - 1]


def a_gap_of_days(value: Floats, kept: Bools, at: int) -> None:
    kept[at : at + 9 * 24] = False


def half_is_lost(value: Floats, kept: Bools, at: int) -> None:
    kept[at:] &= np.random.default_rng(at).random(len(kept) - at) < 0.5


def stood_for_hours(value: Floats, kept: Bools, at: int) -> None:
    value[at : at + 7] = value[at]


def began_at_zero(value: Floats, kept: Bools, at: int) -> None:
    value -= value[0]


def installed_later(value: Floats, kept: Bools, at: int) -> None:
    kept[:at] = False
    value -= value[at]


def taken_out(value: Floats, kept: Bools, at: int) -> None:
    kept[at:] = False


def counts_in_whole_units(value: Floats, kept: Bools, at: int) -> None:
    value[:] = np.floor(value)


SPOILS: tuple[Spoil, ...] = (
    one_zero, two_zeros, zeros_now_and_then, two_meters_under_one_id, every_second_is_foreign,
    every_tenth_is_foreign, a_dip, a_jump_that_returns, swapped, swapped_for_a_used_one,
    rolled_over, a_gap_of_days, half_is_lost, stood_for_hours, began_at_zero, installed_later,
    taken_out, counts_in_whole_units,
)  # fmt: skip


def ordinary(quantity: str, meters: int = METERS) -> Samples:
    """Return meters that count from 900 on in the register's unit, with nothing amiss."""
    if quantity == "heat_kwh":
        days = days_of_heat(outdoor_days(DAYS), meters, seed=20, spread=0.06)
    elif quantity == "electricity_kwh":
        days = days_of_water(DAYS, meters, seed=21, spread=0.2) / 20
    else:
        days = days_of_water(DAYS, meters, seed=22, spread=0.2) / 1000
    samples = register_samples(hourly(days))
    return Samples(samples.device_index, samples.time_ms, samples.value + 900, samples.quality)


def raised(quantity: str, samples: Samples, meters: int = METERS) -> list[tuple[str, AlertKind]]:
    outdoor = outdoor_of(outdoor_days(DAYS)) if quantity == "heat_kwh" else None
    found = detect([Meters(quantity, names(meters), samples)], UTC_ZONE, limits(), outdoor)
    return [(name, each.kind) for name, each in found]


def spoilt(samples: Samples, meters: int, spoils: dict[int, tuple[Spoil, int]]) -> Samples:
    """Spoil some meters, each from a reading of its own on."""
    value = samples.value.copy().reshape(meters, READINGS)
    kept = np.ones((meters, READINGS), dtype=np.bool_)
    for meter, (spoil, at) in spoils.items():
        spoil(value[meter], kept[meter], at)
    samples = Samples(samples.device_index, samples.time_ms, value.ravel(), samples.quality)
    return samples.keep(kept.ravel())


READING = st.integers(24 * 10, READINGS - 24 * 20)


@pytest.mark.slow
@pytest.mark.parametrize("quantity", ["cold_water_m3", "electricity_kwh"])
@settings(max_examples=4, deadline=None)
@given(at=st.lists(READING, min_size=len(SPOILS), max_size=len(SPOILS)))
def test_an_imperfect_register_raises_nothing(quantity: str, at: list[int]) -> None:
    """Each of these meters is judged by itself, so that all of them are looked at in one go."""
    meters = len(SPOILS) + 1
    spoils = dict(enumerate(zip(SPOILS, at, strict=True)))
    told = raised(quantity, spoilt(ordinary(quantity, meters), meters, spoils), meters)
    assert [(SPOILS[names(meters).index(name)].__name__, kind) for name, kind in told] == []


@pytest.mark.slow
@pytest.mark.parametrize("spoil", SPOILS, ids=lambda each: each.__name__)
@settings(max_examples=2, deadline=None)
@given(at=READING)
def test_an_imperfect_register_of_heat_raises_nothing(spoil: Spoil, at: int) -> None:
    samples = spoilt(ordinary("heat_kwh"), METERS, {SPOILT: (spoil, at)})
    assert raised("heat_kwh", samples) == []


@pytest.mark.slow
@pytest.mark.parametrize("quantity", ["heat_kwh", "cold_water_m3", "electricity_kwh"])
def test_ordinary_meters_raise_nothing(quantity: str) -> None:
    assert raised(quantity, ordinary(quantity)) == []


@pytest.mark.slow
@pytest.mark.parametrize("quantity", ["heat_kwh", "cold_water_m3", "electricity_kwh"])
def test_a_register_that_never_counted_raises_nothing(quantity: str) -> None:
    samples = ordinary(quantity)
    value = samples.value.copy().reshape(METERS, READINGS)
    value[SPOILT] = 0.0
    samples = Samples(samples.device_index, samples.time_ms, value.ravel(), samples.quality)
    assert raised(quantity, samples) == []
