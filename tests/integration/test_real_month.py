"""A month of series through a real broker into both stores: same arrays, same bill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from billing.bill.bill import Bill
from billing.schemes import load_scheme
from estate.files.folder import read_estate
from estate.model import Estate
from estate.periods import Period
from operations.bill_building import bill_building
from operations.bill_files import bill_files
from operations.mqtt_address import MqttAddress
from operations.readings.publish_file import Publisher, messages
from telemetry.readings_file.file import read_readings
from telemetry.series.home_climate import home_climate
from telemetry.series.registers.registers import hourly_use
from telemetry.stores.open import open_store
from telemetry.stores.store import Store
from tests.support.influxdb import Influxdb
from tests.support.ingest_parts import wait_until
from tests.support.ingest_process import ingest_process, write_settings
from tests.support.mosquitto import Mosquitto
from tests.support.real_month import (
    AREAS_M2,
    BUILDING,
    HEAT_METER,
    RealMonth,
    hourly_mean,
    made_series,
    measured_series,
    require_shared_data,
    write_month,
)

PERIOD = "2026-02-01/2026-03-01"
HOURS = 28 * 24


@dataclass
class Replayed:
    """The month in both stores, after it went through the broker."""

    month: RealMonth
    estate: Estate
    stores: Mapping[str, Store]
    readings: int


@pytest.fixture(params=["made", "measured"])
def replayed(
    request: pytest.FixtureRequest, tmp_path: Path, mosquitto: Mosquitto, influxdb: Influxdb
) -> Iterator[Replayed]:
    if request.param == "measured":
        require_shared_data()
    series = made_series() if request.param == "made" else measured_series()
    month = write_month(tmp_path, series)
    estate = read_estate(month.estate)
    urls = {
        "sqlite": f"sqlite:///{tmp_path}/readings.db",
        "influxdb": f"influxdb://{influxdb.host}:{influxdb.port}/{influxdb.create_database()}",
    }
    stream = list(messages(estate, rows_of(month)))
    readings = sum(message.readings for message in stream)
    with ExitStack() as stack:
        stores = {name: open_store(url) for name, url in urls.items()}
        for store in stores.values():
            stack.callback(store.close)
        for name, url in urls.items():
            config = write_settings(tmp_path, name, url, month.estate, BUILDING, mosquitto)
            end = stack.enter_context(ingest_process(config))
            stack.callback(end)
        publisher = Publisher(MqttAddress.parse(f"mqtt://{mosquitto.host}:{mosquitto.port}"))
        publisher.publish(stream)
        assert publisher.published == len(stream)
        for store in stores.values():
            wait_until(lambda store=store: store.count(BUILDING) >= readings)  # type: ignore[misc]
        yield Replayed(month, estate, stores, readings)


def rows_of(month: RealMonth) -> Iterator[tuple[int, str, str, float]]:
    columns = read_readings(month.readings).columns()
    names = ("time_ms", "device", "quantity", "value")
    return zip(*(columns[name].tolist() for name in names), strict=True)


@pytest.mark.integration
def test_month_is_the_same_in_both_stores_and_the_files(replayed: Replayed, tmp_path: Path) -> None:
    month, estate = replayed.month, replayed.estate
    period = Period.parse(PERIOD)
    bills = {}
    for name, store in replayed.stores.items():
        assert store.count(BUILDING) == replayed.readings
        check_climate(month, estate, store, period)
        check_heat(month, estate, store, period)
        bills[name] = bill_building(estate, store, period, load_scheme(str(month.scheme)))
    assert bills["sqlite"].rows == bills["influxdb"].rows
    from_files = bill_files(
        month.estate, month.readings, PERIOD, str(month.scheme), tmp_path / "bill"
    )
    assert bills["sqlite"].rows == from_files.rows
    check_bill(bills["sqlite"])


def check_climate(month: RealMonth, estate: Estate, store: Store, period: Period) -> None:
    climate = home_climate(store, estate, period.hours(estate.building.zone))
    for quantity in ("temperature_c", "humidity_pct"):
        for row, flat in enumerate(estate.flats):
            expected = hourly_mean(month.series[f"box-{flat.flat}", quantity])
            suspect = np.logical_or.reduce([each[row] for each in climate.suspect.values()])
            # A real home's box has hours in the sun, and few of them.
            assert suspect.mean() <= 0.02
            check_series(climate.values[quantity][row], expected.mask(suspect))
        expected = hourly_mean(month.series["outdoor-R2", quantity])
        check_series(climate.outdoor[quantity], expected)


def check_series(
    found: np.ndarray[tuple[int], np.dtype[np.float64]], expected: pd.Series[float]
) -> None:
    assert found.shape == (HOURS,)
    np.testing.assert_allclose(found, expected.to_numpy(), rtol=0, atol=1e-9)


def check_heat(month: RealMonth, estate: Estate, store: Store, period: Period) -> None:
    hours = period.hours(estate.building.zone)
    samples = store.samples(BUILDING, [HEAT_METER], "heat_kwh", hours.start_ms, hours.end_ms + 1)
    expected = month.series[HEAT_METER, "heat_kwh"].diff().iloc[1:].to_numpy()
    np.testing.assert_allclose(hourly_use(samples, 1, hours)[0], expected, rtol=0, atol=1e-9)


def check_bill(bill: Bill) -> None:
    assert sum(row.amount_ore for row in bill.rows) == bill.total_ore == 1_234_567
    assert {statement.flat for statement in bill.statements} == set(AREAS_M2)
    assert all(statement.total_ore > 0 for statement in bill.statements)
