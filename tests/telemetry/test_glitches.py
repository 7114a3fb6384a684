"""Readings far off their neighbours: by hand, in every pattern, and on real rooms."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.numbers.arrays import Floats
from estate.periods import HOUR_MS, Period
from telemetry.readings import Samples
from telemetry.series.box_limits import box_limits
from telemetry.series.glitches import glitches
from telemetry.series.hourly import read_hourly_means
from tests.support.real_month import SHARED_DATA
from tests.support.samples import HandMadeSource

FAR, REACH_MS = 10.0, 4 * HOUR_MS


def samples(value: Floats, step_ms: int = HOUR_MS, device: npt.ArrayLike = 0) -> Samples:
    index = np.broadcast_to(np.asarray(device, dtype=np.int32), value.shape)
    time_ms = np.arange(len(value), dtype=np.int64) * step_ms
    return Samples(index, time_ms, value, np.zeros(len(value), dtype=np.uint8))


def left_out(value: Floats, step_ms: int = HOUR_MS) -> list[int]:
    return np.flatnonzero(glitches(samples(value, step_ms), FAR, REACH_MS)).tolist()


def a_room(count: int = 200) -> Floats:
    return np.asarray(21 + np.sin(np.arange(count) / 4) + np.arange(count) % 3 * 0.01)


@given(
    st.sets(st.integers(0, 19), max_size=12).map(lambda each: [10 * n + 3 for n in sorted(each)]),
    st.sampled_from([0.0, -40.0, 60.0, 37.0]),
    st.booleans(),
)
def test_what_returns_is_left_out_and_nothing_else(
    places: list[int], code: float, twice: bool
) -> None:
    value = a_room()
    spoiled = sorted({*places, *(n + 1 for n in places)}) if twice else places
    value[spoiled] = code
    assert left_out(value) == spoiled


def test_every_third_reading_of_another_box_is_left_out() -> None:
    value = a_room()
    value[1::3] = 2.0
    assert left_out(value) == list(range(1, 200, 3))


def test_where_every_second_reading_is_another_nobody_can_tell_which() -> None:
    value = a_room()
    value[1::2] = 2.0
    assert set(left_out(value)) >= set(range(3, 197))


def test_what_stays_is_another_place_or_weather() -> None:
    value = a_room()
    value[50:53] = 5.0
    value[100:] -= 15
    assert left_out(value) == []


def test_first_and_last_reading_of_a_device_are_judged_by_its_own() -> None:
    value = np.concatenate([a_room(20), a_room(20) - 21])
    both = samples(value, device=np.repeat([0, 1], 20))
    assert not glitches(both, FAR, REACH_MS).any()
    value[[0, 19, 20, 39]] += 15
    found = glitches(samples(value, device=np.repeat([0, 1], 20)), FAR, REACH_MS)
    assert np.flatnonzero(found).tolist() == [0, 19, 20, 39]


def test_readings_far_apart_and_lone_ones_say_nothing() -> None:
    value = a_room()
    value[[5, 50]] = 0.0
    assert left_out(value, step_ms=5 * HOUR_MS) == []
    assert left_out(np.array([21.0, 0.0])) == []
    assert left_out(np.zeros(0)) == []


def test_the_hour_is_the_mean_of_what_fits_and_the_rest_is_counted() -> None:
    hours = Period.parse("2026-01-14/2026-01-15").hours(ZoneInfo("UTC"))
    rows = [(hours.start_ms + n * HOUR_MS // 4, 21.0 + n % 4, 0) for n in range(96)]
    rows[41] = (rows[41][0], -40.0, 0)
    source = HandMadeSource({("box", "temperature_c"): rows})
    read = read_hourly_means(source, "b", ["box", "other"], "temperature_c", hours)
    assert read.glitches.tolist() == [1, 0]
    assert read.means[0, 9:12].tolist() == [22.5, (21.0 + 23 + 24) / 3, 22.5]


@pytest.mark.parametrize("house", ["R1", "R2", "R3", "R4", "R5", "R6", "R7"])
def test_real_houses_have_hardly_any(house: str) -> None:
    folder = SHARED_DATA / "trh1_finland" / house
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    name = "sisailma" if house == "R1" else "indoor1"
    frame = pd.read_csv(folder / f"{name}.csv.gz")
    step_ms = HOUR_MS // 6 if house == "R1" else HOUR_MS
    for column, quantity in (("T", "temperature_c"), ("RH", "humidity_pct")):
        series = samples(frame[column].to_numpy(dtype=np.float64), step_ms)
        found = glitches(series, box_limits().glitch[quantity], REACH_MS)
        assert found.sum() <= 1


@pytest.mark.parametrize("name", ["datatraining", "datatest", "datatest2"])
def test_a_real_office_has_none(name: str) -> None:
    path = SHARED_DATA / "uci_occupancy" / f"{name}.txt"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    frame = pd.read_csv(path)
    limits = box_limits().glitch
    for column, quantity in (
        ("Temperature", "temperature_c"), ("Humidity", "humidity_pct"), ("CO2", "co2_ppm"),
    ):  # fmt: skip
        series = samples(frame[column].to_numpy(dtype=np.float64), 60_000)
        assert not glitches(series, limits[quantity], REACH_MS).any()
