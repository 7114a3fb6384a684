"""What a resident gains by refusing, unplugging or misplacing the box: nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from billing.batch import compute_bill
from billing.schemes import Scheme, load_scheme
from estate.model import SchemeUse
from estate.periods import Period
from firmware_sim.scenario import FaultKind
from tests.support.simulated_homes import Homes, a_fault

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
    """Give what each flat pays for heat in January in a building that may decide its scheme."""
    own = homes.estate
    use = SchemeUse(scheme=scheme, start=date(2020, 1, 1), decision="made for this test")
    building = own.building.model_copy(update={"tenure": "ejer", "schemes": (use,)})
    bill = compute_bill(replace(own, building=building), homes, homes.period, SCHEMES[scheme])
    assert bill.scheme == SCHEMES[scheme].id
    found = dict.fromkeys((flat.flat for flat in own.flats), 0)
    for row in bill.rows:
        if row.item == "heat":
            found[row.flat] += row.amount_ore
    return found


@pytest.fixture(scope="module")
def honest() -> dict[str, dict[str, int]]:
    return {name: heat_ore(JANUARY, name) for name in SCHEMES}


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


def test_an_open_window_is_charged_where_the_scheme_reads_the_air_change(
    honest: dict[str, dict[str, int]],
) -> None:
    rises = {
        JANUARY.households[flat]: ore / honest["own_heat_loss"][flat]
        for flat, ore in honest["ventilated"].items()
    }
    assert rises.pop("window_open") > 1.1
    assert max(rises.values()) < 1.05
