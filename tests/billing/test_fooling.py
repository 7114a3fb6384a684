"""What a resident gains by refusing, unplugging or misplacing the box: nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from billing.schemes import Scheme, load_scheme
from estate.model import SchemeUse
from estate.numbers.arrays import Bools, Floats
from estate.periods import HOUR_MS, Period
from firmware_sim.life.scenario import FaultKind
from operations.bill_building import bill_building
from tests.support.simulated_homes import BOX_QUANTITIES, Homes, a_fault

pytestmark = pytest.mark.slow


JANUARY = Homes(Period.month("2026-01"))
START, END = date(2026, 1, 10), date(2026, 1, 24)
TOLERANCE = 0.01
OWN = "0101"


def one_key(**component: object) -> Scheme:
    return Scheme.model_validate(
        {
            "id": "one-key", "valid_from": "2020-01-01", "source": "made for this test",
            "items": {
                "heat": [{"fraction": 1.0, **component}],
                "hot_water": [{"key": "hot_water_m3", "fraction": 1.0}],
            },
        }
    )  # fmt: skip


SCHEMES = {
    "dk-climate": load_scheme("dk-climate"),
    "own_heat_loss": one_key(key="own_heat_loss"),
    "ventilated": one_key(key="own_heat_loss", ventilation="co2_decay"),
    "degree_hours": one_key(key="degree_hours"),
    "climate_bands": one_key(key="climate_bands"),
}


def heat_ore(homes: Homes, scheme: str) -> dict[str, int]:
    """Return what each flat pays for heat in January in a building that may decide its scheme."""
    own = homes.estate
    use = SchemeUse(scheme=scheme, start=date(2020, 1, 1), decision="made for this test")
    building = own.building.model_copy(update={"tenure": "ejer", "schemes": (use,)})
    bill = bill_building(replace(own, building=building), homes, homes.period, SHIPPED[scheme])
    assert bill.scheme == SHIPPED[scheme].id
    found = dict.fromkeys((flat.flat for flat in own.flats), 0)
    for row in bill.rows:
        if row.item == "heat":
            found[row.flat] += row.amount_ore
    return found


@pytest.fixture(scope="module")
def honest() -> dict[str, dict[str, int]]:
    return {name: heat_ore(JANUARY, name) for name in SHIPPED}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.STUCK, FaultKind.IN_THE_SUN, FaultKind.IN_A_BAG, FaultKind.IN_THE_STAIRWELL,
        FaultKind.UNPLUGGED_AT_NIGHT, FaultKind.CO2_OFFSET,
    ],
)  # fmt: skip
def test_a_misplaced_or_broken_box_earns_nothing(
    kind: FaultKind, scheme: str, honest: dict[str, dict[str, int]]
) -> None:
    homes = JANUARY.with_faults([a_fault(kind, f"box-{OWN}", START, END)])
    assert heat_ore(homes, scheme)[OWN] >= honest[scheme][OWN] * (1 - TOLERANCE)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_unplugging_in_the_warmest_tenth_of_the_hours_lowers_no_bill_by_more_than_one_per_cent(
    scheme: str, honest: dict[str, dict[str, int]]
) -> None:
    for flat in JANUARY.estate.flats:
        box = f"box-{flat.flat}"
        homes = JANUARY.with_faults([])
        time_ms, value = homes.rows[box, "temperature_c"]
        hour = (time_ms - homes.hours.start_ms) // 3_600_000
        mean_c = np.bincount(hour, weights=value) / np.bincount(hour)
        warm = (mean_c >= np.quantile(mean_c, 0.9))[hour]
        for quantity in ("temperature_c", "humidity_pct", "co2_ppm"):
            times, values = homes.rows[box, quantity]
            homes.rows[box, quantity] = (times[~warm], values[~warm])
        lowered = heat_ore(homes, scheme)[flat.flat]
        assert lowered >= honest[scheme][flat.flat] * (1 - TOLERANCE), flat.flat


HOUR_OF_DAY = np.arange(JANUARY.hours.count) % 24
DAY = np.arange(JANUARY.hours.count) // 24
Plugged = Callable[[Floats], Bools]
"""The hours in which a resident plugs the box in, of the home's temperature in each hour."""
PATTERNS: dict[str, Plugged] = {
    "all_month": lambda own_c: np.zeros(len(own_c), dtype=np.bool_),
    "airings_only": lambda _: np.isin(HOUR_OF_DAY, (7, 21)),
    "six_airings": lambda own_c: np.isin(np.arange(len(own_c)), (9, 133, 257, 381, 505, 629)),
    "nights_only": lambda _: HOUR_OF_DAY < 6,
    "not_in_the_evening": lambda _: (HOUR_OF_DAY < 18) | (HOUR_OF_DAY > 22),
    "coldest_half": lambda own_c: own_c <= np.median(own_c),
    "coldest_tenth": lambda own_c: own_c <= np.quantile(own_c, 0.1),
    "coldest_three_days": lambda own_c: _coldest_days(own_c, 3),
    "coldest_ten_days": lambda own_c: _coldest_days(own_c, 10),
    "first_ten_days": lambda _: DAY < 10,
}
SHIPPED = {**SCHEMES, "pl-hybrid": load_scheme("pl-hybrid")}


