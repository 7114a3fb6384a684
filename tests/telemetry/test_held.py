"""Lost hours are bridged for some hours, and nothing later is looked at."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from estate.numbers.arrays import Floats
from telemetry.series.held import held

values = st.lists(st.one_of(st.just(np.nan), st.floats(-20, 30)), min_size=1, max_size=60)


def plain(values: Floats, most: int) -> Floats:
    """The same, an hour at a time."""
    found, last, age = np.full(len(values), np.nan), np.nan, most + 1
    for hour, value in enumerate(values.tolist()):
        last, age = (value, 0) if np.isfinite(value) else (last, age + 1)
        found[hour] = last if age <= most else np.nan
    return found


@given(values, st.integers(0, 8))
def test_it_is_what_a_plain_loop_gives_for_each_row(row: list[float], most: int) -> None:
    rows = np.array([row, row[::-1]])
    np.testing.assert_array_equal(held(rows, most), [plain(each, most) for each in rows])


@given(values, st.integers(0, 8), st.integers(0, 60))
def test_no_later_value_changes_an_earlier_hour(row: list[float], most: int, cut: int) -> None:
    whole = np.array(row)
    np.testing.assert_array_equal(held(whole, most)[:cut], held(whole[:cut], most))
