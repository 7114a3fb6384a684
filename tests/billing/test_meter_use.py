"""What stands in for a meter that tells nothing, in the order of the ordinance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest

from billing.measured.meters.meter_use import MeterUse, read_meters
from billing.measured.spans import degree_days, spans_of
from billing.rules import billing_rules
from estate.model import Device, Estate, Tenancy
from estate.periods import HOUR_MS, Period, day_start_ms
from tests.support.estates import add_register, device, estate, flat, tenancy
from tests.support.samples import HandMadeSource

JANUARY = Period.month("2026-01")
MARCH = Period.month("2026-03")


def of_three(
    devices: Sequence[Device] | None = None, tenancies: Sequence[Tenancy] | None = None
) -> Estate:
    """Return flats of 50, 50 and 100 m² with a heat meter each."""
    return estate(
        [flat("1", 50.0), flat("2", 50.0), flat("3", 100.0)],
        tenancies or [tenancy("1a", "1"), tenancy("2a", "2"), tenancy("3a", "3")],
        devices or [device(f"m{number}", "heat", number) for number in "123"],
        [],
    )


def days(own: Estate, rows: Sequence[tuple[date, float]], hour: int = 0) -> list[tuple[int, float]]:
    zone = own.building.zone
    return [(day_start_ms(day, zone) + hour * HOUR_MS, value) for day, value in rows]


def read(own: Estate, source: HandMadeSource, period: Period) -> MeterUse:
    return read_meters(source, own, spans_of(own, period), "heat", billing_rules())


def month(year: int, start: float, use: float) -> list[tuple[date, float]]:
    return [(date(year, 1, 1), start), (date(year, 2, 1), start + use)]


def test_the_year_before_stands_in_scaled_by_how_the_others_changed() -> None:
    own, source = of_three(), HandMadeSource()
    for name, rows in {
        "m1": [*month(2025, 0, 100), *month(2026, 1000, 120)],
        "m2": month(2025, 0, 50),
        "m3": [*month(2025, 0, 200), *month(2026, 2000, 240)],
    }.items():
        add_register(source, name, "heat_kwh", days(own, rows))
    found = read(own, source, JANUARY)
    assert found.use == pytest.approx([120, 60, 240])
    assert [rows[0].method for rows in found.registers] == ["measured", "year_before", "measured"]
    assert found.estimated_hours.tolist() == [0, 744, 0]


def replaced_at_new_year(*more: Device) -> Estate:
    devices = [
        device("m1", "heat", "1"), device("m3", "heat", "3"),
        device("old", "heat", "2", end=date(2026, 1, 1)),
        device("new", "heat", "2", start=date(2026, 1, 1)),
    ]  # fmt: skip
    return of_three([*devices, *more])


def replaced_and_silent(own: Estate) -> MeterUse:
    source = HandMadeSource()
    for name, rows in {
        "m1": [*month(2025, 0, 100), *month(2026, 1000, 120)],
        "old": month(2025, 0, 500),
        "m3": [*month(2025, 0, 200), *month(2026, 2000, 240)],
    }.items():
        add_register(source, name, "heat_kwh", days(own, rows))
    return read(own, source, JANUARY)


def test_a_new_meter_that_never_spoke_is_told_by_the_one_before_it() -> None:
    """The home's own use of a comparable time comes before that of like homes."""
    found = replaced_and_silent(replaced_at_new_year())
    assert found.use == pytest.approx([120, 600, 240])
    assert [each.method for each in found.registers[1]] == ["year_before"]


def test_beside_another_meter_nobody_knows_which_one_it_replaced() -> None:
    found = replaced_and_silent(replaced_at_new_year(device("second", "heat", "2")))
    assert {each.method for each in found.registers[1]} == {"like_homes"}


def test_without_a_year_before_like_homes_stand_in() -> None:
    own, source = of_three(), HandMadeSource()
    for name, use in {"m1": 120, "m3": 180}.items():
        add_register(source, name, "heat_kwh", days(own, month(2026, 10, use)))
    found = read(own, source, JANUARY)
    assert found.use == pytest.approx([120, 100, 180])
    assert [rows[0].method for rows in found.registers] == ["measured", "like_homes", "measured"]


def test_of_meters_side_by_side_each_stands_for_its_part_of_the_home() -> None:
    """Flats 1 and 2 are alike: the silent one of two meters counts half, not a home of its own."""
    devices = [device(name, "heat", name[1]) for name in ("m1a", "m1b", "m2", "m3")]
    own, source = of_three(devices), HandMadeSource()
    for name, use in {"m1a": 60, "m2": 120, "m3": 240}.items():
        add_register(source, name, "heat_kwh", days(own, month(2026, 10, use)))
    found = read(own, source, JANUARY)
    assert found.use == pytest.approx([60 + 60, 120, 240])
    assert [each.method for each in found.registers[0]] == ["measured", "like_homes"]


def test_a_meter_that_was_replaced_beside_another_is_one_of_two() -> None:
    middle = date(2026, 1, 11)
    devices = [
        device("m1a", "heat", "1"), device("m1b", "heat", "1", end=middle),
        device("m1c", "heat", "1", start=middle), device("m2", "heat", "2"),
        device("m3", "heat", "3"),
    ]  # fmt: skip
    own, source = of_three(devices), HandMadeSource()
    for name, use in {"m1a": 310, "m2": 620, "m3": 1240}.items():
        add_register(source, name, "heat_kwh", days(own, month(2026, 10, use)))
    assert read(own, source, JANUARY).use == pytest.approx([310 + 100 + 210, 620, 1240])


