"""Steps of a register that are none of its own counting."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.periods import HOUR_MS, Hours
from estate.quantities import quantities
from telemetry.readings import Quality
from telemetry.series.registers.one_register import fitting_samples
from telemetry.series.registers.register_breaks import (
    Step,
    register_limits,
    register_steps,
    without_glitches,
)
from telemetry.series.registers.registers import hourly_use
from tests.support.samples import Row, make_samples

MOST, DIGITS = 30.0, 4


def hours(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(count, dtype=np.int64) * HOUR_MS


def steps(values: Sequence[float]) -> list[tuple[str, float]]:
    found = register_steps(hours(len(values)), np.array(values, dtype=float), MOST, DIGITS)
    return [
        (Step(kind).name, use)
        for kind, use in zip(found.kind.tolist(), found.use.tolist(), strict=True)
    ]


@pytest.mark.parametrize(
    ("before", "after", "kind", "use"),
    [
        (100.0, 104.5, Step.COUNTED, 4.5),
        (100.0, 100.0, Step.COUNTED, 0.0),
        (99_990.0, 12.0, Step.ROLLED_OVER, 22.0),
        (9_999.5, 0.5, Step.ROLLED_OVER, 1.0),
        (4_200.0, 3.0, Step.RESET, 3.0),
        (990.0, 3.0, Step.RESET, 3.0),  # a register of three digits is a new meter
        (4_200.0, 4_195.0, Step.BROKEN, np.nan),
        (4_200.0, 900.0, Step.BROKEN, np.nan),
        (4_200.0, 9_000.0, Step.BROKEN, np.nan),
        (20.0, 15.0, Step.BROKEN, np.nan),
    ],
)
def test_kinds_by_hand(before: float, after: float, kind: Step, use: float) -> None:
    ((found, counted),) = steps([before, after])
    assert found == kind.name
    assert counted == pytest.approx(use, nan_ok=True)


def test_a_long_gap_may_hold_much_use() -> None:
    found = register_steps(np.array([0, 100 * HOUR_MS]), np.array([0.0, 2_900.0]), MOST, DIGITS)
    assert found.kind.tolist() == [Step.COUNTED]


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ([100, 101, 999, 102, 103], [True, True, False, True, True]),
        ([100, 101, 5, 102, 103], [True, True, False, True, True]),
        ([100, 101, 96, 97, 98], [True] * 5),  # set back for good
        ([99_990, 99_998, 3, 12, 20], [True] * 5),  # rolled over
        ([100, 100, 101, 101, 105], [True] * 5),  # repeated values
        ([5], [True]),
        ([], []),
    ],
)
def test_single_readings_that_do_not_fit_are_left_out(
    values: Sequence[float], kept: Sequence[bool]
) -> None:
    found = without_glitches(hours(len(values)), np.array(values, dtype=float), MOST, DIGITS)
    assert found.tolist() == list(kept)


def test_zero_of_a_short_telegram_is_no_new_meter_and_no_use() -> None:
    """7.156 m³, then 0 after a decoder's restart, then what was counted on (wmbusmeters #403)."""
    values = [7.155, 7.156, 0.0, 7.158, 7.2], [50.0, nan, 50.2, 50.3]
    rows: list[Row] = [
        (device, hour * HOUR_MS, value, 0)
        for device, registers in enumerate(values)
        for hour, value in enumerate(registers)
    ]
    rows.append((1, 4 * HOUR_MS, 99.0, int(Quality.SUSPECT)))
    found = fitting_samples(make_samples(rows), 2, "cold_water_m3")
    assert found.value.tolist() == [7.155, 7.156, 7.158, 7.2, 50.0, 50.2, 50.3]
    assert found.device_index.tolist() == [0, 0, 0, 0, 1, 1, 1]
    whole = Hours((0, 4 * HOUR_MS))
    use = hourly_use(found, 2, whole, longest_gap_ms=2 * HOUR_MS)
    np.testing.assert_allclose(use[0], [0.001, 0.001, 0.001, 0.042], atol=1e-9)


@given(st.lists(st.floats(0, MOST), min_size=2, max_size=30), st.integers(0, 10**7))
def test_steps_of_an_ordinary_register_add_up(uses: Sequence[float], first: int) -> None:
    values = first + np.cumsum(uses)
    found = register_steps(hours(len(values)), values, MOST + 1e-6, DIGITS)
    assert (found.kind == Step.COUNTED).all()
    assert found.use.sum() == pytest.approx(values[-1] - values[0], abs=1e-6)
    assert without_glitches(hours(len(values)), values, MOST + 1e-6, DIGITS).all()


@given(st.lists(st.floats(0, MOST), min_size=3, max_size=30))
def test_a_rollover_loses_nothing(uses: Sequence[float]) -> None:
    true = 99_999.0 - sum(uses) / 2 + np.cumsum(uses)
    found = register_steps(hours(len(true)), true % 100_000.0, MOST + 1e-6, 5)
    assert found.use.sum() == pytest.approx(true[-1] - true[0], abs=1e-6)


@given(st.lists(st.floats(0, 1e6, width=32), max_size=20))
def test_use_is_never_below_zero(values: Sequence[float]) -> None:
    found = register_steps(hours(len(values)), np.array(values, dtype=float), MOST, DIGITS)
    assert not (found.use < 0).any()
    assert np.isnan(found.use).tolist() == (found.kind == Step.BROKEN).tolist()


def test_every_register_has_a_limit() -> None:
    registers = {name for name, each in quantities().items() if each.kind == "register"}
    assert set(register_limits().most_per_hour) == registers


@pytest.mark.parametrize(
    ("days", "values", "broken"),
    [
        (7, [0.0, 200.2, 200.4, 200.7, 200.9], 0),
        (7, [200.0, 200.2, 200.4, 260.7, 260.9], 2),
        (1, [200.0, 200.01, 200.03, 200.04, 20.0], 3),
    ],
    ids=["a zero at first", "another meter from some week on", "the last one a tenth"],
)
def test_a_rate_that_no_home_keeps_up_and_the_register_never_had_is_a_break(
    days: int, values: Sequence[float], broken: int
) -> None:
    """Water, read by the week or day: 200 m³ would fit what the meter can count in a week."""
    times = np.arange(len(values), dtype=np.int64) * days * 24 * HOUR_MS
    found = register_steps(times, np.array(values), 3.1, DIGITS)
    assert [Step(kind) for kind in found.kind.tolist()] == [
        Step.BROKEN if number == broken else Step.COUNTED for number in range(len(values) - 1)
    ]


def test_a_week_of_much_use_is_no_break_where_it_is_what_homes_use() -> None:
    times = np.arange(4, dtype=np.int64) * 168 * HOUR_MS
    found = register_steps(times, np.array([100.0, 105.0, 105.0, 555.0]), MOST, DIGITS)
    assert found.use.tolist() == [5.0, 0.0, 450.0]
