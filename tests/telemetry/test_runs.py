"""Runs of hours, against plain loops."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from estate.numbers.arrays import Bools
from telemetry.series.runs import (
    all_of_the_last,
    first_hours,
    long_runs,
    runs_from,
    runs_with,
)

masks = arrays.arrays(np.bool_, (2, 25))


def runs(row: list[bool]) -> list[list[int]]:
    """Return the hours of each run."""
    groups = groupby(enumerate(row), key=lambda each: each[1])
    return [[hour for hour, _ in hours] for holds, hours in groups if holds]


def marked(hours: list[int], length: int = 25) -> list[bool]:
    return [hour in hours for hour in range(length)]


@given(masks, st.integers(1, 8))
def test_long_runs(holds: Bools, least: int) -> None:
    for row, found in zip(holds.tolist(), long_runs(holds, least).tolist(), strict=True):
        assert found == marked([h for run in runs(row) if len(run) >= least for h in run])


@given(masks, masks)
def test_runs_with_and_from_a_seed(holds: Bools, seed: Bools) -> None:
    with_seed, from_seed = runs_with(holds, seed).tolist(), runs_from(holds, seed).tolist()
    for number, row in enumerate(holds.tolist()):
        seeds = set(np.flatnonzero(seed[number]).tolist())
        hit = [run for run in runs(row) if seeds & set(run)]
        assert with_seed[number] == marked([h for run in hit for h in run])
        after = [h for run in hit for h in run if h >= min(seeds & set(run))]
        assert from_seed[number] == marked(after)


@given(masks, st.integers(1, 8))
def test_first_hours_and_all_of_the_last(holds: Bools, width: int) -> None:
    firsts, lasts = first_hours(holds).tolist(), all_of_the_last(holds, width).tolist()
    for number, row in enumerate(holds.tolist()):
        assert firsts[number] == marked([run[0] for run in runs(row)])
        assert lasts[number] == [
            h + 1 >= width and all(row[h + 1 - width : h + 1]) for h in range(25)
        ]


@given(masks, masks, st.integers(1, 8))
def test_long_runs_of_counted_hours(holds: Bools, counted: Bools, least: int) -> None:
    found = long_runs(holds, least, counted).tolist()
    for number, row in enumerate(holds.tolist()):
        kept = [run for run in runs(row) if counted[number, run].sum() >= least]
        assert found[number] == marked([h for run in kept for h in run])


def test_no_row_and_no_hour() -> None:
    nothing = np.zeros((0, 5), dtype=np.bool_)
    assert long_runs(nothing, 2).shape == runs_with(nothing, nothing).shape == (0, 5)
    assert all_of_the_last(np.ones((1, 3), dtype=np.bool_), 4).tolist() == [[False] * 3]
