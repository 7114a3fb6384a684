"""Readings that fit a register, and the use between them, from the readings before alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.detectors.intervals import intervals_of, registers_of
from alerts.detectors.limits import limits
from estate.periods import HOUR_MS
from tests.support.samples import make_samples, series

MOST_M3_PER_H = 3.1


def values_of(readings: list[float]) -> tuple[list[float], list[bool]]:
    """Return the readings that count, and which of them begin a register."""
    samples = make_samples(series(0, HOUR_MS, readings))
    (register,) = registers_of(samples, 1, MOST_M3_PER_H, limits())
    return register.value.tolist(), register.anew.tolist()


@pytest.mark.parametrize(
    ("readings", "kept"),
    [
        ([7.1, 7.2, 7.3], [7.1, 7.2, 7.3]),
        # A short telegram without its total; two of them.
        ([7.1, 0.0, 7.3], [7.1, 7.3]),
        ([7.1, 0.0, 0.0, 7.3, 7.4], [7.1, 7.3, 7.4]),
        # A register at 0 for good counts nothing.
        ([7.1, 0.0, 0.0, 0.0, 0.0], [7.1]),
        # An older reading that comes late under a wrong time.
        ([7.1, 7.3, 7.2, 7.4], [7.1, 7.3, 7.4]),
        # Another meter's readings between.
        ([7.1, 38.0, 7.2, 38.0, 7.3, 38.0, 7.4], [7.1, 7.2, 7.3, 7.4]),
        ([7.1, float("nan"), 7.3], [7.1, 7.3]),
    ],
)
def test_what_does_not_fit_is_left_out(readings: list[float], kept: list[float]) -> None:
    assert values_of(readings)[0] == kept


def test_a_new_meter_counts_from_its_third_reading_on() -> None:
    values, anew = values_of([99.1, 99.2, 0.0, 0.1, 0.2, 0.3])
    assert values == [99.1, 99.2, 0.2, 0.3]
    assert anew == [True, False, True, False]


def test_nothing_is_known_across_a_new_meter() -> None:
    samples = make_samples(series(0, HOUR_MS, [99.1, 99.2, 0.0, 0.1, 0.2, 0.3]))
    intervals = intervals_of(registers_of(samples, 1, MOST_M3_PER_H, limits()), 0.75)
    assert intervals.use[0] == pytest.approx([0.1, np.nan, 0.1], nan_ok=True)


def test_readings_of_every_quarter_are_taken_by_the_hour() -> None:
    samples = make_samples(series(0, HOUR_MS // 4, [0.01 * at for at in range(9)]))
    intervals = intervals_of(registers_of(samples, 1, MOST_M3_PER_H, limits()), 0.75)
    assert (intervals.end_ms - intervals.start_ms)[0].tolist() == [3 * HOUR_MS // 4] * 2
    assert intervals.use[0] == pytest.approx([0.03, 0.03])


def test_meters_without_readings_have_intervals_of_no_length() -> None:
    samples = make_samples([*series(0, HOUR_MS, [1.0, 1.1], device=1)])
    intervals = intervals_of(registers_of(samples, 3, MOST_M3_PER_H, limits()), 0.75)
    assert (intervals.end_ms - intervals.start_ms)[:, 0].tolist() == [0, HOUR_MS, 0]


@given(
    st.lists(st.sampled_from([0.0, 0.1, 5.0, 5.1, 5.2, 5.3, 40.0, 40.1]), min_size=1, max_size=25)
)
def test_a_later_reading_changes_nothing_before_it(readings: list[float]) -> None:
    whole, _ = values_of(readings)
    for end in range(1, len(readings)):
        part, _ = values_of(readings[:end])
        assert whole[: len(part)] == part
