"""The belief that a home's use has jumped, against a sum over all that may have happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from math import prod
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import multivariate_normal, norm

from alerts.detectors.limits import limits
from alerts.detectors.medians import middle_of_known
from alerts.detectors.use.belief import Belief, Home
from alerts.detectors.use.usual_day import UsualDay, at_weekend, usual_day
from estate.periods import day_start_ms

SPREAD = 0.35
VALUES = limits()
GUESTS = list(VALUES.belief_guests_times)
USUAL, FIRST, LATER = 0, len(GUESTS) + 1, len(GUESTS) + 2


def moves(before: int, after: int) -> float:
    """Return how likely a state follows on another, as docs/alerts.md tells it."""
    visit, jump = VALUES.belief_guests_a_year / 365, VALUES.belief_jumps_a_year / 365
    if before == USUAL:
        chances = {USUAL: 1 - visit - jump, FIRST: jump}
        return chances.get(after, visit / len(GUESTS) if after < FIRST else 0.0)
    if before == FIRST:
        return float(after == LATER)
    days = VALUES.belief_jump_days if before == LATER else VALUES.belief_guests_days
    return {before: 1 - 1 / days, USUAL: 1 / days}.get(after, 0.0)


def likelihood(state: int, off: float) -> float:
    times = VALUES.belief_jump_times
    if state == FIRST:
        parts = np.linspace(0, 1, 9)
        return float(norm.pdf(off, np.log(1 + (times - 1) * parts), SPREAD).mean())
    if state == LATER:
        return float(norm.pdf(min(off, np.log(times)), np.log(times), SPREAD))
    spread = np.hypot(SPREAD, VALUES.belief_guests_apart) if state else SPREAD
    return float(norm.pdf(off, np.log([1, *GUESTS][state]), spread))


def by_all_paths(offs: list[float]) -> float:
    """Return the belief after some days: the part of all paths of states that end in a jump."""
    jumped = everything = 0.0
    for path in product(range(LATER + 1), repeat=len(offs)):
        weight = prod(moves(*pair) for pair in pairwise((USUAL, *path)))
        weight *= prod(likelihood(*day) for day in zip(path, offs, strict=True))
        everything += weight
        jumped += weight * (path[-1] >= FIRST)
    return jumped / everything


ALONE = Home(np.ones(1), np.ones((1, 1)))
WATER = Home.of_water(VALUES)


def usual_of(meters: int, registers: int = 1, together: float = 0.0) -> UsualDay:
    """Return days around zero that differ alike."""
    one = np.eye(registers)
    correlation = np.broadcast_to(one + together * (1 - one), (meters, registers, registers))
    return UsualDay(
        np.zeros((meters, registers)), np.full((meters, registers), SPREAD), correlation
    )


def believed(offs: list[float], belief: Belief | None = None) -> list[float]:
    belief = belief or Belief(1, VALUES, ALONE)
    return [float(belief.step(np.array([[off]]), usual_of(1))[0]) for off in offs]


@pytest.mark.slow
@pytest.mark.parametrize(
    "offs", [[1.1], [1.1, 1.3], [0.6, 0.7, 0.8], [1.2, 0.1, 1.2], [0.4, 1.1, 1.3, 1.0]]
)
def test_it_is_the_part_of_all_that_may_have_happened(offs: list[float]) -> None:
    assert believed(offs)[-1] == pytest.approx(by_all_paths(offs), rel=1e-3)


def test_days_of_three_times_are_believed_and_those_with_guests_are_not() -> None:
    assert believed([np.log(3.3)] * 3)[-1] > 0.8
    assert believed([np.log(2.0)] * 3)[-1] < 0.1
    assert believed([-0.1, 0.2, 0.0])[-1] < 0.01


def test_a_day_that_says_nothing_neither_raises_nor_ends_it() -> None:
    belief = Belief(1, VALUES, ALONE)
    before = believed([1.2, 1.2], belief=belief)[-1]
    (after,) = believed([float("nan")], belief=belief)
    assert before * 0.8 < after < before
    belief.forget(np.array([True]))
    assert believed([0.3], belief=belief) == believed([0.3])


def test_many_meters_are_each_by_themselves() -> None:
    offs = np.random.default_rng(1).normal(0.5, 0.5, (6, 10))
    belief = Belief(len(offs), VALUES, ALONE)
    together = np.stack([belief.step(day[:, None], usual_of(len(offs))) for day in offs.T])
    for row, own in enumerate(offs):
        assert together[:, row] == pytest.approx(believed(own.tolist()))


def likelihood_in_home(state: int, off: np.ndarray, covariance: np.ndarray) -> float:
    """Return the same of hot water, cold water and electricity, where state 7 and 9 are of both."""
    electricity, times = VALUES.belief_guests_electricity_part, VALUES.belief_jump_times

    def around(shift: np.ndarray, apart: float = 0.0) -> float:
        whole = covariance + apart**2 * np.eye(3)
        return float(multivariate_normal.pdf(off, shift, whole))

    if state < FIRST:
        level = [1, *GUESTS][state]
        people = np.log([level, level, 1 + (level - 1) * electricity])
        return around(people, VALUES.belief_guests_apart if state else 0.0)
    along = np.array([1.0, (state - FIRST) % 2, 0.0])
    if state < FIRST + 2:
        parts = np.linspace(0, 1, 9)
        return float(np.mean([around(np.log(1 + (times - 1) * part) * along) for part in parts]))
    sizes = np.linspace(np.log(times), 4.0, 4001)
    return max(around(size * along) for size in sizes)


def moves_in_home(before: int, after: int) -> float:
    """Return the same where two kinds of jump share their chance."""
    first, second = {FIRST, FIRST + 2}, {FIRST + 1, FIRST + 3}
    if before >= FIRST and after >= FIRST and (before in first) != (after in first):
        return 0.0
    share = 0.5 if before < FIRST <= after else 1.0
    as_alone = {FIRST: FIRST, FIRST + 1: FIRST, FIRST + 2: LATER, FIRST + 3: LATER}
    assert {before, after} <= {*range(FIRST), *first, *second}
    return share * moves(as_alone.get(before, before), as_alone.get(after, after))


@pytest.mark.parametrize(
    "offs",
    [
        [[1.2, 0.1, 0.0]],
        [[1.2, 1.3, 0.1]],
        [[0.7, 0.6, 0.4]],
        [[0.0, 0.1, 0.0]],
        [[1.3, 0.2, 0.1], [2.0, 0.4, 0.1]],
        [[0.9, 0.8, 0.1], [0.8, 0.9, 0.2], [1.4, 1.0, 0.1]],
    ],
)
def test_days_of_a_home_are_told_by_all_of_its_meters(offs: list[list[float]]) -> None:
    correlation = 0.6
    belief = Belief(1, VALUES, WATER)
    expected = usual_of(1, 3, correlation)
    found = [float(belief.step(np.array([off]), expected)[0]) for off in offs][-1]
    covariance = SPREAD**2 * (correlation + (1 - correlation) * np.eye(3))
    states = range(FIRST + 4)
    likely = [
        [likelihood_in_home(state, np.array(off), covariance) for state in states] for off in offs
    ]
    paths = dict.fromkeys(states, 0.0)
    for path in product(states, repeat=len(offs)):
        weight = prod(moves_in_home(*pair) for pair in pairwise((USUAL, *path)))
        paths[path[-1]] += weight * prod(
            day[state] for day, state in zip(likely, path, strict=True)
        )
    jumped = sum(paths[state] for state in states if state >= FIRST)
    assert found == pytest.approx(jumped / sum(paths.values()), rel=1e-3)


def after_days(off: list[float], days: int = 3) -> float:
    belief = Belief(1, VALUES, WATER)
    return [float(belief.step(np.array([off]), usual_of(1, 3, 0.5))[0]) for _ in range(days)][-1]


def test_what_guests_raise_too_is_no_jump_and_what_they_do_not_raise_is_one() -> None:
    three, guests = float(np.log(3)), float(np.log(2))
    assert after_days([three, 0.0, 0.0]) > after_days([three, 0.0, np.nan]) > 0.9
    assert after_days([three, three, 0.0]) > 0.9 > after_days([three, three, np.log(2)])
    assert after_days([guests, guests, np.log(1.5)]) < 0.05


@pytest.mark.parametrize("unknown", [(1,), (2,), (1, 2)])
def test_what_is_unknown_of_the_home_is_left_out(unknown: tuple[int, ...]) -> None:
    """The same as in a home that has no such meter."""
    kept = [place for place in range(3) if place not in unknown]
    there = np.array([1 not in unknown, 2 not in unknown])
    days = np.random.default_rng(3).normal(0.8, 0.5, (6, 3))
    days[:, list(unknown)] = np.nan
    of_all, of_some = Belief(1, VALUES, WATER), Belief(1, VALUES, WATER.having(there))
    for day in days:
        whole = of_all.step(day[None], usual_of(1, 3, 0.4))
        some = of_some.step(day[None, kept], usual_of(1, len(kept), 0.4))
        assert whole == pytest.approx(some)


def test_where_all_use_grows_alike_the_order_of_the_others_does_not_matter() -> None:
    belief = Belief(2, VALUES, Home(np.ones(3), np.array([[1.0, 0.0, 0.0]])))
    day = np.array([[1.1, 0.2, 0.5], [1.1, 0.5, 0.2]])
    one, other = belief.step(day, usual_of(2, 3, 0.3))
    assert one == pytest.approx(other)


def test_how_meters_go_together_is_learnt_and_leans_on_homes_in_general() -> None:
    days, pooled = 56, VALUES.belief_prior_days
    rng = np.random.default_rng(5)
    lived = 0.3 * rng.standard_normal((400, 1, days))
    log = np.concatenate([lived, lived + 0.3 * rng.standard_normal(lived.shape)], axis=1)
    together = usual_day(log, np.zeros((400, days)), False, VALUES).together
    assert np.all(together == together.swapaxes(1, 2))
    assert np.all(np.diagonal(together, axis1=1, axis2=2) == 1)
    expected = (days * np.sqrt(0.5) + pooled * VALUES.belief_together) / (days + pooled)
    assert together[:, 0, 1].mean() == pytest.approx(expected, abs=0.02)
    apart = usual_day(np.full((1, 2, days), np.nan), np.zeros((1, days)), False, VALUES).together
    assert apart[0, 0, 1] == pytest.approx(VALUES.belief_together)


def test_a_day_without_one_of_the_others_does_not_count_for_how_they_go_together() -> None:
    log = np.random.default_rng(6).normal(0, 0.3, (1, 3, 56))
    log[0, 1, 30:] = np.nan
    few = log.copy()
    few[:, :, 30:] = np.nan
    (whole,), (part,) = (
        usual_day(each, np.zeros((1, 56)), False, VALUES).together for each in (log, few)
    )
    assert np.all(np.linalg.eigvalsh(whole) > 0)
    assert whole[0, 1] == pytest.approx(part[0, 1], abs=0.05)


def days_with_weekends(times: float) -> tuple[np.ndarray, np.ndarray]:
    weekend = np.tile([0.0] * 5 + [1.0] * 2, 8)
    return np.log(150 * np.where(weekend == 1, times, 1.0))[None, None], weekend[None]


def test_what_weekends_add_is_learnt() -> None:
    log, weekend = days_with_weekends(1.4)
    work, rest = (usual_day(log, weekend, each, VALUES) for each in (False, True))
    assert np.exp(work.level[0, 0]) == pytest.approx(150)
    own, pooled = 16, VALUES.belief_weekend_days
    logs = own * np.log(1.4) + pooled * np.log(VALUES.belief_weekend_times)
    assert rest.level[0, 0] - work.level[0, 0] == pytest.approx(logs / (own + pooled))


def test_twice_the_use_is_twice_the_usual_with_the_same_spread() -> None:
    log, weekend = days_with_weekends(1.2)
    log = log + 0.4 * np.random.default_rng(2).standard_normal(log.shape)
    one, two = (usual_day(log + np.log(size), weekend, False, VALUES) for size in (1.0, 2.0))
    assert two.level - one.level == pytest.approx(np.log(2))
    assert two.spread == pytest.approx(one.spread)


def huber_by_root(values: list[float]) -> float:
    """Return Huber's mean as the root of its sum, with the median deviation as scale."""
    known = np.array(values)[np.isfinite(values)]
    bound = 1.5 * 1.4826 * np.median(np.abs(known - np.median(known)))
    return float(brentq(lambda at: np.clip(known - at, -bound, bound).sum(), *_around(known)))


