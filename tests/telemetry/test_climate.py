"""The climate of homes from boxes: rooms first, own days only, outdoors beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from estate.files.folder import read_estate
from estate.model import Device, Estate
from estate.numbers.scaled import write_sample
from estate.periods import HOUR_MS, Period, day_start_ms
from telemetry.readings import Quality
from telemetry.series.home_climate import home_climate
from tests.support import estates as make
from tests.support.samples import HandMadeSource

ZONE = make.building().zone
MONTH = Period.month("2026-01")
HOURS = MONTH.hours(ZONE)
FLATS = [make.flat(name) for name in ("a", "b", "c")]


def box(
    name: str,
    flat: str | None,
    start: date = date(2025, 1, 1),
    end: date | None = None,
    room: str | None = None,
) -> Device:
    return Device(device=name, kind="climate", flat=flat, start=start, end=end, room=room)


def an_estate(*devices: Device) -> Estate:
    return make.estate(FLATS, devices=devices)


def steady(**temperatures: float) -> HandMadeSource:
    """Boxes that report the same temperature in every hour."""
    return HandMadeSource(
        {
            (name.replace("_", "-"), "temperature_c"): [
                (time_ms + 1, value, 0) for time_ms in HOURS.starts_ms.tolist()
            ]
            for name, value in temperatures.items()
        }
    )


def test_rows_stand_in_the_order_of_the_flats() -> None:
    estate = an_estate(box("x", "c"), box("y", "a"))
    climate = home_climate(steady(x=23.0, y=20.0), estate, HOURS)
    assert climate.hours is HOURS
    assert set(climate.values) == {"temperature_c", "humidity_pct", "co2_ppm"}
    assert climate.values["temperature_c"].shape == (3, 744)
    assert climate.values["temperature_c"][:, 0].tolist()[::2] == [20.0, 23.0]
    assert np.isnan(climate.values["temperature_c"][1]).all()
    assert np.isnan(climate.values["co2_ppm"]).all()


def test_boxes_of_a_room_are_averaged_before_the_rooms() -> None:
    estate = an_estate(
        box("stue-1", "a", room="stue"),
        box("stue-2", "a", room="stue"),
        box("bed", "a", room="soveværelse"),
    )
    climate = home_climate(steady(stue_1=22.0, stue_2=24.0, bed=17.0), estate, HOURS)
    # (22 + 24) / 2 = 23 in the living room; (23 + 17) / 2 = 20 in the home, not 63 / 3 = 21.
    assert (climate.values["temperature_c"][0] == 20.0).all()


def test_boxes_without_a_room_share_one() -> None:
    estate = an_estate(box("x", "a"), box("y", "a"), box("bed", "a", room="bed"))
    climate = home_climate(steady(x=22.0, y=24.0, bed=17.0), estate, HOURS)
    assert (climate.values["temperature_c"][0] == 20.0).all()


def test_a_room_that_is_silent_is_left_out_for_that_hour() -> None:
    source = steady(x=22.0, y=18.0)
    time_ms, value, _ = source.rows["y", "temperature_c"][5]
    source.rows["y", "temperature_c"][5] = (time_ms, value, int(Quality.SUSPECT))
    estate = an_estate(box("x", "a", room="stue"), box("y", "a", room="bed"))
    row = home_climate(source, estate, HOURS).values["temperature_c"][0]
    assert row[4:7].tolist() == [20.0, 22.0, 20.0]


def test_a_box_counts_only_where_it_stood() -> None:
    moved = date(2026, 1, 16)
    estate = an_estate(box("x", "a", end=moved), box("x", "b", start=moved, end=date(2026, 1, 20)))
    climate = home_climate(steady(x=21.0), estate, HOURS)
    known = ~np.isnan(climate.values["temperature_c"])
    edge = (day_start_ms(moved, ZONE) - HOURS.start_ms) // HOUR_MS
    assert known[0].nonzero()[0].tolist() == list(range(edge))
    assert known[1].nonzero()[0].tolist() == list(range(edge, edge + 4 * 24))


def test_local_days_decide_in_summer_too() -> None:
    hours = Period.parse("2026-03-29/2026-03-31").hours(ZONE)
    estate = an_estate(box("x", "a", start=date(2026, 3, 30)))
    source = HandMadeSource(
        {("x", "temperature_c"): [(time_ms, 20.0, 0) for time_ms in hours.starts_ms.tolist()]}
    )
    known = ~np.isnan(home_climate(source, estate, hours).values["temperature_c"][0])
    # 29 March has 23 hours: clocks go forward.
    assert known.nonzero()[0].tolist() == list(range(23, 47))


def test_a_box_of_a_common_room_is_in_no_home() -> None:
    climate = home_climate(steady(x=21.0), an_estate(box("x", None)), HOURS)
    assert np.isnan(climate.values["temperature_c"]).all()


def test_outdoor_boxes_are_averaged() -> None:
    outdoor = [
        replace_kind(box("north", None)),
        replace_kind(box("south", None, end=date(2026, 1, 2))),
    ]
    climate = home_climate(steady(north=-2.0, south=4.0), an_estate(*outdoor), HOURS)
    assert set(climate.outdoor) == {"temperature_c", "humidity_pct"}
    assert climate.outdoor["temperature_c"].shape == (744,)
    assert (climate.outdoor["temperature_c"][:24] == 1.0).all()
    assert (climate.outdoor["temperature_c"][24:] == -2.0).all()
    assert np.isnan(climate.outdoor["humidity_pct"]).all()


def replace_kind(device: Device) -> Device:
    return device.model_copy(update={"kind": "outdoor"})


def test_without_boxes_all_is_missing() -> None:
    climate = home_climate(HandMadeSource(), an_estate(), HOURS)
    assert np.isnan(climate.values["temperature_c"]).all()
    assert np.isnan(climate.outdoor["temperature_c"]).all()


def test_the_order_of_devices_does_not_matter(tmp_path: Path) -> None:
    write_sample(tmp_path, "2026-01")
    estate = read_estate(tmp_path)
    random = np.random.default_rng(3)
    source = HandMadeSource(
        {
            (device.device, "temperature_c"): [
                (time_ms, value, 0)
                for time_ms, value in zip(
                    HOURS.starts_ms.tolist(), random.normal(21, 0.3, 744).tolist(), strict=True
                )
            ]
            for device in estate.devices
            if device.kind in ("climate", "outdoor")
        }
    )
    climate = home_climate(source, estate, HOURS)
    backwards = home_climate(source, replace(estate, devices=estate.devices[::-1]), HOURS)
    np.testing.assert_array_equal(
        climate.values["temperature_c"], backwards.values["temperature_c"]
    )
    first = source.rows["box-0101", "temperature_c"]
    assert climate.values["temperature_c"][estate.flat_index["0101"]].tolist() == [
        pytest.approx(value) for _, value, _ in first
    ]
