"""`telemetry.series.summary`: the numbers that `readings show` prints."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from telemetry.readings import Quality, Samples
from telemetry.series.summary import summarise

ROWS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 10**9),
        st.floats(-1e6, 1e6),
        st.sampled_from([0, int(Quality.SUSPECT), int(Quality.NOTICE), 3]),
    ),
    unique_by=lambda row: row[:2],
).map(sorted)


def samples(rows: list[tuple[int, int, float, int]]) -> Samples:
    device, time_ms, value, quality = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Samples(
        np.array(device, dtype=np.int32),
        np.array(time_ms, dtype=np.int64),
        np.array(value, dtype=np.float64),
        np.array(quality, dtype=np.uint8),
    )


@given(ROWS)
def test_arrays_equal_a_plain_loop_over_the_rows(rows: list[tuple[int, int, float, int]]) -> None:
    found = summarise(samples(rows), 4)
    for device in range(4):
        own = [row for row in rows if row[0] == device]
        times = [row[1] for row in own]
        assert found.readings[device] == len(own)
        assert found.suspect[device] == sum(row[3] & 1 for row in own)
        assert found.first_ms[device] == (times[0] if own else -1)
        assert found.last_ms[device] == (times[-1] if own else -1)
        gaps = [late - early for early, late in pairwise(times)]
        assert found.longest_gap_ms[device] == max(gaps, default=0)
        if own:
            assert found.last_value[device] == own[-1][2]
        else:
            assert np.isnan(found.last_value[device])


def test_nothing_asked_for_is_nothing() -> None:
    assert len(summarise(samples([]), 0).readings) == 0
