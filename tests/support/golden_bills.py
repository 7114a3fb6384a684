"""
The cases of the golden bills. What is written of them lies in tests/billing/golden.

    .venv/bin/python -m tests.support.golden_bills            # writes the cases that have no folder
    .venv/bin/python -m tests.support.golden_bills CASE...    # writes these again
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from billing.bill.bill import Bill
from billing.bill.files import write_bill
from billing.schemes import Scheme, parse_scheme
from estate.model import Cost, Estate
from estate.periods import Period
from operations.bill_building import bill_building
from tests.support.estates import cost
from tests.support.golden_house import FLATS, ColumnSource, House, full_house

FILES = ("bill.csv", "statements.json", "findings.json")
GOLDEN = Path(__file__).parents[1] / "billing" / "golden"
YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))
MONTH = Period(date(2025, 1, 1), date(2025, 2, 1))
ISSUED = date(2026, 3, 2)
PERMIT = {"reference": "J.nr. 2024-7", "from": "2024-01-01", "to": "2027-01-01"}
ALLOWED = ("billing.position.low", "billing.scheme.not_permitted")


@dataclass(frozen=True)
class Case:
    """What one golden bill is made of."""

    estate: Estate
    source: ColumnSource
    period: Period
    scheme: Scheme | None = None
    allowed: Sequence[str] = ALLOWED
    issued: date = ISSUED


def costs_of(period: Period, **energy: Any) -> list[Cost]:  # noqa: ANN401  columns of costs.csv
    """Provisional costs of January; in a year's bill the final ones that take their place too."""
    months = [
        cost(MONTH, "heat", 1_357_911, status="provisional", **_part(energy)),
        cost(MONTH, "hot_water", 198_765, status="provisional"),
    ]
    if period != YEAR:
        return months
    received = {"received": date(2026, 1, 20)}
    return [
        cost(YEAR, "heat", 9_876_543, vat_amount_ore=1_975_309, **received, **energy),
        cost(YEAR, "heat", 1_234_567, kind="fixed", vat_amount_ore=246_913, **received),
        cost(YEAR, "heat", -45_678, kind="rebate", vat_amount_ore=-9_136, **received),
        cost(YEAR, "hot_water", 2_345_678, vat_amount_ore=469_136, **received),
        *months,
    ]


