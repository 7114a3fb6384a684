"""Hourly means, against pandas' resampling and against one loop."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.periods import HOUR_MS, Hours, Period
from telemetry.readings import Quality, Samples
from telemetry.series import hourly
from telemetry.series.hourly import hourly_means, read_hourly_means
from tests.support.samples import HandMadeSource, Row, make_samples, series

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
DAY = Period.parse("2026-01-14/2026-01-15").hours(COPENHAGEN)
START = DAY.start_ms
MINUTE = 60_000
DEVICES = 3

rows_of_the_day = st.lists(
    st.tuples(
        st.integers(0, DEVICES - 1),
        st.integers(START - 2 * HOUR_MS, DAY.end_ms + 2 * HOUR_MS),
        st.floats(-40, 60) | st.just(float("nan")),
        st.sampled_from([0, Quality.SUSPECT, Quality.ARRIVAL_TIME, 3]).map(int),
    ),
    max_size=60,
)


def by_loop(samples: Samples, devices: int, hours: Hours) -> npt.NDArray[np.float64]:
    found = np.full((devices, hours.count), np.nan)
    for device in range(devices):
        for hour, start in enumerate(hours.starts_ms.tolist()):
            counted = [
                value
                for index, time_ms, value, quality in zip(
                    samples.device_index.tolist(),
                    samples.time_ms.tolist(),
                    samples.value.tolist(),
                    samples.quality.tolist(),
                    strict=True,
                )
                if index == device
                and start <= time_ms < start + HOUR_MS
                and not quality & 1
                and value == value
            ]
            if counted:
                found[device, hour] = sum(counted) / len(counted)
    return found


def test_a_case_by_hand() -> None:
    rows: list[Row] = [
        (0, START, 20.0, 0),
        (0, START + 59 * MINUTE, 22.0, 0),
        (0, START + HOUR_MS, 30.0, 0),
        (1, START + HOUR_MS - 1, 19.0, 0),
    ]
    means = hourly_means(make_samples(rows), 2, DAY)
    assert means.shape == (2, 24)
    assert means[0, :2].tolist() == [21.0, 30.0]
    assert means[1, 0] == 19.0
    assert np.isnan(means).sum() == 2 * 24 - 3


def test_the_instant_of_the_end_belongs_to_the_next_hour() -> None:
    rows: list[Row] = [(0, START - 1, 1.0, 0), (0, DAY.end_ms - 1, 2.0, 0), (0, DAY.end_ms, 9.0, 0)]
    means = hourly_means(make_samples(rows), 1, DAY)
    assert means[0, -1] == 2.0
    assert np.isnan(means[0, :-1]).all()


def test_suspect_and_nan_values_are_missing_and_an_arrival_time_is_not() -> None:
    rows: list[Row] = [
        (0, START, 99.0, int(Quality.SUSPECT)),
        (0, START + 1, float("nan"), 0),
        (0, START + 2, 21.0, int(Quality.ARRIVAL_TIME)),
        (0, START + HOUR_MS, 99.0, int(Quality.SUSPECT | Quality.ARRIVAL_TIME)),
    ]
    means = hourly_means(make_samples(rows), 1, DAY)
    assert means[0, 0] == 21.0
    assert np.isnan(means[0, 1])


@pytest.mark.parametrize(("period", "count"), [("2026-03", 743), ("2026-10", 745)])
def test_the_months_with_a_change_of_clocks(period: str, count: int) -> None:
    hours = Period.month(period).hours(COPENHAGEN)
    rows = series(hours.start_ms, HOUR_MS, range(count))
    assert hourly_means(make_samples(rows), 1, hours).tolist() == [list(range(count))]


def test_nothing_in_gives_nothing_but_gaps() -> None:
    assert np.isnan(hourly_means(make_samples([]), 2, DAY)).all()
    assert hourly_means(make_samples([]), 0, DAY).shape == (0, 24)


def test_a_device_that_was_not_asked_for_is_a_slip() -> None:
    with pytest.raises(ValueError, match="not below 2"):
        hourly_means(make_samples([(2, START, 20.0, 0)]), 2, DAY)


def test_a_month_against_pandas_resampling() -> None:
    hours = Period.month("2026-03").hours(COPENHAGEN)
    random = np.random.default_rng(7)
    times = np.unique(random.integers(hours.start_ms, hours.end_ms, 4000))
    values = random.normal(21, 2, len(times))
    expected = (
        pd.Series(values, index=pd.to_datetime(times, unit="ms"))
        .resample("1h")
        .mean()
        .reindex(pd.to_datetime(hours.starts_ms, unit="ms"))
    )
    rows = [(0, time_ms, value, 0) for time_ms, value in zip(times, values, strict=True)]
    means = hourly_means(make_samples(rows), 1, hours)
    np.testing.assert_allclose(means[0], expected.to_numpy(), rtol=1e-12)


@given(rows_of_the_day)
def test_vectors_equal_the_loop(rows: Sequence[Row]) -> None:
    samples = make_samples(rows)
    np.testing.assert_allclose(
        hourly_means(samples, DEVICES, DAY), by_loop(samples, DEVICES, DAY), rtol=1e-9, atol=1e-9
    )


@given(rows_of_the_day, st.randoms())
def test_the_order_of_readings_does_not_matter(rows: list[Row], random: Random) -> None:
    means = hourly_means(make_samples(rows), DEVICES, DAY)
    shuffled = list(rows)
    random.shuffle(shuffled)
    np.testing.assert_allclose(
        hourly_means(make_samples(shuffled), DEVICES, DAY), means, rtol=1e-9, atol=1e-9
    )


def test_devices_read_in_parts_are_the_devices_read_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hourly, "DEVICES_AT_ONCE", 2)
    names = [f"box-{number}" for number in range(5)]
    source = HandMadeSource(
        {(name, "co2_ppm"): [(START, 400.0 + row, 0)] for row, name in enumerate(names)}
    )
    means = read_hourly_means(source, "b", names, "co2_ppm", DAY).means
    assert means[:, 0].tolist() == [400.0, 401.0, 402.0, 403.0, 404.0]
    assert read_hourly_means(source, "b", [], "co2_ppm", DAY).means.shape == (0, 24)
