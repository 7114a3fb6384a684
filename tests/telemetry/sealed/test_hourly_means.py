"""Hourly means read from sealed months are those that are computed of all readings, to the bit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from estate.periods import Period
from telemetry.readings import Quality, Reading, Samples
from telemetry.series.hourly import HourlyMeans, Window, read_windows
from telemetry.series.settled_means import ClimateHours, basis_of
from telemetry.stores.hours import HourAxis
from telemetry.stores.sealed.store import SealedStore
from telemetry.stores.sqlite import SqliteStore
from tests.support.sealed_months import BUILDING, DAY_MS, HOUR_MS

ZONE = ZoneInfo("Europe/Copenhagen")
FIRST, LAST = date(2026, 1, 10), date(2026, 4, 20)
START_MS = 1_767_999_600_000
"""2026-01-09 23:00 UTC, which is the start of the first day."""
BORDER_MS = 1_774_915_200_000
"""2026-03-31: January and February are sealed, the others are hot."""
DEVICES = ("often", "hourly", "seldom", "later", "gone", "glitches", "nobody")
ON = date(2026, 1, 10)


class Counting(SealedStore):
    """Counts the readings that are read."""

    read = 0

    def samples(
        self, building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
    ) -> Samples:
        found = super().samples(building, devices, quantity, start_ms, end_ms)
        self.read += len(found)
        return found


def times_of(device: str, random: np.random.Generator) -> np.ndarray:
    step = {"often": 300_000, "seldom": 9 * HOUR_MS, "glitches": 1_200_000}.get(device, HOUR_MS)
    first, last = START_MS, START_MS + 98 * DAY_MS
    if device == "later":
        first += 25 * DAY_MS
    if device == "gone":
        last -= 60 * DAY_MS
    times = np.arange(first, last, step) + random.integers(0, 60_000)
    kept = random.random(len(times)) > 0.05
    # A week of silence over the end of a month, and a day of it within one.
    quiet = (times > START_MS + 18 * DAY_MS) & (times < START_MS + 25 * DAY_MS)
    quiet &= device in {"hourly", "glitches"}
    return times[kept & ~quiet]


def readings(quantity: str, seed: int) -> list[Reading]:
    random, found = np.random.default_rng(seed), []
    for device in DEVICES[:-1]:
        times = times_of(device, random)
        values = np.round(21 + np.cumsum(random.normal(0, 0.05, len(times))), 1)
        # So many that those at the ends of months and windows are judged by what is beyond them.
        odd = random.random(len(times)) < {"glitches": 0.35, "seldom": 0.2}.get(device, 0.001)
        values[odd] += random.choice([-40.0, 60.0, 2000.0], odd.sum())
        bad = random.random(len(times)) < 0.02
        for time_ms, value, suspect in zip(times.tolist(), values.tolist(), bad, strict=True):
            quality = Quality.SUSPECT if suspect else Quality.GOOD
            found.append(Reading(BUILDING, device, quantity, time_ms, value, quality, time_ms + 9))
    return found


@pytest.fixture(scope="module", params=["temperature_c", "co2_ppm"])
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[SqliteStore, Counting, str]:
    directory = tmp_path_factory.mktemp("means")
    written = readings(request.param, 5)
    plain = SqliteStore(directory / "plain.db")
    plain.write(written)
    sealed = Counting(SqliteStore(directory / "hot.db"), directory / "sealed", ClimateHours)
    sealed.write(written)
    done = list(sealed.seal(BUILDING, BORDER_MS, BORDER_MS))
    assert [each.month for each in done] == ["2026-01", "2026-02"]
    return plain, sealed, request.param


def windows(seed: int) -> list[Window]:
    random, days = np.random.default_rng(seed), (LAST - FIRST).days
    first, end = sorted(random.choice(days, 2, replace=False).tolist())
    period = Period(FIRST + timedelta(days=first), FIRST + timedelta(days=end))
    whole = Window(Period(FIRST, LAST).hours(ZONE), ON)
    return [Window(period.hours(ZONE), ON)] if seed % 2 else [whole, Window(period.hours(ZONE), ON)]


def assert_same(one: list[HourlyMeans], other: list[HourlyMeans]) -> None:
    for mine, its in zip(one, other, strict=True):
        # Bits, so that a sum in another order is told.
        assert np.array_equal(mine.means.view(np.int64), its.means.view(np.int64))
        assert np.array_equal(mine.glitches, its.glitches)
        assert np.array_equal(mine.implausible, its.implausible)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(24))
def test_means_are_those_of_all_readings(
    both: tuple[SqliteStore, Counting, str], seed: int
) -> None:
    plain, sealed, quantity = both
    wanted = windows(seed)
    expected = read_windows(plain, BUILDING, DEVICES, quantity, wanted)
    assert_same(read_windows(sealed, BUILDING, DEVICES, quantity, wanted), expected)
    assert np.isfinite(expected[0].means).any()


def test_few_readings_are_read_where_a_month_is_sealed(
    both: tuple[SqliteStore, Counting, str],
) -> None:
    plain, sealed, quantity = both
    window = [Window(Period(date(2026, 1, 12), date(2026, 2, 26)).hours(ZONE), ON)]
    hours = window[0].hours
    everything = len(plain.samples(BUILDING, ["often"], quantity, hours.start_ms, hours.end_ms))
    sealed.read = 0
    read_windows(sealed, BUILDING, ["often"], quantity, window)
    assert 0 < sealed.read < everything / 50


@pytest.mark.slow
def test_late_readings_hold_over_sealed_means(tmp_path: Path) -> None:
    written = readings("temperature_c", 7)
    late = [
        Reading(BUILDING, "often", "temperature_c", START_MS + 12 * DAY_MS + 77, 30.5, 0, 1),
        written[len(written) // 3]._replace(value=17.0),
    ]
    plain = SqliteStore(tmp_path / "plain.db")
    plain.write(written + late)
    sealed = SealedStore(SqliteStore(tmp_path / "hot.db"), tmp_path / "sealed", ClimateHours)
    sealed.write(written)
    list(sealed.seal(BUILDING, BORDER_MS, BORDER_MS))
    sealed.write(late)
    wanted = [Window(Period(FIRST, LAST).hours(ZONE), ON)]
    expected = read_windows(plain, BUILDING, DEVICES, "temperature_c", wanted)
    assert_same(read_windows(sealed, BUILDING, DEVICES, "temperature_c", wanted), expected)
    list(sealed.seal(BUILDING, BORDER_MS, BORDER_MS))
    assert sealed.hot.first_ms(BUILDING, "temperature_c", 0, BORDER_MS - 31 * DAY_MS) is None
    assert_same(read_windows(sealed, BUILDING, DEVICES, "temperature_c", wanted), expected)


def test_means_of_other_limits_are_made_again(both: tuple[SqliteStore, Counting, str]) -> None:
    plain, sealed, quantity = both
    hours = Period(FIRST, LAST).hours(ZONE)
    axis = HourAxis(hours.start_ms, hours.count)
    basis = basis_of(quantity, ON)
    assert sealed.settled_hours(BUILDING, DEVICES, quantity, axis, basis) is not None
    assert sealed.settled_hours(BUILDING, DEVICES, quantity, axis, "another") is None
    assert plain.count(BUILDING) == sealed.count(BUILDING)


@pytest.mark.slow
def test_a_damaged_file_of_means_changes_no_mean(tmp_path: Path) -> None:
    written = readings("temperature_c", 9)
    plain = SqliteStore(tmp_path / "plain.db")
    plain.write(written)
    sealed = SealedStore(SqliteStore(tmp_path / "hot.db"), tmp_path / "sealed", ClimateHours)
    sealed.write(written)
    list(sealed.seal(BUILDING, BORDER_MS, BORDER_MS))
    for path in (tmp_path / "sealed").rglob("*-hours-*.parquet"):
        path.write_bytes(path.read_bytes()[:-100])
    wanted = [Window(Period(FIRST, LAST).hours(ZONE), ON)]
    expected = read_windows(plain, BUILDING, DEVICES, "temperature_c", wanted)
    assert_same(read_windows(sealed, BUILDING, DEVICES, "temperature_c", wanted), expected)
