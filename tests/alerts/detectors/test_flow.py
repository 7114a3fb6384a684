"""Leaks and bursts in ordinary days of which everything is known."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.model import AlertKind
from estate.numbers.arrays import Floats
from telemetry.readings import Samples
from tests.support.water_meters import (
    found_in,
    hour_of,
    ordinary_hours,
    water_samples,
)

DAYS = 40
BEGIN = 30 * 24
"""Hour at which something begins: midnight of the 31st day."""


def with_flow(litres: float, hours: int, begin: int = BEGIN) -> Floats:
    use = ordinary_hours(DAYS)
    use[begin : begin + hours] += litres
    return use[None]


def thinned(samples: Samples, part: float, seed: int = 1) -> Samples:
    """Lose a part of the telegrams."""
    return samples.keep(np.random.default_rng(seed).random(len(samples)) >= part)


def test_ordinary_days_raise_nothing() -> None:
    assert found_in(water_samples(ordinary_hours(DAYS)[None])) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("litres", "level", "hours"), [(5, 4, 44), (10, 8, 32), (20, 16, 28), (50, 40, 20)]
)
def test_the_more_flows_the_sooner_it_is_a_leak(litres: float, level: float, hours: float) -> None:
    (leak,) = found_in(water_samples(with_flow(litres, 6 * 24)))
    assert (leak.kind, hour_of(leak.start_ms)) == (AlertKind.LEAK, BEGIN)
    assert leak.evidence["limit_l_per_h"] == level
    # By hand: a pulse of one litre lengthens it by 0.06 of the square of the hours that it takes.
    assert hour_of(leak.raised_ms) == np.ceil(BEGIN + hours * (1 + 0.06 / level**2))
    assert leak.evidence["flow_l_per_h"] == pytest.approx(litres, rel=0.6)
    assert hour_of(leak.end_ms) == pytest.approx(BEGIN + 6 * 24, abs=8)


def test_a_flow_with_one_hour_of_rest_is_no_leak() -> None:
    use = with_flow(10, 6 * 24)
    use[0, BEGIN + 3 :: 24] = 0
    kinds = {each.kind for each in found_in(water_samples(use))}
    assert AlertKind.LEAK not in kinds
    # Told is what it is: use in nights that had none.
    assert kinds == {AlertKind.NIGHT_USE}


def test_half_of_the_telegrams_end_no_leak() -> None:
    samples = water_samples(np.repeat(with_flow(10, 6 * 24), 50, axis=0))
    found = found_in(thinned(samples, 0.5), 50)
    assert {each.kind for each in found} == {AlertKind.LEAK}
    late = [hour_of(each.raised_ms) - BEGIN for each in found]
    assert len(found) == 50
    assert np.quantile(late, 0.95) <= 48


def without_hours(samples: Samples, first: int, last: int) -> Samples:
    """Lose the telegrams of the hours after one hour and before another, from the beginning on."""
    hours = np.array([hour_of(each) - BEGIN for each in samples.time_ms.tolist()])
    return samples.keep((hours <= first) | (hours >= last))


@pytest.mark.parametrize(("bath_l", "hours_without_rest"), [(0, 27 + 8), (150, 33 + 8)])
def test_calm_gap_too_long_for_an_interval_counts_as_the_longest_one(
    bath_l: float, hours_without_rest: float
) -> None:
    """By hand: 32 hours and a little are wanted; a calm gap of 8 hours is 6 of them, else none."""
    use = with_flow(10, 6 * 24)
    use[0, BEGIN + 25] += bath_l
    (leak,) = found_in(without_hours(water_samples(use), 22, 30))
    assert hour_of(leak.raised_ms) == BEGIN + hours_without_rest


def test_gaps_alone_are_no_leak() -> None:
    """Seven hours between all telegrams hide any night."""
    samples = water_samples(with_flow(10, 6 * 24))
    hours = np.array([hour_of(each) for each in samples.time_ms.tolist()])
    assert found_in(samples.keep(hours % 7 == 0)) == []


def test_pulses_of_ten_litres_hide_no_leak() -> None:
    (leak,) = found_in(water_samples(with_flow(12, 6 * 24), pulse_l=10))
    assert hour_of(leak.raised_ms) <= BEGIN + 41


def test_a_leak_that_returns_within_two_weeks_is_the_same() -> None:
    use = with_flow(20, 2 * 24) + with_flow(20, 2 * 24, BEGIN + 6 * 24) - ordinary_hours(DAYS)
    (leak,) = found_in(water_samples(use))
    assert hour_of(leak.raised_ms) < BEGIN + 2 * 24
    assert hour_of(leak.end_ms) > BEGIN + 7 * 24


@pytest.mark.slow
def test_a_home_that_often_goes_without_rest_needs_longer() -> None:
    use = ordinary_hours(DAYS)
    unused = use.copy()
    for run in (use, unused):
        run[BEGIN : BEGIN + 29] += 20
    assert [each.kind for each in found_in(water_samples(unused[None]))] == [AlertKind.LEAK]
    # Too short to be a leak themselves, and 29 hours are not a fifth longer.
    for week in range(4):
        use[week * 168 : week * 168 + 27] += 20
    assert found_in(water_samples(use[None])) == []


def test_a_burst_is_told_at_the_next_reading() -> None:
    (burst,) = found_in(water_samples(with_flow(600, 3)))
    assert (burst.kind, hour_of(burst.raised_ms)) == (AlertKind.BURST, BEGIN + 1)
    assert hour_of(burst.end_ms) == BEGIN + 3
    assert burst.evidence["flow_l_per_h"] == 600


def test_a_meter_that_sticks_and_jumps_is_no_burst() -> None:
    use = ordinary_hours(DAYS)
    stuck = slice(BEGIN, BEGIN + 4 * 24)
    jump = use[stuck].sum()
    use[stuck] = 0
    use[BEGIN + 4 * 24] += jump
    assert jump > 400
    assert found_in(water_samples(use[None])) == []


def test_a_day_without_telegrams_is_no_burst() -> None:
    samples = water_samples(ordinary_hours(DAYS)[None])
    hour = np.arange(len(samples))
    assert found_in(samples.keep((hour < BEGIN) | (hour >= BEGIN + 36))) == []


@pytest.mark.slow
def test_meters_side_by_side_are_judged_each_by_itself() -> None:
    use = np.concatenate([with_flow(10, 144), ordinary_hours(DAYS)[None], with_flow(600, 3)])
    together = {(each.row, each.kind, each.raised_ms) for each in found_in(water_samples(use), 3)}
    alone = {
        (row, each.kind, each.raised_ms)
        for row in range(3)
        for each in found_in(water_samples(use[row : row + 1]))
    }
    assert together == alone
