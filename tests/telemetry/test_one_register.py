"""Which readings of a series are one meter's, with another meter's inserted in many ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from estate.numbers.arrays import Floats
from estate.periods import HOUR_MS
from telemetry.series.registers.one_register import Fitting, fitting_samples, one_register
from telemetry.series.registers.register_breaks import Step, register_limits, register_steps
from tests.support.samples import make_samples, series

HOURS = 745
NUMBER = np.arange(HOURS)
MOST, DIGITS = 30.0, 4
TRUE: Floats = 9_000.0 + np.cumsum(np.random.default_rng(3).gamma(2.0, 0.5, HOURS))
"""A register of heat over a January: 0 to 4 kWh in an hour."""


def fit(value: Floats, hours: Floats | None = None) -> Fitting:
    time_ms = (NUMBER if hours is None else hours) * HOUR_MS
    return one_register(time_ms.astype(np.int64), np.asarray(value, dtype=float), MOST, DIGITS)


def use(value: Floats) -> tuple[float, list[Step]]:
    """Return what is counted from the first to the last kept reading, and the breaks between."""
    kept = fit(value).kept
    steps = register_steps(NUMBER[kept] * HOUR_MS, value[kept], MOST, DIGITS)
    breaks = [Step(kind) for kind in steps.kind.tolist() if kind != Step.COUNTED]
    return float(np.nansum(steps.use)), breaks


def where(holds: npt.NDArray[np.bool_], foreign: Floats | float) -> Floats:
    return np.where(holds, foreign, TRUE)


OTHER: Floats = 20_000.0 + np.cumsum(np.random.default_rng(5).gamma(2.0, 0.5, HOURS))


@pytest.mark.parametrize(
    "value",
    [
        where(NUMBER % 3 != 0, np.where(NUMBER % 3 == 1, 38.0, 0.0)),
        where(NUMBER % 3 != 0, 38.0),
        where(NUMBER % 10 != 0, 38.0),
        where(NUMBER % 2 == 1, 38.0),
        where(NUMBER % 10 == 5, 38.0),
        where(NUMBER % 2 == 0, 38.0),
        where(NUMBER % 10 == 1, OTHER),
        where((NUMBER > 200) & (NUMBER < 320), OTHER),
        where((NUMBER > 200) & (NUMBER < 320), OTHER - 15_000.0),
        where((NUMBER % 50 < 2) & (NUMBER > 2), 0.0),
    ],
    ids=[
        "38 and 0 in turn", "two of three", "nine of ten", "every second", "every tenth",
        "the first too", "another meter now and then", "a run of it", "a run of a younger one",
        "pairs of zeros",
    ],
)  # fmt: skip
def test_foreign_readings_are_left_out(value: Floats) -> None:
    found = fit(value)
    assert found.one_meter
    assert (value[found.kept] == TRUE[found.kept]).all()
    counted, breaks = use(value)
    assert breaks == []
    own = np.flatnonzero(value == TRUE)
    lost = (own[0], own[-1])
    assert counted == pytest.approx(TRUE[lost[1]] - TRUE[lost[0]], abs=5.0)
    assert counted <= TRUE[-1] - TRUE[0] + 1e-9


@pytest.mark.parametrize("size", [5.0, 20.0, 30.0, 100.0, 500.0, 3_000.0])
@pytest.mark.parametrize("hours", [(300, 302), (300, 600), (100, 650), (5, 10), (730, 740)])
def test_a_dip_that_returns_is_left_out_at_any_size(size: float, hours: tuple[int, int]) -> None:
    first, last = hours
    value = where((first <= NUMBER) & (last >= NUMBER), TRUE - size)
    counted, breaks = use(value)
    assert counted == pytest.approx(TRUE[-1] - TRUE[0], abs=1e-6)
    assert breaks == []


@pytest.mark.parametrize(
    "value",
    [
        where(NUMBER % 2 == 1, OTHER),
        where(NUMBER % 3 == 1, OTHER),
        where(NUMBER % 3 != 1, OTHER),
        where(NUMBER % 2 == 1, TRUE + 100.5),
        where((NUMBER // 100) % 2 == 1, OTHER),
        np.where(NUMBER % 2 == 1, 38.0, 9_000.0),
        np.random.default_rng(8).random(HOURS) * 20_000.0,
        9_000.0 - NUMBER,
        10.0 * (NUMBER % 24),
    ],
    ids=[
        "half", "a third", "two thirds", "half of one near it", "runs in turn",
        "two that stand still", "noise", "a credit that runs out", "anew every night",
    ],
)  # fmt: skip
def test_two_registers_among_each_other_are_none(value: Floats) -> None:
    found = fit(value)
    assert not found.one_meter
    assert not found.kept.any()


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (np.where(NUMBER >= 300, TRUE - TRUE[300] + 1.0, TRUE), Step.RESET),
        ((TRUE - TRUE[0] + 100_000.0 - 200.0) % 100_000.0, Step.ROLLED_OVER),
        (np.where(NUMBER >= 300, TRUE + 7_000.0, TRUE), Step.BROKEN),
        (np.where(NUMBER >= 300, TRUE - 6_000.0, TRUE), Step.BROKEN),
    ],
    ids=["reset", "rolled over", "another meter, higher", "another meter, lower"],
)
def test_what_breaks_for_good_is_kept_with_its_break(value: Floats, kind: Step) -> None:
    assert fit(value).kept.all()
    counted, breaks = use(value)
    assert breaks == [kind]
    assert counted == pytest.approx(TRUE[-1] - TRUE[0], abs=5.0)


def test_a_replacement_is_seen_behind_single_zeros() -> None:
    new = np.where(NUMBER >= 300, TRUE - TRUE[300] + 1.0, TRUE)
    value = np.where((NUMBER % 50 == 7), 0.0, new)
    counted, breaks = use(value)
    assert breaks == [Step.RESET]
    assert counted == pytest.approx(TRUE[-1] - TRUE[0], abs=5.0)
    assert int((~fit(value).kept).sum()) == int((NUMBER % 50 == 7).sum())


def test_allocators_with_two_strangers_within_reach() -> None:
    """True, 0 and 69 in turn, where the true one rises from 30 by less than a unit an hour."""
    true = np.floor((TRUE - TRUE[0]) / 25) + 30
    found = fit(np.where(NUMBER % 3 == 0, true, np.where(NUMBER % 3 == 1, 0.0, 69.0)))
    kept = NUMBER[found.kept]
    assert (kept % 3 == 0).all()
    assert true[kept[-1]] - true[kept[0]] == true[-1] - true[0]


QUARTERS = np.array([0, 91, 182, 273, 365, 424, 577]) * 24.0
"""Hours of readings that are a quarter of a year apart."""


def test_a_young_meter_that_came_between_two_quarters_is_kept_with_its_break() -> None:
    """It passes the old one's readings, and the longest chain would be of both."""
    value = np.array([1000, 1748, 2496, 243, 1000, 1485, 2742])
    assert fit(value, QUARTERS).kept.all()


