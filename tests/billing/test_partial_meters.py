"""Meters fitted late, lost, replaced and left unread: a flat first, its tenancies after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from billing.measured.meters.common_meters import common_use, read_common_meters
from billing.measured.meters.meter_use import MeterUse, read_meters
from billing.measured.spans import a_year_before, degree_days, spans_of
from billing.rules import billing_rules
from estate.model import Device, DeviceKind, Estate, Tenancy
from estate.periods import Period, day_start_ms
from tests.support.estates import add_register, device, estate, flat, tenancy
from tests.support.samples import HandMadeSource

JANUARY = Period.month("2026-01")
YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))
MOVED = date(2026, 1, 16)

Readings = Sequence[tuple[date, float]]


def january(day: int, register: float) -> tuple[date, float]:
    """Return a reading at a day's start; day 32 is the month's end."""
    return JANUARY.start + timedelta(days=day - 1), register


def two_flats(*meters: Device, tenancies: Sequence[Tenancy] | None = None) -> Estate:
    """Return flats of 50 m²; the second has a meter of its own."""
    lets = tenancies or [tenancy("1a", "1")]
    return estate(
        [flat("1", 50.0), flat("2", 50.0)],
        [*lets, tenancy("2a", "2")],
        [*meters, device("m2", "heat", "2"), device("w2", "hot_water", "2")],
        [],
    )


def read(
    own: Estate, readings: dict[str, Readings], period: Period, kind: DeviceKind = "heat"
) -> MeterUse:
    quantity = "heat_kwh" if kind == "heat" else "hot_water_m3"
    source, zone = HandMadeSource(), own.building.zone
    for name, rows in readings.items():
        edges = [(day_start_ms(day, zone), value) for day, value in rows]
        add_register(source, name, quantity, edges)
    return read_meters(source, own, spans_of(own, period), kind, billing_rules())


OTHER = [january(1, 100.0), january(32, 720.0)]
"""620 kWh in January: 20 a day."""


def test_a_meter_fitted_late_goes_by_its_own_rate_and_not_by_the_neighbour_s() -> None:
    own = two_flats(device("m1", "heat", "1", start=january(21, 0)[0], start_register=0.0))
    found = read(own, {"m1": [january(32, 330)], "m2": OTHER}, JANUARY)
    assert found.use == pytest.approx([930, 620])
    (register,) = found.registers[0]
    assert (register.method, register.estimated_hours) == ("own_rate", 20 * 24)
    assert found.notes[0].bare == (Period(january(1, 0)[0], january(21, 0)[0]),)


def test_a_meter_read_over_few_days_keeps_them_and_takes_like_homes_for_the_rest() -> None:
    """150 kWh in 5 days, and 26 days of 20 kWh."""
    own = two_flats(device("m1", "heat", "1", start=january(27, 0)[0], start_register=7.0))
    found = read(own, {"m1": [january(32, 157)], "m2": OTHER}, JANUARY)
    # Its own five days tell of like homes too: 770 kWh in 36 days of a flat.
    assert found.use[0] == pytest.approx(150 + 26 * 770 / 36)
    assert found.registers[0][0].method == "like_homes"


def test_days_after_the_last_meter_are_estimated_and_not_nothing() -> None:
    own = two_flats(device("m1", "heat", "1", end=january(11, 0)[0]))
    found = read(own, {"m1": [january(1, 0), january(11, 300)], "m2": OTHER}, JANUARY)
    assert found.use == pytest.approx([930, 620])
    assert found.notes[0].bare == (Period(january(11, 0)[0], JANUARY.end),)


def test_two_risers_fitted_late_are_both_extended_and_one_alone_is_not() -> None:
    late, later = january(11, 0)[0], january(21, 0)[0]
    risers = [
        device("a", "heat", "1", start=late, start_register=0.0),
        device("b", "heat", "1", start=late, start_register=0.0),
        device("c", "heat", "1", start=later, start_register=0.0),
    ]
    readings = {"a": [january(32, 210)], "b": [january(32, 105)], "c": [january(32, 11)]}
    found = read(two_flats(*risers), {**readings, "m2": OTHER}, JANUARY)
    assert [each.use for each in found.registers[0]] == pytest.approx([310, 155, 11])


def test_a_lost_meter_takes_the_rate_of_the_one_after_it() -> None:
    change = january(9, 0)[0]
    meters = [
        device("old", "heat", "1", end=change),
        device("new", "heat", "1", start=change, start_register=0.0),
    ]
    found = read(two_flats(*meters), {"new": [january(32, 230)], "m2": OTHER}, JANUARY)
    assert [(each.device, each.method) for each in found.registers[0]] == [
        ("old", "own_rate"), ("new", "measured"),
    ]  # fmt: skip
    assert found.use[0] == pytest.approx(310)


@pytest.mark.parametrize(
    "reads", [[(1, 0.0), (12, 330.0)], [(1, 0.0), (32, 620.0)], [(20, 5.0)], []]
)
def test_a_move_changes_what_no_other_flat_uses_nor_its_own(reads: list[tuple[int, float]]) -> None:
    meter, rows = device("m1", "heat", "1"), [january(*each) for each in reads]
    lets = [tenancy("1a", "1", end=MOVED), tenancy("1b", "1", start=MOVED)]
    one = read(two_flats(meter), {"m1": rows, "m2": OTHER}, JANUARY)
    two = read(two_flats(meter, tenancies=lets), {"m1": rows, "m2": OTHER}, JANUARY)
    assert two.use[:2].sum() == pytest.approx(one.use[0], abs=1e-9)
    assert two.use[2] == one.use[1]
    assert two.estimated_part.tolist() == [*one.estimated_part[[0]], *one.estimated_part]


def test_two_meters_silent_in_turn_are_half_estimated_whoever_moves() -> None:
    meters = [device("a", "heat", "1"), device("b", "heat", "1")]
    rows = {"a": [january(1, 0), january(16, 150)], "b": [january(16, 0), january(32, 160)]}
    lets = [tenancy("1a", "1", end=MOVED), tenancy("1b", "1", start=MOVED)]
    for own in (two_flats(*meters), two_flats(*meters, tenancies=lets)):
        found = read(own, {**rows, "m2": OTHER}, JANUARY)
        assert found.estimated_part[0] == pytest.approx((16 + 15) / 62)


def test_readings_of_two_years_are_one_measured_use() -> None:
    """Read in October 2024 and 2026 alone: half of the two years' degree-days lie in 2025."""
    own = two_flats(device("m1", "heat", "1"))
    rows = [(date(2024, 10, 1), 1_000.0), (date(2026, 10, 1), 9_000.0)]
    found = read(own, {"m1": rows, "m2": [(YEAR.start, 0), (YEAR.end, 5_000)]}, YEAR)
    assert found.use == pytest.approx([4_000, 5_000])
    (register,) = found.registers[0]
    assert (register.method, register.estimated_hours) == ("interpolated", 0)
    assert [each.gap_hours for each in found.notes[0].unread] == [730 * 24] * 2


