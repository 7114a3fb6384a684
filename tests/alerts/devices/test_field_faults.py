"""Every fault of devices that was seen in the field ends as its collection says."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from alerts.detect import Meters, detect
from alerts.detectors.intervals import intervals_of, registers_of
from alerts.detectors.limits import limits
from alerts.model import AlertKind
from alerts.run import check_building
from estate.periods import HOUR_MS, Period
from ingest.decoders import decoders
from ingest.decoders.payload.model import DecodeOptions
from telemetry.plausibility import suspicion
from telemetry.readings import Reading, Samples
from telemetry.series.registers.one_register import fitting_samples
from telemetry.series.registers.register_breaks import register_limits
from telemetry.series.registers.registers import hourly_use
from telemetry.stores.open import open_store
from tests.support import estates as make
from tests.support.real_month import SHARED_DATA

FILE = SHARED_DATA / "device_payloads" / "field_faults.json"
ZONE = ZoneInfo("UTC")
DAY = Period(date(2026, 1, 5), date(2026, 1, 6))
HOURS = DAY.hours(ZONE)
START_MS = HOURS.start_ms
Row = dict[str, Any]


def stored(
    path: Path, quantity: str, rows: list[tuple[int, float]], *more: tuple[str, list[Any]]
) -> list[Samples]:
    """What the store returns of readings written in this order, one write each as they came."""
    store = open_store(f"sqlite:///{path / 'readings.db'}")
    found = []
    for name, its in ((quantity, rows), *more):
        for time_ms, value in its:
            store.write([Reading("b", "m", name, time_ms, value, suspicion(name, value), time_ms)])
        found.append(store.samples("b", ["m"], name, 0, 1 << 60))
    store.close()
    return found


def repeated_hour(row: Row, path: Path) -> None:
    def clock_ms(text: str) -> int:
        moment = datetime.fromisoformat(f"2026-01-05T{text}").replace(tzinfo=UTC)
        return round(moment.timestamp() * 1000)

    rows = [(clock_ms(each["meter_clock"]), each["kwh"]) for each in row["rows"]]
    (samples,) = stored(path, "electricity_kwh", rows)
    assert len(samples) == 3
    most = register_limits().most_per_hour["electricity_kwh"]
    (register,) = registers_of(samples, 1, most, limits())
    intervals = intervals_of([register], limits().interval_least_hours)
    # One interval of two hours: nothing is said of 17 to 18 alone.
    hours = [(end - start) / HOUR_MS for start, end in
             zip(intervals.start_ms[0], intervals.end_ms[0], strict=True)]  # fmt: skip
    assert hours == [1, 2]
    assert intervals.use[0] == pytest.approx([1.768, 8.056])
    use = hourly_use(samples, 1, HOURS)[0, 17:19]
    assert use[0] != 0
    assert np.nansum(use) == pytest.approx(8.056) or np.isnan(use).all()
    assert detect([Meters("electricity_kwh", ["m"], samples)], ZONE, limits()) == []


def zero_total(row: Row, path: Path) -> None:
    values = [7.1, 7.156, 0.0, 7.2, 0.0, 0.0, 7.3]
    rows = [(START_MS + number * HOUR_MS, value) for number, value in enumerate(values)]
    (samples,) = stored(path, "cold_water_m3", rows)
    fitting = fitting_samples(samples, 1, "cold_water_m3")
    assert fitting.value.tolist() == [7.1, 7.156, 7.2, 7.3]
    assert detect([Meters("cold_water_m3", ["m"], samples)], ZONE, limits()) == []


def energy_zero(row: Row, path: Path) -> None:
    times = [START_MS + number * HOUR_MS for number in range(24)]
    energy = [(time_ms, 0.0) for time_ms in times]
    volume = [(time_ms, 885.04 + number * 10 / 23) for number, time_ms in enumerate(times)]
    store = open_store(f"sqlite:///{path / 'readings.db'}")
    for name, its in (("heat_kwh", energy), ("heat_volume_m3", volume)):
        store.write([Reading("house", "m", name, at, value, 0, at) for at, value in its])
    house = make.estate([make.flat("f1")], devices=[make.device("m", "heat", "f1")])
    checked = check_building(house, store, DAY)
    store.close()
    (alert,) = [each for each in checked.alerts if each.kind is AlertKind.DEVICE_FAULT]
    assert (alert.device, alert.evidence["fault"]) == ("m", "no_energy")


def wrong_order(row: Row, path: Path) -> None:
    value = [(START_MS + number * 10_000, 100 + number * 0.01) for number in range(60)]
    shuffled = [value[number] for number in np.random.default_rng(1).permutation(60).tolist()]
    (samples,) = stored(path, "electricity_kwh", shuffled)
    assert np.all(np.diff(samples.time_ms) > 0)
    assert np.all(np.diff(fitting_samples(samples, 1, "electricity_kwh").value) > 0)
    use = hourly_use(samples, 1, HOURS)
    assert not (use < 0).any()


def uncalibrated_co2(row: Row, path: Path) -> None:
    days = Period(date(2026, 1, 1), date(2026, 1, 8)).hours(ZONE)
    rng = np.random.default_rng(2)
    store = open_store(f"sqlite:///{path / 'readings.db'}")
    for name, low, high in (
        ("temperature_c", 20.5, 21.5), ("humidity_pct", 38, 44), ("co2_ppm", 73, 280),
    ):  # fmt: skip
        values = rng.uniform(low, high, days.count)
        store.write(
            [
                Reading("house", "m", name, at, value, suspicion(name, value), at)
                for at, value in zip(days.starts_ms.tolist(), values.tolist(), strict=True)
            ]
        )
    house = make.estate([make.flat("f1")], devices=[make.device("m", "climate", "f1")])
    checked = check_building(house, store, Period(date(2026, 1, 1), date(2026, 1, 8)))
    store.close()
    (alert,) = [each for each in checked.alerts if each.kind is AlertKind.DEVICE_FAULT]
    assert (alert.device, alert.evidence["fault"]) == ("m", "co2_low")


def zero_left_out(row: Row, path: Path) -> None:
    uplink = {"decoded_payload": {"temperature": 21.5, "humidity": 40}}
    message = {"end_device_ids": {"device_id": "box"}, "received_at": "2026-01-05T10:00:00Z"}
    topic, found = "v3/app@t/devices/box/up", []
    for more in ({"f_port": 2, "f_cnt": 7}, {"f_port": 2}, {}):
        payload = json.dumps(message | {"uplink_message": uplink | more}).encode()
        decoded = decoders()["ttn"](topic, payload, START_MS, DecodeOptions())
        assert not decoded.rejects
        found.append([(each.quantity, each.value) for each in decoded.measurements])
    assert found[0]
    assert found[1] == found[0]
    assert found[2] == found[0]


ENDS: dict[str, Callable[[Row, Path], None]] = {
    "repeated_hour_register": repeated_hour,
    "total_zero_in_short_telegram": zero_total,
    "multical302_energy_zero": energy_zero,
    "mqtt_order_not_kept": wrong_order,
    "uncalibrated_co2": uncalibrated_co2,
    "ttn_zero_omitted": zero_left_out,
}


@pytest.mark.skipif(not FILE.exists(), reason="needs ../shared/data")
@pytest.mark.parametrize(
    "row", json.loads(FILE.read_text("utf-8")) if FILE.exists() else [], ids=lambda row: row["id"]
)
def test_a_fault_from_the_field_ends_as_its_row_says(row: Row, tmp_path: Path) -> None:
    assert row["id"] in ENDS, f"say here how it ends: {row['expect']}"
    ENDS[row["id"]](row, tmp_path)
