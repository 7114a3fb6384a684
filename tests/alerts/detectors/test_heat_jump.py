"""The scatter of a home's days around its line, and how likely a jump of its heat is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student

from alerts.detectors.heat_jumps.jump import PARTS, Day, Jumps
from alerts.detectors.heat_jumps.scatter import OwnScatter, Scatter
from alerts.detectors.limits import limits
from alerts.model import AlertKind
from tests.support.metered_days import (
    day_of,
    days_of_heat,
    found_of,
    hourly,
    outdoor_days,
    outdoor_of,
)

EXPECTED_KWH = 40.0
NO_WEATHER_KWH_PER_K = 3.0
MEASURED_KWH_PER_K = 0.6
BEGIN = 330


def scattered_days(days: int, stays: float, news_kwh: float, seed: int) -> np.ndarray:
    """Draw days of which a part stays to the next one."""
    rng, off = np.random.default_rng(seed), [0.0]
    for _ in range(days):
        off.append(stays * off[-1] + news_kwh * rng.standard_normal())
    return np.array(off[1:])


def scatter_of(days: np.ndarray, pooled: float = 15.0) -> Scatter:
    """Return the scatter that some days of some meters tell, (meters, days)."""
    own = OwnScatter(len(days), replace(limits(), heat_spread_days=pooled))
    for day in days.T:
        own.add(day, np.isfinite(day))
    nobody = np.full(len(days), np.nan)
    return own.today(np.full(len(days), EXPECTED_KWH), nobody)


@pytest.mark.parametrize(("stays", "news_kwh"), [(0.0, 6.0), (0.5, 4.0), (0.7, 8.0)])
def test_the_scatter_of_drawn_days_is_found_again(stays: float, news_kwh: float) -> None:
    drawn = np.stack([scattered_days(56, stays, news_kwh, seed) for seed in range(200)])
    told = scatter_of(drawn, pooled=1e-6)
    # A home's eight weeks tell little; the middle of many homes is close.
    assert np.median(told.stays) == pytest.approx(stays, abs=0.1)
    assert np.median(told.news_kwh) == pytest.approx(news_kwh, rel=0.1)
    assert np.median(told.day_kwh) == pytest.approx(news_kwh / np.sqrt(1 - stays**2), rel=0.12)


def test_one_odd_day_hardly_moves_the_scatter() -> None:
    days = scattered_days(56, 0.5, 4.0, seed=1)
    odd = days.copy()
    odd[20] += 200
    plain, told = scatter_of(np.stack([days])), scatter_of(np.stack([odd]))
    assert told.news_kwh == pytest.approx(plain.news_kwh, rel=0.1)
    assert told.stays == pytest.approx(plain.stays, abs=0.15)


def test_no_pair_of_days_spans_a_gap() -> None:
    """A home that was away for a month has the same scatter as if it had been for a day."""
    days = scattered_days(40, 0.5, 4.0, seed=2)
    gap = np.full(1, np.nan)
    short = scatter_of(np.concatenate([days[:20], gap, days[20:]])[None])
    long = scatter_of(np.concatenate([days[:20], np.repeat(gap, 30), days[20:]])[None])
    np.testing.assert_array_equal(short, long)


def test_nothing_known_is_not_judged() -> None:
    assert np.isnan(scatter_of(np.full((1, 30), np.nan)).news_kwh).all()


def beliefs(
    off_kwh: np.ndarray, scatter: Scatter, kwh_per_k: float = NO_WEATHER_KWH_PER_K
) -> np.ndarray:
    """Return the belief in a jump after each day of which the same is expected, (meters, days)."""
    jumps, meters = Jumps(len(off_kwh), limits()), np.ones(len(off_kwh))
    days = (Day(off, EXPECTED_KWH * meters, kwh_per_k * meters) for off in off_kwh.T)
    return np.stack([jumps.step(day, scatter, np.isfinite(day.off_kwh)) for day in days], axis=1)


def plain_beliefs(off_kwh: np.ndarray, stays: float, news_kwh: float) -> list[float]:
    """Follow one meter's states by a plain loop, with the density of SciPy."""
    have = limits()
    jumps, spells = have.heat_jumps_a_year / 365, have.cold_a_year / 365
    levels: dict[str, float] = {"usual": 0.0}
    moves = {("usual", "usual"): 1 - jumps - spells}
    for times in have.heat_jump_times:
        name = f"jump {times}"
        levels[name] = (times - 1) * EXPECTED_KWH
        moves[name, name], moves[name, "usual"] = (
            1 - 1 / have.heat_jump_days,
            1 / have.heat_jump_days,
        )
        for part in PARTS:
            first = f"{name}, {part} of a day"
            levels[first] = part * levels[name]
            moves["usual", first] = jumps / len(have.heat_jump_times) / len(PARTS)
            moves[first, name] = 1.0
    for kelvin in have.cold_k:
        name = f"cold {kelvin}"
        levels[name] = kelvin * NO_WEATHER_KWH_PER_K
        moves["usual", name] = spells / len(have.cold_k)
        moves[name, name], moves[name, "usual"] = 1 - 1 / have.cold_days, 1 / have.cold_days
    largest = f"jump {max(have.heat_jump_times)}"
    belief, before, told = {"usual": 1.0}, None, []
    for off in off_kwh:
        after = dict.fromkeys(levels, 0.0)
        for (source, target), likely in moves.items():
            if before is None:
                new, spread = off - levels[target], news_kwh / np.sqrt(1 - stays**2)
            else:
                new = off - levels[target] - stays * (before - levels[source])
                spread = news_kwh
            new = min(new, 0.0) if target == largest else new
            after[target] += belief.get(source, 0.0) * likely * student.pdf(new / spread, 6)
        whole = sum(after.values())
        belief, before = {name: value / whole for name, value in after.items()}, off
        told.append(sum(value for name, value in belief.items() if name.startswith("jump")))
    return told