def test_a_stranger_within_reach_of_a_quarter_costs_no_other_reading() -> None:
    value = np.array([1000, 1748, 77_000, 2496, 3244, 4000, 4485, 5742])
    hours = np.insert(QUARTERS, 2, 120 * 24.0)
    assert np.flatnonzero(~fit(value, hours).kept).tolist() == [2]


def test_a_register_that_stands_still_loses_its_zeros() -> None:
    found = fit(np.where(NUMBER % 20 == 3, 0.0, 5.0))
    assert found.kept.tolist() == (NUMBER % 20 != 3).tolist()


@pytest.mark.parametrize("value", [[], [5.0], [5.0, 3.0], [1.0, 2.0, 3.0]])
def test_a_few_readings_are_kept(value: Sequence[float]) -> None:
    found = fit(np.array(value), np.arange(len(value)).astype(float))
    assert found.kept.tolist() == [True] * len(value)
    assert found.one_meter


def test_each_device_is_judged_apart() -> None:
    rows = [
        *series(0, HOUR_MS, np.where(NUMBER % 2 == 1, OTHER, TRUE).tolist()),
        *series(0, HOUR_MS, TRUE.tolist(), device=1),
    ]
    found = fitting_samples(make_samples(rows), 2, "heat_kwh")
    assert found.device_index.tolist() == [1] * HOURS
    assert found.value.tolist() == TRUE.tolist()


rising = st.lists(st.floats(0.01, 3), min_size=30, max_size=120)
strangers = st.lists(st.tuples(st.floats(0.01, 0.99), st.floats(0, 50_000)), min_size=1, max_size=7)