def _part(energy: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value // 8 for name, value in energy.items()}


def beside_costs(period: Period) -> list[Cost]:
    received = {"received": date(2026, 1, 22)}
    return [
        cost(period, "cold_water", 1_111_111, vat_amount_ore=222_222, **received),
        cost(period, "cooling", 77_777, vat_amount_ore=15_555, **received),
        cost(period, "electricity", 543_210, vat_amount_ore=108_642, **received),
    ]


def shipped(name: str, period: Period, tenure: str = "andel", **use: Any) -> Case:  # noqa: ANN401
    """A full house under a shipped scheme."""
    uses = [{"scheme": name, "from": "2020-01-01", **use}]
    house, costs = full_house(), [*costs_of(period, energy_kwh=88_000), *beside_costs(period)]
    return Case(house.estate(costs, schemes=uses, tenure=tenure), house.source, period)


def permitted(name: str, period: Period) -> Case:
    return shipped(name, period, "almen", permit=PERMIT)


def german(period: Period) -> Case:
    house = full_house()
    costs = costs_of(period, energy_kwh=88_000, co2_kg=15_900, co2_amount_ore=71_550)
    facts = {"fuel": "gas", "gross_calorific": True, "co2_restrictions": 1, "hot_water_c": 58}
    uses = [{"scheme": "de-heizkostenv", "from": "2020-01-01"}]
    own = house.estate(costs, schemes=uses, tenure="privat", facts=facts)
    return Case(own, house.source, period)


def two_kinds_of_meters(period: Period, scheme: Scheme | None = None) -> Case:
    """Heat meters in four flats, allocators in three."""
    house = House()
    house.outdoors()
    house.boxes()
    house.heat_meters(*"1234")
    house.allocators(*"567")
    house.water(*"1234567")
    house.common()
    uses = [{"scheme": "dk-metered", "from": "2020-01-01"}]
    own = house.estate(costs_of(period, energy_kwh=88_000), schemes=uses)
    return Case(own, house.source, period, scheme)


def allocators_alone(period: Period) -> Case:
    house = House()
    house.outdoors()
    house.boxes()
    house.allocators(*"1234567")
    house.water(*"1234")
    uses = [{"scheme": "pl-hybrid", "from": "2020-01-01"}]
    return Case(house.estate(costs_of(period), schemes=uses), house.source, period)


def without_climate(period: Period) -> Case:
    """Meters alone: no box, nothing outdoors, no envelope of one flat."""
    house = House()
    house.heat_meters(*"123456")
    house.water(*"1256")
    flats = [each.model_copy(update={"position_factor": 0.9}) for each in FLATS]
    uses = [{"scheme": "dk-metered", "from": "2020-01-01"}]
    own = house.estate(costs_of(period), flats, schemes=uses, tenure="almen")
    return Case(own, house.source, period)


def odd_devices(period: Period) -> Case:
    """Boxes that nobody believes, meters that stand still or count too much, one kind too many."""
    house = full_house()
    house.box("5", 20.9)
    house.allocators("4")
    columns = house.source.columns
    times, values = columns["b2", "temperature_c"]
    columns["b2", "temperature_c"] = times, np.where(times % 5_000_000_000 < 10**9, 21.5, values)
    times, values = columns["b3", "temperature_c"]
    columns["b3", "temperature_c"] = times, np.where(np.arange(len(times)) % 997 == 5, 61.0, values)
    for quantity in ("temperature_c", "humidity_pct", "co2_ppm"):
        times, values = columns["b6", quantity]
        july = (times > times[13_200]) & (times < times[13_400])
        columns["b6", quantity] = times[july], values[july]
    times, values = columns["b1", "co2_ppm"]
    columns["b1", "co2_ppm"] = times, values + 900
    times, values = columns["h1", "heat_kwh"]
    columns["h1", "heat_kwh"] = times, values * 9
    times, values = columns["w2", "hot_water_m3"]
    columns["w2", "hot_water_m3"] = times, np.minimum(values, values[380])
    times, values = columns["w6", "hot_water_m3"]
    odd = np.arange(len(values)) % 90 == 3
    columns["w6", "hot_water_m3"] = times, np.where(odd, values + 5_000, values)
    uses = [{"scheme": "dk-climate", "from": "2020-01-01", "decision": "board, 4 May"}]
    costs = [*costs_of(period, energy_kwh=88_000), *beside_costs(period)]
    own = house.estate(costs, schemes=uses, tenure="andel")
    measured = tuple(each.model_copy(update={"climate_refused": False}) for each in own.tenancies)
    return Case(replace(own, tenancies=measured), house.source, period)


def every_key(period: Period) -> Case:
    """All climate keys with their parameters, and a main meter between the groups."""
    return two_kinds_of_meters(period, parse_scheme(EVERY_KEY, "every-key.yaml"))


EVERY_KEY = """
id: every-key
valid_from: 2020-01-01
source: made for the golden bills
position_condition: {indoor_c: 21, outdoor_c: -5, gains: true}
derive:
  hot_water: {from: heat, by: [metered_energy, fixed], fraction: 0.2}
estimated_area_ceiling: 0.6
items:
  heat:
    - {key: heat_units, fraction: 0.25, groups: main_meter}
    - {key: degree_hours, fraction: 0.15, season: [09-15, 05-16]}
    - {key: base_temperature, fraction: 0.10, base_c: 15.5}
    - {key: base_temperature, fraction: 0.05, position: true}
    - {key: own_heat_loss, fraction: 0.15, ventilation: co2_decay}
    - key: own_heat_loss
      fraction: 0.10
      ventilation: moisture_excess
      floor_c: 17
      season: [10-01, 05-01]
    - {key: climate_bands, fraction: 0.10}
    - {key: volume, fraction: 0.05}
    - {key: shares, fraction: 0.05}
  hot_water:
    - {key: hot_water_m3, fraction: 0.5}
    - {key: equal, fraction: 0.5}
"""


def of_periods(
    name: str, make: Callable[[Period], Case], periods: Mapping[str, Period]
) -> dict[str, Callable[[], Case]]:
    return {f"{name}-{word}": partial(make, period) for word, period in periods.items()}


BOTH = {"year": YEAR, "month": MONTH}
CASES: dict[str, Callable[[], Case]] = {
    **of_periods("dk-metered", partial(shipped, "dk-metered"), BOTH),
    **of_periods("at-heizkg", partial(shipped, "at-heizkg"), BOTH),
    **of_periods("ch-vewa", partial(shipped, "ch-vewa"), BOTH),
    **of_periods("pl-hybrid", partial(shipped, "pl-hybrid"), BOTH),
    **of_periods("dk-climate", partial(permitted, "dk-climate"), BOTH),
    **of_periods("dk-trial-bands", partial(permitted, "dk-trial-bands"), BOTH),
    **of_periods("de-heizkostenv", german, BOTH),
    **of_periods("two-kinds-of-meters", two_kinds_of_meters, BOTH),
    **of_periods("every-key", every_key, BOTH),
    **of_periods("odd-devices", odd_devices, BOTH),
    "dk-climate-by-decision": partial(shipped, "dk-climate", YEAR, decision="board, 4 May"),
    "dk-climate-beside": partial(shipped, "dk-climate", YEAR, "privat"),
    "dk-trial-bands-beside": partial(shipped, "dk-trial-bands", MONTH, "almen"),
    "allocators-alone": partial(allocators_alone, YEAR),
    "without-climate": partial(without_climate, YEAR),
}


def bill_of(case: Case) -> Bill:
    return bill_building(
        case.estate, case.source, case.period, case.scheme, case.allowed, case.issued
    )


def write_golden(names: Sequence[str]) -> None:
    """Write what a bill writes, without what tells of the program's version."""
    for name in names or [each for each in CASES if not (GOLDEN / each).exists()]:
        write_bill(GOLDEN / name, bill_of(CASES[name]()), {})
        (GOLDEN / name / "run.json").unlink()


if __name__ == "__main__":
    write_golden(sys.argv[1:])