def test_the_belief_is_that_of_a_plain_loop() -> None:
    assert limits().heat_tail == 6
    off_kwh = scattered_days(20, 0.5, 4.0, seed=3)
    off_kwh[10:14] += EXPECTED_KWH
    scatter = Scatter(*(np.array([each]) for each in (4.6, 0.5, 4.0)))
    told = beliefs(off_kwh[None], scatter)[0]
    np.testing.assert_allclose(told, plain_beliefs(off_kwh, 0.5, 4.0), rtol=1e-9)
    assert told[9] < 0.1
    assert told[13] > 0.8


def test_many_meters_are_each_as_if_alone() -> None:
    off_kwh = np.stack([scattered_days(15, 0.5, 5.0, seed) for seed in range(4)])
    off_kwh[1, 8:] += EXPECTED_KWH
    off_kwh[2, 5] = np.nan
    scatter = Scatter(*(np.array(each) for each in ([5.0, 4, 6, 8], [0.5, 0, 0.3, 0.8], [4.0] * 4)))
    together = beliefs(off_kwh, scatter)
    for row in range(4):
        own = Scatter(*(each[row : row + 1] for each in scatter))
        np.testing.assert_allclose(
            together[row], beliefs(off_kwh[row : row + 1], own)[0], rtol=1e-12
        )


@pytest.mark.parametrize("times", [1.5, 2.0, 3.0, 6.0])
def test_a_larger_jump_is_one_too(times: float) -> None:
    off_kwh = np.zeros((1, 14))
    off_kwh[0, 10:] = (times - 1) * EXPECTED_KWH
    scatter = Scatter(*(np.array([each]) for each in (3.5, 0.3, 3.0)))
    assert beliefs(off_kwh, scatter, MEASURED_KWH_PER_K)[0, -1] > 0.8


def test_a_home_that_its_line_fits_well_is_believed_sooner() -> None:
    off_kwh = np.zeros((2, 12))
    off_kwh[:, 10:] = 0.8 * EXPECTED_KWH
    well_and_badly = Scatter(np.array([3.0, 14.0]), np.array([0.4, 0.4]), np.array([2.5, 13.0]))
    well, badly = beliefs(off_kwh, well_and_badly)[:, -1]
    assert well > 0.8 > 0.3 > badly


def test_a_cold_spell_is_no_jump_where_the_weather_is_not_known() -> None:
    """It comes within a day or two, and takes five kelvin's heat more."""
    off_kwh = np.zeros((1, 16))
    off_kwh[0, 10:] = 5 * NO_WEATHER_KWH_PER_K
    scatter = Scatter(*(np.array([each]) for each in (4.0, 0.5, 3.5)))
    assert beliefs(off_kwh, scatter).max() < 0.3


def test_a_house_that_stands_alone_waits_for_nobody() -> None:
    """Hourly readings tell its day at midnight."""
    outdoor_c = outdoor_days(365)
    heat = days_of_heat(outdoor_c, 1, seed=5)
    heat[0, BEGIN : BEGIN + 7] *= 2
    told = [
        day_of(each.raised_ms) - BEGIN
        for each in found_of("heat_kwh", hourly(heat), outdoor_of(outdoor_c))
        if each.kind == AlertKind.SPIKE
    ]
    assert len(told) == 1
    assert told[0] in (1.0, 2.0)