@pytest.mark.slow
@example([1.0] * 30, [(0.09375, 0.0), (0.078125, 0.0)], 0.0)
@given(rising, strangers, st.floats(0, 40_000))
def test_use_is_never_above_end_minus_start(
    steps: Sequence[float], foreign: Sequence[tuple[float, float]], first: float
) -> None:
    """A rising register with random foreign readings among its own."""
    true = first + np.cumsum([0.0, *steps])
    hours = np.arange(len(true)).astype(float)
    at = np.array([share * hours[-1] for share, _ in foreign])
    order = np.argsort(np.concatenate([hours, at]), kind="stable")
    time = np.concatenate([hours, at])[order]
    value = np.concatenate([true, [register for _, register in foreign]])[order]
    time, rows = np.unique(np.round(time * HOUR_MS), return_index=True)
    value = value[rows]
    found = one_register(time.astype(np.int64), value, MOST, DIGITS)
    counted = register_steps(time[found.kept].astype(np.int64), value[found.kept], MOST, DIGITS)
    assert np.nansum(counted.use) <= true[-1] - true[0] + 1e-6


@pytest.mark.slow
@given(rising, st.sampled_from([0.0, 38.0, 99_999.0]), st.integers(2, 5), st.booleans())
def test_a_stranger_in_turn_changes_nothing(
    steps: Sequence[float], stranger: float, every: int, most: bool
) -> None:
    """Every second to fifth reading, or all but those."""
    true = 9_000.0 + np.cumsum([0.0, *steps])
    own = np.arange(len(true)) % every
    value = np.where(own == 1 if not most else own != 0, stranger, true)
    found = fit(value, np.arange(len(true)).astype(float))
    kept = value[found.kept]
    assert not found.one_meter or kept[-1] - kept[0] <= true[-1] - true[0] + 1e-9
    if found.one_meter and kept[-1] > kept[0]:
        assert stranger not in kept


def test_limits_are_sane() -> None:
    limits = register_limits()
    assert 0 < limits.glitch_part < 1 < limits.clear_times


def chance(part: float, foreign: Floats | float) -> Floats:
    """Put strangers in the place of a part of the readings, at random, the first among them."""
    strange = np.random.default_rng(1).random(HOURS) < part
    strange[0] = True
    return where(strange, foreign)


@pytest.mark.parametrize(
    "value",
    [
        chance(0.5, TRUE[0] + 20),
        chance(0.9, 38.0),
        chance(0.9, TRUE[0] - 5),
        where(NUMBER < 240, 38.0),
        where(NUMBER > 600, 38.0),
        where(NUMBER < 48, TRUE * 0.0036),
        where(NUMBER > 700, TRUE * 0.0036),
    ],
    ids=[
        "one within its first day", "nine of ten", "just below", "ten days at the start",
        "six days at the end", "two days in GJ", "and at the end",
    ],
)  # fmt: skip
def test_what_returns_or_counts_in_another_unit_is_never_kept(value: Floats) -> None:
    found = fit(value)
    assert found.one_meter
    assert (value[found.kept] == TRUE[found.kept]).all()


@pytest.mark.parametrize(
    ("value", "breaks"),
    [
        (where(NUMBER < 5, TRUE - 100), 1),
        (where(NUMBER > 740, TRUE + 100), 1),
        (where((NUMBER > 100) & (NUMBER < 600), TRUE + 1_000), 0),
        (where((NUMBER > 100) & (NUMBER < 600), TRUE + 30), 0),
        (where(NUMBER > 735, np.where(NUMBER < 743, TRUE + 30, TRUE)), 0),
    ],
    ids=["at the start", "at the end", "for long", "a small one", "near the end"],
)
def test_no_jump_is_made_slow_by_what_is_left_out(value: Floats, breaks: int) -> None:
    counted, found = use(value)
    assert len(found) == breaks
    assert counted == pytest.approx(TRUE[-1] - TRUE[0], abs=5.0)


@pytest.mark.parametrize("until", [241, 336, 743])
def test_a_count_that_catches_up_is_counted_whole(until: int) -> None:
    """A gateway repeats an old telegram for days, and then sends the next."""
    counted, breaks = use(where((NUMBER > 200) & (until >= NUMBER), TRUE[200]))
    assert breaks == []
    assert counted == pytest.approx(TRUE[-1] - TRUE[0])


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_a_reset_is_seen_behind_a_stranger_that_returns(share: float) -> None:
    anew = np.where(NUMBER < 300, TRUE, TRUE - TRUE[300])
    strange = np.random.default_rng(2).random(HOURS) < share
    counted, breaks = use(np.where(strange, 0.0, anew))
    assert breaks == [Step.RESET]
    assert counted == pytest.approx(TRUE[-1] - TRUE[0], abs=10.0)


