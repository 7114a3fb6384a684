"""The belief that a home's use has jumped, against a sum over all that may have happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from math import prod
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from alerts.detectors.belief import Belief, UsualDay, at_weekend, usual_day
from alerts.detectors.limits import limits
from alerts.detectors.medians import middle_of_known
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
    return float(norm.pdf(off, np.log([1, *GUESTS][state]), SPREAD))


def by_all_paths(offs: list[float]) -> float:
    """Return the belief after some days: the part of all paths of states that end in a jump."""
    jumped = everything = 0.0
    for path in product(range(LATER + 1), repeat=len(offs)):
        weight = prod(moves(*pair) for pair in pairwise((USUAL, *path)))
        weight *= prod(likelihood(*day) for day in zip(path, offs, strict=True))
        everything += weight
        jumped += weight * (path[-1] >= FIRST)
    return jumped / everything


def believed(offs: list[float], says: bool = True, belief: Belief | None = None) -> list[float]:
    belief = belief or Belief(1, VALUES)
    expected = UsualDay(np.zeros(1), np.array([SPREAD]))
    return [float(belief.step(np.array([off]), expected, np.array([says]))[0]) for off in offs]


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
    belief = Belief(1, VALUES)
    before = believed([1.2, 1.2], belief=belief)[-1]
    (after,) = believed([5.0], says=False, belief=belief)
    assert before * 0.8 < after < before
    unknown = believed([float("nan")], belief=belief)
    assert unknown[0] < after
    belief.forget(np.array([True]))
    assert believed([0.3], belief=belief) == believed([0.3])


def test_many_meters_are_each_by_themselves() -> None:
    offs = np.random.default_rng(1).normal(0.5, 0.5, (6, 10))
    belief = Belief(len(offs), VALUES)
    expected = UsualDay(np.zeros(len(offs)), np.full(len(offs), SPREAD))
    together = np.stack(
        [belief.step(day, expected, np.ones(len(offs), dtype=np.bool_)) for day in offs.T]
    )
    for row, own in enumerate(offs):
        assert together[:, row] == pytest.approx(believed(own.tolist()))


def days_with_weekends(times: float) -> tuple[np.ndarray, np.ndarray]:
    weekend = np.tile([0.0] * 5 + [1.0] * 2, 8)
    return np.sqrt(150 * np.where(weekend == 1, times, 1.0))[None], weekend[None]


def test_what_weekends_add_is_learnt() -> None:
    root, weekend = days_with_weekends(1.4)
    work, rest = (usual_day(root, weekend, each, VALUES) for each in (False, True))
    assert np.exp(work.level[0]) == pytest.approx(150)
    own, pooled = 16, VALUES.belief_weekend_days
    logs = own * np.log(1.4) + pooled * np.log(VALUES.belief_weekend_times)
    assert rest.level[0] - work.level[0] == pytest.approx(logs / (own + pooled))


def test_twice_the_use_is_twice_the_usual_with_the_same_spread() -> None:
    root, weekend = days_with_weekends(1.2)
    root = root * np.exp(0.2 * np.random.default_rng(2).standard_normal(root.shape))
    one, two = (usual_day(root * size, weekend, False, VALUES) for size in (1.0, np.sqrt(2)))
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
    root = np.exp(0.2 * np.random.default_rng(4).standard_normal((2000, 56)))
    nothing = np.zeros_like(root)
    level = usual_day(root, nothing, False, VALUES).level
    by_median = np.median(2 * np.log(root), axis=1)
    assert level.std() < 0.9 * by_median.std()
    assert level.std() == pytest.approx(0.4 / np.sqrt(56), rel=0.1)


def test_a_short_past_leans_on_homes_in_general() -> None:
    """Days that are all alike are no promise that the next one is."""
    root, weekend = days_with_weekends(1.0)
    spreads = []
    for known in (14, 56):
        few = np.where(np.arange(56) >= 56 - known, root, np.nan)
        spreads.append(float(usual_day(few, weekend, False, VALUES).spread[0]))
    assert VALUES.belief_spread > spreads[0] > spreads[1] > 0.1
    nothing = usual_day(np.full((1, 56), np.nan), weekend, False, VALUES)
    assert np.isnan(nothing.level[0])


@pytest.mark.parametrize("zone", ["Europe/Copenhagen", "UTC", "America/New_York", "Asia/Tokyo"])
def test_weekends_are_those_of_the_calendar(zone: str) -> None:
    first = datetime(2026, 3, 20, tzinfo=UTC).date()
    for day in (first + timedelta(each) for each in range(20)):
        edges = (day_start_ms(each, ZoneInfo(zone)) for each in (day, day + timedelta(1)))
        assert at_weekend(*edges) == (day.weekday() >= 5)
