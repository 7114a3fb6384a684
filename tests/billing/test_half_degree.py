"""Half a degree: by hand for meters, by a whole new bill for climate keys."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest

from billing.bill.explanations import HalfDegree
from billing.measured.heated_days import heated_hours
from billing.schemes import Scheme
from billing.statement.half_degree import share_change
from estate.model import Estate
from estate.periods import Period
from operations.bill_building import bill_building
from tests.support.estates import (
    add_hourly,
    add_register,
    cost,
    device,
    estate,
    flat,
    scheme,
    tenancy,
)
from tests.support.samples import HandMadeSource

TEN_DAYS = Period(date(2026, 2, 2), date(2026, 2, 12))
TURN = Period(date(2026, 4, 27), date(2026, 5, 4))


def metered(kind: str, outdoor_c: float = 0.0, **envelope: float) -> tuple[Estate, HandMadeSource]:
    """Two equal homes at 20 °C over ten days, 300 units each, 600.00 kr. between them."""
    own = estate(
        [flat("1", **envelope), flat("2", **envelope)],
        [tenancy("1a", "1"), tenancy("2a", "2")],
        [device("out", "outdoor", None)]
        + [device(f"b{name}", "climate", name) for name in "12"]
        + [device(f"m{name}", kind, name) for name in "12"],
        [cost(TEN_DAYS, "heat", 60_000)],
    )
    source, hours = HandMadeSource(), TEN_DAYS.hours(own.building.zone)
    quantity = "heat_kwh" if kind == "heat" else "allocator_units"
    add_hourly(source, "out", "temperature_c", hours, [outdoor_c] * hours.count)
    for name in "12":
        add_hourly(source, f"b{name}", "temperature_c", hours, [20.0] * hours.count)
        add_register(source, f"m{name}", quantity, [(hours.start_ms, 0), (hours.end_ms, 300)])
    return own, source


def half_degree(own: Estate, source: HandMadeSource, period: Period, rules: Scheme) -> HalfDegree:
    found = bill_building(own, source, period, rules).statements[0].half_degree
    assert found is not None
    return found


UNITS = {"key": "heat_units", "fraction": 1.0}


def test_a_heat_meter_follows_the_envelopes_slope() -> None:
    """100 W/K x 0.5 K x 240 h is 12 kWh: 312 of 612 kWh instead of 300 of 600."""
    own, source = metered("heat", heat_loss_w_per_k=100.0, gains_w=0.0)
    found = half_degree(own, source, TEN_DAYS, scheme(UNITS))
    assert found == HalfDegree(
        step_k=0.5,
        warmer_ore=round(60_000 * 312 / 612) - 30_000,
        colder_ore=round(60_000 * 288 / 588) - 30_000,
    )
    assert (found.warmer_ore, found.colder_ore) == (588, -612)


@pytest.mark.parametrize(
    ("kind", "envelope"),
    [("heat", {}), ("allocator", {"heat_loss_w_per_k": 100.0, "gains_w": 0.0})],
)
def test_without_a_slope_use_follows_the_degree_hours(kind: str, envelope: Any) -> None:  # noqa: ANN401
    """20.5 K instead of 20 K: 307.5 units, or 292.5."""
    own, source = metered(kind, **envelope)
    found = half_degree(own, source, TEN_DAYS, scheme(UNITS))
    assert (found.warmer_ore, found.colder_ore) == (
        round(60_000 * (307.5 / 607.5 - 0.5)), round(60_000 * (292.5 / 592.5 - 0.5)),
    )  # fmt: skip


def test_free_heat_covers_a_mild_day() -> None:
    """2,000 W of gains against 100 W/K x 10.5 K: no radiator is on, and none would be."""
    own, source = metered("heat", 10.0, heat_loss_w_per_k=100.0, gains_w=2000.0)
    found = half_degree(own, source, TEN_DAYS, scheme(UNITS))
    assert (found.warmer_ore, found.colder_ore) == (0, 0)


def test_a_warm_week_and_a_fixed_key_cost_nothing_more() -> None:
    own, source = metered("heat", 18.0)
    rules = scheme({"key": "degree_hours", "fraction": 1.0})
    assert half_degree(own, source, TEN_DAYS, rules) == HalfDegree(
        step_k=0.5, warmer_ore=0, colder_ore=0
    )
    own, source = metered("heat", 0.0)
    rules = scheme({"key": "area", "fraction": 1.0})
    assert half_degree(own, source, TEN_DAYS, rules) == HalfDegree(
        step_k=0.5, warmer_ore=0, colder_ore=0
    )


def test_a_use_never_falls_below_nothing() -> None:
    own, source = metered("heat", heat_loss_w_per_k=100_000.0, gains_w=0.0)
    found = half_degree(own, source, TEN_DAYS, scheme(UNITS))
    assert found.colder_ore == -30_000


def test_without_a_temperature_nothing_is_told() -> None:
    own, source = metered("heat")
    for name in ("b1", "out"):
        gone = HandMadeSource({key: rows for key, rows in source.rows.items() if key[0] != name})
        statement = bill_building(own, gone, TEN_DAYS, scheme(UNITS)).statements[0]
        assert statement.half_degree is None


# Climate keys: the whole bill again with one home's readings changed.

HOURS = 7 * 24
OUTDOOR = [11 + 6 * math.sin(hour / 11) + hour / 24 for hour in range(HOURS)]
"""Days below and above 17 °C."""
INDOOR = {
    "1": [17.6 + 2.5 * math.sin(hour / 9) for hour in range(HOURS)],
    "2": [22.0 + 1.0 * math.cos(hour / 5) for hour in range(HOURS)],
    "3": [19.5 + 3.0 * math.cos(hour / 15) for hour in range(HOURS)],
}


def spring(shift_k: float = 0.0) -> tuple[Estate, HandMadeSource]:
    """Three homes over the end of April; home 1 warmer by a step on days below 17 °C."""
    own = estate(
        [
            flat("1", 60.0, volume_m3=150.0, heat_loss_w_per_k=80.0, gains_w=150.0),
            flat("2", 90.0, volume_m3=225.0, heat_loss_w_per_k=100.0, gains_w=200.0),
            flat("3", 75.0, volume_m3=190.0, heat_loss_w_per_k=70.0, gains_w=100.0),
        ],
        [tenancy(f"{name}a", name) for name in "123"],
        [device("out", "outdoor", None)] + [device(f"b{name}", "climate", name) for name in "123"],
        [cost(TURN, "heat", 50_000_000)],
    )
    source, hours = HandMadeSource(), TURN.hours(own.building.zone)
    add_hourly(source, "out", "temperature_c", hours, OUTDOOR)
    means = [sum(OUTDOOR[24 * day : 24 * day + 24]) / 24 for day in range(7)]
    assert min(means) < 17 < max(means)
    for name, values in INDOOR.items():
        step = shift_k if name == "1" else 0.0
        shifted = [v + step * (means[hour // 24] < 17) for hour, v in enumerate(values)]
        add_hourly(source, f"b{name}", "temperature_c", hours, shifted)
        co2 = [450.0 + 700 * math.exp(-(hour % 12) / 3) for hour in range(HOURS)]
        if name == "1":
            add_hourly(source, f"b{name}", "co2_ppm", hours, co2)
    return own, source


SEASON = {"season": ["10-01", "05-01"], "floor_c": 18, "position": True}


@pytest.mark.parametrize(
    "components",
    [
        [{"key": "degree_hours", "fraction": 1.0}],
        [{"key": "base_temperature", "fraction": 1.0}],
        [{"key": "own_heat_loss", "fraction": 1.0}],
        [{"key": "own_heat_loss", "fraction": 1.0, "ventilation": "co2_decay"}],
        [{"key": "climate_bands", "fraction": 1.0}],
        [{"key": "own_heat_loss", "fraction": 0.6, **SEASON}, {"key": "area", "fraction": 0.4}],
        [{"key": "degree_hours", "fraction": 0.5, **SEASON},
         {"key": "climate_bands", "fraction": 0.5}],
    ],
)  # fmt: skip
def test_climate_keys_equal_a_whole_new_bill(components: list[dict[str, Any]]) -> None:
    rules = scheme(*components)
    told = half_degree(*spring(), TURN, rules)

    def own_ore(shift_k: float) -> int:
        own, source = spring(shift_k)
        # The supplier's bill and the position factors do not know of the shift.
        return bill_building(own, source, TURN, rules).statements[0].total_ore

    # Two roundings of the new bill and two of the old one, for each component.
    most = 4 * len(components)
    assert abs(told.warmer_ore - (own_ore(0.5) - own_ore(0))) <= most
    assert abs(told.colder_ore - (own_ore(-0.5) - own_ore(0))) <= most
    assert told.warmer_ore != 0


def test_warmer_costs_more_and_colder_less() -> None:
    for key in ("degree_hours", "base_temperature", "own_heat_loss"):
        found = half_degree(*spring(), TURN, scheme({"key": key, "fraction": 1.0}))
        assert found.warmer_ore > 0 > found.colder_ore


def test_heated_hours_are_those_of_cold_days() -> None:
    outdoor = np.array([0.0, 33.0, 17.0, 17.0, np.nan, 0.0])
    heated = heated_hours(outdoor, np.array([0, 0, 1, 1, 2, 2]), 17.0)
    assert heated.tolist() == [True, True, False, False, False, False]


def test_share_change_of_rows_equals_that_of_one() -> None:
    weight, shifted = np.array([1.0, 2.0, 0.0]), np.array([2.0, 2.0, 0.0])
    changes = share_change(weight, shifted, 3.0)
    assert changes.tolist() == pytest.approx([2 / 4 - 1 / 3, 0.0, 0.0])
    for row in range(3):
        alone = share_change(weight[row : row + 1], shifted[row : row + 1], 3.0)
        assert alone[0] == changes[row]


def test_the_only_weight_stays_everything_or_becomes_nothing() -> None:
    assert share_change(np.array([5.0]), np.array([7.0]), 5.0).tolist() == [0.0]
    assert share_change(np.array([5.0]), np.array([0.0]), 5.0).tolist() == [-1.0]
