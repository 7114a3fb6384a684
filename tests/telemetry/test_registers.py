"""Registers at instants and their use by the hour, against plain loops."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isnan, nan
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.periods import HOUR_MS, Period
from telemetry.readings import Quality
from telemetry.series.registers.registers import LONGEST_GAP_MS, hourly_use, register_at
from tests.support.samples import Row, make_samples, series

DAY = Period.parse("2026-01-14/2026-01-15").hours(ZoneInfo("Europe/Copenhagen"))
START = DAY.start_ms
QUARTER = HOUR_MS // 4

some_times = st.lists(
    st.integers(START - 3 * HOUR_MS, DAY.end_ms + 3 * HOUR_MS), unique=True, max_size=40
).map(sorted)


def at(
    rows: Sequence[Row], instants: Sequence[int], devices: int = 1
) -> tuple[list[float], list[int]]:
    value, gap_ms = register_at(make_samples(rows), devices, np.array(instants, dtype=np.int64))
    return value[0].tolist(), gap_ms[0].tolist()


def one_by_loop(rows: Sequence[Row], instant: int) -> tuple[float, int]:
    """The same definition, read one row after the other."""
    for _, time_ms, value, _ in rows:
        if time_ms == instant:
            return value, 0
    for (_, time_a, a, _), (_, time_b, b, _) in pairwise(rows):
        if time_a < instant < time_b:
            if b < a:
                return nan, -1
            return a + (b - a) * (instant - time_a) / (time_b - time_a), time_b - time_a
    return nan, -1


def test_a_case_by_hand() -> None:
    rows = series(START, HOUR_MS, [100.0, 104.0, 110.0])
    value, gap_ms = at(rows, [START, START + QUARTER, START + HOUR_MS, START + 90 * 60_000])
    assert value == [100.0, 101.0, 104.0, 107.0]
    assert gap_ms == [0, HOUR_MS, 0, HOUR_MS]


def test_outside_the_readings_nothing_is_known() -> None:
    rows = series(START, HOUR_MS, [100.0, 104.0])
    value, gap_ms = at(rows, [START - 1, START + HOUR_MS + 1])
    assert all(isnan(each) for each in value)
    assert gap_ms == [-1, -1]
    assert isnan(at([], [START])[0][0])


def test_a_long_gap_is_bridged_and_told() -> None:
    days = 40 * 24 * HOUR_MS
    rows: list[Row] = [(0, START, 100.0, 0), (0, START + days, 200.0, 0)]
    assert at(rows, [START + days // 4]) == ([125.0], [days])


def test_nothing_is_made_up_where_a_register_falls() -> None:
    rows = series(START, HOUR_MS, [990.0, 3.0, 5.0])
    value, gap_ms = at(rows, [START, START + QUARTER, START + HOUR_MS, START + HOUR_MS + QUARTER])
    assert [value[0], *value[2:]] == [990.0, 3.0, 3.5]
    assert isnan(value[1])
    assert gap_ms == [0, -1, 0, HOUR_MS]


def test_suspect_and_nan_readings_are_not_there() -> None:
    rows: list[Row] = [
        (0, START, 10.0, 0),
        (0, START + HOUR_MS, 9999.0, int(Quality.SUSPECT)),
        (0, START + HOUR_MS + 1, nan, 0),
        (0, START + 2 * HOUR_MS, 20.0, 0),
    ]
    assert at(rows, [START + HOUR_MS]) == ([15.0], [2 * HOUR_MS])


def test_each_device_may_have_instants_of_its_own() -> None:
    rows = [*series(START, HOUR_MS, [0.0, 4.0]), *series(START, HOUR_MS, [100.0, 108.0], device=2)]
    instants = np.array([[START], [START], [START + QUARTER]])
    value, gap_ms = register_at(make_samples(rows), 3, instants)
    assert value.shape == gap_ms.shape == (3, 1)
    assert value[[0, 2], 0].tolist() == [0.0, 102.0]
    assert gap_ms[:, 0].tolist() == [0, -1, HOUR_MS]


@given(
    some_times,
    st.lists(st.floats(0, 1e6), min_size=40, max_size=40),
    st.lists(st.integers(START - 4 * HOUR_MS, DAY.end_ms + 4 * HOUR_MS), min_size=1, max_size=9),
)
def test_vectors_equal_the_loop(
    times: Sequence[int], values: Sequence[float], instants: Sequence[int]
) -> None:
    rows: list[Row] = [(0, time, value, 0) for time, value in zip(times, values, strict=False)]
    instants = [*instants, *times[:5]]
    expected = [one_by_loop(rows, instant) for instant in instants]
    value, gap_ms = at(rows, instants)
    np.testing.assert_allclose(value, [each for each, _ in expected], rtol=1e-9, atol=1e-6)
    assert gap_ms == [gap for _, gap in expected]


def test_use_of_hours_by_hand() -> None:
    rows = series(START, HOUR_MS, [100.0, 101.5, 101.5, 104.0])
    use = hourly_use(make_samples(rows), 1, DAY)
    assert use.shape == (1, 24)
    assert use[0, :3].tolist() == [1.5, 0.0, 2.5]
    assert np.isnan(use[0, 3:]).all()


def test_readings_beside_the_hour_are_taken_between() -> None:
    rows = series(START - QUARTER, HOUR_MS, [0.0, 4.0, 12.0, 12.0])
    # Edges: 1, 6, 12.
    assert hourly_use(make_samples(rows), 1, DAY)[0, :2].tolist() == [5.0, 6.0]


def test_a_lost_hour_is_missing_and_not_shared_out() -> None:
    rows = series(START, HOUR_MS, [0.0, 1.0, 2.0, 3.0, 4.0])
    del rows[2]
    use = hourly_use(make_samples(rows), 1, DAY)[0, :4]
    assert use[[0, 3]].tolist() == [1.0, 1.0]
    assert np.isnan(use[[1, 2]]).all()
    bridged = hourly_use(make_samples(rows), 1, DAY, longest_gap_ms=2 * HOUR_MS)
    assert bridged[0, :4].tolist() == [1.0, 1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    "values",
    [
        [10.0, 990.0, 2.0, 3.0, 4.0],  # rolls over and stays low
        [10.0, 11.0, 5.0, 6.0, 14.0],  # falls, and is above its start again at the end
        [10.0, 11.0, 12.0, 13.0, 4.0],  # falls in the last quarter
    ],
)
def test_an_hour_with_a_fall_is_missing(values: Sequence[float]) -> None:
    before = series(START, QUARTER, [7.0, 8.0, 9.0, 9.0])
    after = series(START + 2 * HOUR_MS + QUARTER, QUARTER, [values[-1] + 1] * 4)
    rows = [*before, *series(START + HOUR_MS, QUARTER, values), *after]
    use = hourly_use(make_samples(rows), 1, DAY)[0, :3]
    assert use[[0, 2]].tolist() == [3.0, 1.0]
    assert isnan(use[1])


def test_a_fall_across_an_edge_spoils_both_hours() -> None:
    rows = series(START, HOUR_MS // 2, [0.0, 1.0, 2.0, 3.0, 4.0])
    rows += series(START + 2 * HOUR_MS + QUARTER, HOUR_MS // 2, [900.0, 1.0, 2.0, 3.0])
    use = hourly_use(make_samples(rows), 1, DAY)[0, :4]
    assert use[:2].tolist() == [2.0, 2.0]
    assert np.isnan(use[2])


def test_the_last_reading_of_a_device_and_the_first_of_the_next_are_no_fall() -> None:
    rows = [*series(START, HOUR_MS, [50.0, 51.0]), *series(START, HOUR_MS, [1.0, 2.0], device=1)]
    assert hourly_use(make_samples(rows), 2, DAY)[:, 0].tolist() == [1.0, 1.0]


@pytest.mark.slow
@given(st.lists(st.floats(0, 50), min_size=130, max_size=130), st.integers(1, QUARTER - 1))
def test_hours_add_up_to_the_registers_and_never_fall_below_zero(
    steps: Sequence[float], shift: int
) -> None:
    rows = series(START - QUARTER + shift, QUARTER, np.cumsum(steps).tolist())
    samples = make_samples(rows)
    use = hourly_use(samples, 1, DAY)
    edges, gap_ms = register_at(samples, 1, np.array([START, DAY.end_ms]))
    assert (use >= 0).all()
    assert (gap_ms <= LONGEST_GAP_MS).all()
    assert use.sum() == pytest.approx(edges[0, 1] - edges[0, 0], rel=1e-9, abs=1e-6)
