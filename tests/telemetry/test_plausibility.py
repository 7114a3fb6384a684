"""Unlikely values are stored and count as missing, from the decoder to the bill's arrays."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.periods import HOUR_MS, Hours
from estate.quantities import quantities
from ingest.intake import Intake
from ingest.message import Message
from telemetry.plausibility import suspicion, suspicions
from telemetry.readings import Quality
from telemetry.readings_file.file import read_readings
from telemetry.series.hourly import read_hourly_means
from telemetry.series.registers.registers import hourly_use
from telemetry.stores.sqlite import SqliteStore
from tests.support.ingest_parts import BUILDING, RULES, SOURCES, T0, TOPIC, payload

HOUR0 = T0 - T0 % HOUR_MS
HOURS = Hours((HOUR0, HOUR0 + 2 * HOUR_MS))


@pytest.mark.parametrize(
    ("quantity", "value", "suspect"),
    [
        ("co2_ppm", 73.0, True),
        ("co2_ppm", 280.0, True),
        ("co2_ppm", 420.0, False),
        ("co2_ppm", 5000.0, False),
        ("co2_ppm", 39_999.0, True),
        ("humidity_pct", 0.0, True),
        ("humidity_pct", 100.0, False),
        ("temperature_c", -39.0, False),
        ("heat_kwh", 0.0, False),
        ("battery_v", 0.00298, True),  # volts, taken for the format's millivolts
        ("battery_v", 0.9, False),
    ],
)
def test_single_value(quantity: str, value: float, suspect: bool) -> None:
    assert bool(suspicion(quantity, value) & Quality.SUSPECT) == suspect


@given(
    quantity=st.sampled_from(sorted(quantities())),
    value=st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=20),
)
def test_columns_are_judged_as_single_values(quantity: str, value: list[float]) -> None:
    judged = suspicions(quantity, np.array(value, dtype=np.float64)).tolist()
    assert judged == [suspicion(quantity, each) for each in value]


def test_plausible_limits_are_within_the_physical_ones_and_have_a_source() -> None:
    for each in quantities().values():
        low, high = each.plausible
        assert low < high
        assert bool(each.plausible_source) == (low > each.minimum or high < each.maximum)


def test_sensor_below_outdoor_air_is_no_excellent_air(tmp_path: Path) -> None:
    """What is suspect is in the store, and missing in the hours that bills and alerts read."""
    messages = [
        Message(TOPIC, data, len(data), T0)
        for data in (
            payload(HOUR0 + 60_000, co2_ppm=73.0),
            payload(HOUR0 + HOUR_MS + 60_000, co2_ppm=800.0),
            payload(HOUR0 + HOUR_MS + 120_000, co2_ppm=90.0),
        )
    ]
    taken = Intake(SOURCES, RULES).take(messages[:1])
    assert [each.quality for each in taken.readings] == [Quality.SUSPECT]
    late = [each._replace(arrival_ms=T0 + HOUR_MS) for each in messages]
    store = SqliteStore(tmp_path / "readings.db")
    assert store.write(Intake(SOURCES, RULES).take(late).readings) == []
    samples = store.samples(BUILDING, ["box-0101"], "co2_ppm", HOUR0, HOURS.end_ms)
    assert samples.value.tolist() == [73.0, 800.0, 90.0]
    means = read_hourly_means(store, BUILDING, ["box-0101"], "co2_ppm", HOURS).means
    np.testing.assert_array_equal(means, [[np.nan, 800.0]])
    store.close()


def test_register_of_a_meter_that_is_not_well_counts_as_missing(tmp_path: Path) -> None:
    def telegram(hour: int, kwh: float, status: str) -> Message:
        time = f"2026-01-14T{7 + hour:02d}:00:00Z"
        fields = {"id": "64000101", "media": "heat", "meter": "kamheat", "timestamp": time}
        data = json.dumps(fields | {"total_energy_consumption_kwh": kwh, "status": status}).encode()
        return Message(f"{BUILDING}/wmbusmeters/1", data, len(data), T0 + 4 * HOUR_MS)

    store = SqliteStore(tmp_path / "readings.db")

    def use_with(middle: str) -> list[float]:
        telegrams = [telegram(0, 10.0, "OK"), telegram(1, 12.0, middle), telegram(2, 14.5, "OK")]
        assert store.write(Intake(SOURCES, RULES).take(telegrams).readings) == []
        samples = store.samples(BUILDING, ["64000101"], "heat_kwh", HOUR0, HOURS.end_ms + 1)
        found: list[float] = hourly_use(samples, 1, HOURS)[0].tolist()
        return found

    np.testing.assert_array_equal(use_with("PERMANENT_ERROR"), [np.nan, np.nan])
    assert use_with("LEAK") == [2.0, 2.5]
    store.close()


def test_file_is_judged_as_the_worker_judges(tmp_path: Path) -> None:
    file = tmp_path / "readings.csv"
    file.write_text(
        "time,device,quantity,value\n"
        "2026-01-14T07:05:00Z,box-0101,co2_ppm,73\n"
        "2026-01-14T07:10:00Z,box-0101,co2_ppm,800\n"
    )
    samples = read_readings(file).samples("any", ["box-0101"], "co2_ppm", T0 - 1, T0 + HOUR_MS)
    assert samples.quality.tolist() == [Quality.SUSPECT, Quality.GOOD]