def test_strangers_within_a_fall_are_no_reset() -> None:
    own = [*range(10), *range(10, 31)]
    value = np.array([*own[:10], 0.0, 5.0, *own[10:]])
    hours = np.array([*range(10), 9.3, 9.7, *range(10, 31)])
    found = fit(value, hours)
    assert value[found.kept].tolist() == own


def test_two_units_of_about_as_many_days_are_none() -> None:
    assert not fit(where(NUMBER < 408, TRUE * 0.0036)).one_meter


@pytest.mark.parametrize("until", [330, 400])
def test_an_empty_home_is_not_billed_what_another_meter_counted_for_days(until: int) -> None:
    """The meter stands still before and after; of many days of the other neither is believed."""
    value = np.where((NUMBER > 200) & (until >= NUMBER), OTHER, TRUE[0])
    found = fit(value)
    assert found.one_meter == (until == 330)
    assert (value[found.kept] == TRUE[0]).all()


@pytest.mark.parametrize("edge", [60, 100])
def test_a_filler_at_both_ends_is_no_register(edge: int) -> None:
    value = where((edge > NUMBER) | (HOURS - edge <= NUMBER), 38.0)
    found = fit(value)
    assert found.one_meter == (edge == 60)
    assert (value[found.kept] == TRUE[found.kept]).all()


def doubled(late_hours: float, shown: Floats) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Return hours, readings of two gateways, and which are of the first."""
    hours = np.concatenate([NUMBER, NUMBER + late_hours])
    order = np.argsort(hours, kind="stable")
    return hours[order], np.concatenate([TRUE, shown])[order], (order < HOURS)


@pytest.mark.parametrize("late_hours", [0.01, 0.5, 1.5, 2.25, 7.1])
def test_late_copies_of_a_second_gateway_are_left_out(late_hours: float) -> None:
    hours, value, own = doubled(late_hours, TRUE)
    found = fit(value, hours)
    assert found.one_meter
    # The first and last copies rise beside the register, and cost nothing.
    assert found.kept[own].all()
    assert (np.diff(value[found.kept]) >= 0).all()


@pytest.mark.parametrize("size", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("rounding", [np.round, np.floor, np.ceil])
def test_rounded_copies_of_a_second_gateway_are_left_out(
    size: float, rounding: Callable[[Floats], Floats]
) -> None:
    hours, value, _ = doubled(0.01, rounding(TRUE / size) * size)
    found = fit(value, hours)
    assert found.one_meter
    assert (np.diff(value[found.kept]) >= 0).all()
    assert np.ptp(value[found.kept]) == pytest.approx(TRUE[-1] - TRUE[0], abs=size)


@pytest.mark.parametrize("times", [1e-3, 1e3, 3.6, 1 / 3.6, 0.0036])
def test_a_unit_that_changes_ends_the_register(times: float) -> None:
    own = NUMBER < 650
    found = fit(np.where(own, TRUE, TRUE * times))
    assert found.one_meter
    assert (found.kept == own).all()
    assert not fit(np.where(NUMBER < 408, TRUE, TRUE * times)).one_meter


@pytest.mark.parametrize("late_hours", [0.01, 0.5, 1.5, 2.25, 7.1])
@pytest.mark.parametrize("by_telegram", [True, False], ids=["telegrams change", "gateways change"])
def test_a_unit_that_changes_ends_the_register_that_two_gateways_hear(
    late_hours: float, by_telegram: bool
) -> None:
    hours, value, own = doubled(late_hours, TRUE)
    changed = np.where(own | (not by_telegram), hours, hours - late_hours) >= 650 - 1e-9
    found = fit(np.where(changed, value / 1000, value), hours)
    assert found.one_meter
    assert found.kept[own & ~changed].all()
    assert not found.kept[changed].any()


def test_a_long_roll_over_is_never_more_than_a_home_uses() -> None:
    year = 8_760 * HOUR_MS
    for before, after, kind in (
        (98_000.0, 2_400.0, Step.ROLLED_OVER), (50_000.0, 1_200.0, Step.BROKEN),
        (10_000.0, 9_440.0, Step.BROKEN),
    ):  # fmt: skip
        steps = register_steps(np.array([0, year]), np.array([before, after]), MOST, DIGITS)
        assert steps.kind.tolist() == [kind]