def test_a_zero_at_the_edge_is_seen_by_the_readings_far_beyond_it() -> None:
    own = two_flats(device("m1", "heat", "1"))
    rows = [(date(2024, 7, 1), 9_000.0), (YEAR.start, 0.0), (date(2025, 7, 1), 15_000.0),
            (YEAR.end, 18_000.0), (date(2026, 7, 1), 21_000.0)]  # fmt: skip
    found = read(own, {"m1": rows, "m2": [(YEAR.start, 0), (YEAR.end, 5_000)]}, YEAR)
    left_out = found.notes[0].left_out
    assert left_out is not None
    assert (left_out.count, left_out.lowest) == (1, 0)
    assert found.use[0] < 18_000 - 9_000


def test_hot_water_is_extended_by_days_whatever_the_weather() -> None:
    """12 m³ in the 120 days to May, which are the coldest of the year."""
    own = two_flats(device("w1", "hot_water", "1"))
    rows = [(YEAR.start, 0.0), (date(2025, 5, 1), 12.0)]
    found = read(own, {"w1": rows, "w2": [(YEAR.start, 0), (YEAR.end, 20)]}, YEAR, "hot_water")
    assert found.use[0] == pytest.approx(36.5, rel=1e-3)
    assert found.registers[0][0].method == "own_rate"


@pytest.mark.parametrize(("kind", "follows"), [("heat", False), ("main_heat", True)])
def test_a_tank_s_heat_goes_by_time_and_a_building_s_by_the_weather(
    kind: DeviceKind, follows: bool
) -> None:
    own = two_flats(device("plant", kind, None))
    source, zone = HandMadeSource(), own.building.zone
    until = date(2025, 6, 1)
    rows = [(day_start_ms(day, zone), value) for day, value in ((YEAR.start, 0.0), (until, 906.0))]
    add_register(source, "plant", "heat_kwh", rows)
    found = common_use(read_common_meters(source, own, YEAR, kind), YEAR, zone)
    part = float(degree_days(Period(YEAR.start, until))) if follows else 151 / 365
    assert found.use == pytest.approx(906 / part, rel=1e-3)
    assert [each.name for each in found.findings] == ["billing.register.estimated"]


@pytest.mark.parametrize(
    ("days", "before"),
    [
        ((date(2024, 2, 29), date(2024, 3, 1)), (date(2023, 2, 28), date(2023, 3, 1))),
        ((date(2024, 2, 1), date(2024, 2, 29)), (date(2023, 2, 1), date(2023, 3, 1))),
        ((date(2024, 2, 29), date(2024, 3, 2)), (date(2023, 3, 1), date(2023, 3, 2))),
        ((date(2025, 2, 28), date(2025, 3, 1)), (date(2024, 2, 28), date(2024, 3, 1))),
    ],
)
def test_a_leap_day_has_a_year_before(days: tuple[date, date], before: tuple[date, date]) -> None:
    assert a_year_before(Period(*days)) == Period(*before)