def _around(known: np.ndarray) -> tuple[float, float]:
    return float(known.min()) - 1, float(known.max()) + 1


@pytest.mark.parametrize("seed", range(5))
def test_the_middle_is_hubers_mean(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(5, 0.4, (4, 56))
    rows[:, ::9] += rng.uniform(0, 3, rows[:, ::9].shape)
    rows[0, 20:] = np.nan
    found = middle_of_known(rows, 14)
    assert found == pytest.approx([huber_by_root(row.tolist()) for row in rows], abs=0.005)
    assert middle_of_known(rows[2], 14) == pytest.approx(found[2])
    assert middle_of_known(rows + 1, 14) == pytest.approx(found + 1)


def test_the_middle_of_days_that_are_alike_or_few() -> None:
    rows = np.full((2, 56), 5.0)
    rows[0, 3] = 50.0
    rows[1, 13:] = np.nan
    alike, few = middle_of_known(rows, 14)
    assert alike == 5.0
    assert np.isnan(few)


def test_the_usual_day_is_surer_than_by_medians() -> None:
    """Of days that differ as a bell does a median is off by a fourth more than a mean."""
    log = 0.4 * np.random.default_rng(4).standard_normal((2000, 1, 56))
    level = usual_day(log, np.zeros((2000, 56)), False, VALUES).level
    by_median = np.median(log, axis=2)
    assert level.std() < 0.9 * by_median.std()
    assert level.std() == pytest.approx(0.4 / np.sqrt(56), rel=0.1)


def test_a_short_past_leans_on_homes_in_general() -> None:
    """Days that are all alike are no promise that the next one is."""
    log, weekend = days_with_weekends(1.0)
    spreads = []
    for known in (14, 56):
        few = np.where(np.arange(56) >= 56 - known, log, np.nan)
        spreads.append(float(usual_day(few, weekend, False, VALUES).spread[0, 0]))
    assert VALUES.belief_spread > spreads[0] > spreads[1] > 0.1
    nothing = usual_day(np.full((1, 1, 56), np.nan), weekend, False, VALUES)
    assert np.isnan(nothing.level[0, 0])


@pytest.mark.parametrize("zone", ["Europe/Copenhagen", "UTC", "America/New_York", "Asia/Tokyo"])
def test_weekends_are_those_of_the_calendar(zone: str) -> None:
    first = datetime(2026, 3, 20, tzinfo=UTC).date()
    for day in (first + timedelta(each) for each in range(20)):
        edges = (day_start_ms(each, ZoneInfo(zone)) for each in (day, day + timedelta(1)))
        assert at_weekend(*edges) == (day.weekday() >= 5)