def _coldest_days(own_c: Floats, days: int) -> Bools:
    mean_c = np.bincount(DAY, weights=own_c)
    return np.isin(DAY, np.argsort(mean_c, kind="stable")[:days])


def plugged_in(flat: str, plugged: Plugged) -> Homes:
    """Return January with the readings of the hours in which one box is plugged in."""
    box, homes = f"box-{flat}", JANUARY.with_faults([])
    time_ms, value = homes.rows[box, "temperature_c"]
    hour = (time_ms - homes.hours.start_ms) // HOUR_MS
    kept = plugged(np.bincount(hour, weights=value) / np.bincount(hour))[hour]
    for quantity in BOX_QUANTITIES:
        times, values = homes.rows[box, quantity]
        homes.rows[box, quantity] = (times[kept], values[kept])
    return homes


@pytest.mark.parametrize("scheme", SHIPPED)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_unplugging_in_any_pattern_lowers_no_bill_by_more_than_one_per_cent(
    pattern: str, scheme: str, honest: dict[str, dict[str, int]]
) -> None:
    # One home of each persona.
    for flat in {persona: flat for flat, persona in JANUARY.households.items()}.values():
        lowered = heat_ore(plugged_in(flat, PATTERNS[pattern]), scheme)[flat]
        assert lowered >= honest[scheme][flat] * (1 - TOLERANCE), (flat, JANUARY.households[flat])


@pytest.mark.parametrize("scheme", ["dk-climate", "climate_bands", "pl-hybrid"])
def test_what_radio_or_broker_lose_moves_no_money(
    scheme: str, honest: dict[str, dict[str, int]]
) -> None:
    """Every box is silent for three days, and those of a gateway, a third of them, for ten."""
    homes, gateway = (
        JANUARY.with_faults([]),
        [f"box-{flat}" for flat in list(JANUARY.households)[:4]],
    )
    for box, quantity in list(homes.rows):
        if quantity in BOX_QUANTITIES and box.startswith("box-0"):
            time_ms, value = homes.rows[box, quantity]
            day = (time_ms - homes.hours.start_ms) // (24 * HOUR_MS)
            lost = (day >= 4) & (day < 7) | (day >= 15) & (day < 25) & (box in gateway)
            homes.rows[box, quantity] = (time_ms[~lost], value[~lost])
    for flat, ore in heat_ore(homes, scheme).items():
        tolerance = 0.05 if scheme == "climate_bands" else 0.005
        assert ore == pytest.approx(honest[scheme][flat], rel=tolerance), flat


def test_what_stands_in_is_told_and_marked_on_the_statement() -> None:
    homes = plugged_in(OWN, PATTERNS["airings_only"])
    bill = bill_building(homes.estate, homes, homes.period)
    (estimated,) = (each for each in bill.findings if each.name == "billing.climate.estimated")
    assert estimated.data["by_house_hours"] == estimated.data["missing_hours"] == 31 * 22
    by_flat = {each.flat: each.climate_hours_by_house for each in bill.statements}
    assert by_flat.pop(OWN) == 31 * 22
    assert set(by_flat.values()) == {0}


def test_an_earlier_month_tells_how_a_home_is() -> None:
    """A frugal home that is silent in January was measured in December: it stays frugal."""
    both = Homes(Period(date(2025, 12, 1), date(2026, 2, 1)))
    honest = of_january(both)
    flat = next(name for name, persona in both.households.items() if persona == "frugal")
    box, first_ms = f"box-{flat}", JANUARY.hours.start_ms
    for quantity in BOX_QUANTITIES:
        times, values = both.rows[box, quantity]
        both.rows[box, quantity] = (times[times < first_ms], values[times < first_ms])
    silent = of_january(both)
    assert silent[flat] == pytest.approx(honest[flat], rel=0.01)
    # Without December it is as warm as the upper quartile of the house.
    assert of_january(both, earlier=False)[flat] > 1.02 * honest[flat]


def of_january(homes: Homes, *, earlier: bool = True) -> dict[str, int]:
    """Return what each flat pays in January for heat under dk-climate."""
    if not earlier:
        start_ms = JANUARY.hours.start_ms
        for key, (times, values) in homes.rows.items():
            homes.rows[key] = (times[times >= start_ms], values[times >= start_ms])
    use = SchemeUse(scheme="dk-climate", start=date(2020, 1, 1), decision="made for this test")
    building = homes.estate.building.model_copy(update={"tenure": "ejer", "schemes": (use,)})
    bill = bill_building(replace(homes.estate, building=building), homes, JANUARY.period)
    found = dict.fromkeys(homes.households, 0)
    for row in bill.rows:
        if row.item == "heat":
            found[row.flat] += row.amount_ore
    return found


def test_an_open_window_is_charged_where_the_scheme_reads_the_air_change(
    honest: dict[str, dict[str, int]],
) -> None:
    rises = {
        JANUARY.households[flat]: ore / honest["own_heat_loss"][flat]
        for flat, ore in honest["ventilated"].items()
    }
    assert rises.pop("window_open") > 1.1
    assert max(rises.values()) < 1.05
