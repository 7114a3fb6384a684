"""Meters that count for all homes, such as the tank's: what stands in where they were not read."""

from __future__ import annotations

from datetime import date

import pytest

from billing.measured.meters.common_meters import CommonUse, common_use, read_common_meters
from estate.periods import Period, day_start_ms
from tests.support.estates import add_register, device, estate, flat
from tests.support.samples import HandMadeSource

YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
HOURS = 8760


def tank_use(*readings: tuple[date, float], silent: tuple[str, ...] = ()) -> CommonUse:
    devices = [device(name, "heat", None) for name in ("tank", *silent)]
    own, source = estate([flat("1")], [], devices, []), HandMadeSource()
    rows = [(day_start_ms(day, own.building.zone), value) for day, value in readings]
    add_register(source, "tank", "heat_kwh", rows)
    meters = read_common_meters(source, own, YEAR, "heat")
    return common_use(meters, YEAR, own.building.zone)


def told(found: CommonUse) -> list[tuple[str, object]]:
    return [(each.name, each.data.get("method")) for each in found.findings]


def test_a_tank_that_dies_in_february_goes_on_as_it_went() -> None:
    """46 of 365 days, less than a quarter, 20 kWh a day."""
    found = tank_use((date(2026, 1, 1), 100), (date(2026, 2, 16), 100 + 46 * 20))
    assert found.use == pytest.approx(365 * 20)
    assert told(found) == [("billing.register.estimated", "own_rate")]
    assert found.findings[0].data["missing_hours"] == HOURS - 46 * 24
    assert (found.estimated, found.silent) == (True, False)


def test_with_a_year_before_it_goes_on_as_it_went_then() -> None:
    """12 kWh a day in the year before, and 20 in the days of this one that were read."""
    first = 365 * 12
    found = tank_use(
        (date(2025, 1, 1), 0), (date(2026, 1, 1), first), (date(2026, 2, 16), first + 46 * 20)
    )
    assert found.use == pytest.approx(46 * 20 + (365 - 46) * 12)
    assert told(found) == [("billing.register.estimated", "year_before")]


def test_one_of_two_tanks_that_tells_nothing_is_named() -> None:
    found = tank_use((date(2026, 1, 1), 0), (date(2027, 1, 1), 7300), silent=("second",))
    assert found.use is None
    assert (found.estimated, found.silent) == (False, True)
    assert told(found) == [("billing.register.common_silent", None)]
    assert "common meter second" in found.findings[0].message