def test_a_home_without_a_meter_is_estimated_over_all_its_hours() -> None:
    devices = [device(f"m{number}", "heat", number) for number in "13"]
    own, source = of_three(devices), HandMadeSource()
    for name, use in {"m1": 120, "m3": 180}.items():
        add_register(source, name, "heat_kwh", days(own, month(2026, 10, use)))
    found = read(own, source, JANUARY)
    assert found.use == pytest.approx([120, 100, 180])
    assert found.registers[1] == ()
    assert found.estimated_hours.tolist() == [0, 744, 0]


def test_no_meter_tells_anything() -> None:
    own = of_three()
    assert np.isnan(read(own, HandMadeSource(), JANUARY).use).all()


def moved(on: date) -> list[Tenancy]:
    return [
        tenancy("1a", "1", end=on), tenancy("1b", "1", start=on), tenancy("2a", "2"),
        tenancy("3a", "3"),
    ]  # fmt: skip


def test_an_interim_reading_divides_a_flat_at_the_change() -> None:
    """Read at noon of the day before and of the day itself: half a day each way, in March."""
    on = date(2026, 3, 11)
    own, source = of_three(tenancies=moved(on)), HandMadeSource()
    readings = [(MARCH.start, 0.0), (on - timedelta(days=1), 70.0), (on, 80.0), (MARCH.end, 300.0)]
    rows = days(own, [readings[0], readings[3]]) + days(own, readings[1:3], hour=12)
    add_register(source, "m1", "heat_kwh", rows)
    found = read(own, source, MARCH)
    assert found.use[:2] == pytest.approx([75, 225])
    assert [rows[0].method for rows in found.registers[:2]] == ["interpolated", "interpolated"]
    assert [rows[0].interpolated_hours for rows in found.registers[:2]] == [12, 12]


def test_without_one_degree_days_divide_it_and_the_hours_are_told() -> None:
    """From February into March: 150 and 130 per mille over 28 and 31 days."""
    spring = Period(date(2026, 2, 1), date(2026, 4, 1))
    on = date(2026, 3, 1)
    own, source = of_three(tenancies=moved(on)), HandMadeSource()
    add_register(source, "m1", "heat_kwh", days(own, [(spring.start, 0), (spring.end, 280)]))
    found = read(own, source, spring)
    assert found.use[:2] == pytest.approx([150, 130])
    assert found.estimated_hours[:2].tolist() == [0, 0]
    assert [rows[0].interpolated_hours for rows in found.registers[:2]] == [28 * 24, 31 * 24 - 1]
    assert [rows[0].method for rows in found.registers[:2]] == ["interpolated", "interpolated"]
    assert float(degree_days(Period(spring.start, on)) * 1000) == pytest.approx(150)


def test_a_meter_replaced_under_one_id_is_two_by_its_registers_in_devices_csv() -> None:
    on = date(2026, 1, 11)
    devices = [
        device("m1", "heat", "1", end=on, end_register=130.0),
        device("m1", "heat", "1", start=on, start_register=7.0),
        device("m2", "heat", "2"),
        device("m3", "heat", "3"),
    ]
    own, source = of_three(devices), HandMadeSource()
    rows = [(date(2026, 1, 1), 100.0), (date(2026, 1, 9), 122.0), (date(2026, 1, 13), 12.0),
            (date(2026, 2, 1), 57.0)]  # fmt: skip
    add_register(source, "m1", "heat_kwh", days(own, rows))
    found = read(own, source, JANUARY)
    assert [each.use for each in found.registers[0]] == pytest.approx([30, 50])
    assert found.use[0] == pytest.approx(80)
    assert [each.breaks for each in found.notes[:2]] == [(), ()]


def test_the_factor_turns_a_count_into_use() -> None:
    own = of_three([device("m1", "heat", "1", factor=1000.0)])
    source = HandMadeSource()
    add_register(source, "m1", "heat_kwh", days(own, month(2026, 5, 0.25)))
    (register,) = read(own, source, JANUARY).registers[0]
    assert (register.use, register.start_register, register.factor) == (250, 5, 1000)


@pytest.mark.parametrize("end", [1_200, 9_440, 999_999], ids=["replaced", "set back", "a typo"])
def test_two_readings_that_cannot_be_one_register_are_no_use_of_0(end: float) -> None:
    own, source = of_three(), HandMadeSource()
    year = Period(date(2025, 1, 1), date(2026, 1, 1))
    for name, first, last in (("m1", 0, 4_000), ("m2", 10_000, end), ("m3", 0, 8_000)):
        rows = days(own, [(year.start, first), (year.end, last)])
        add_register(source, name, "heat_kwh", rows)
    found = read(own, source, year)
    assert found.use == pytest.approx([4_000, 4_000, 8_000])
    assert [rows[0].method for rows in found.registers] == ["measured", "like_homes", "measured"]
    told = found.notes[1]
    assert [each.after for each in told.breaks] == [end]
    assert told.still.hours == 0
