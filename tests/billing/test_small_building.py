"""Six flats with known answers: each way of splitting 60,000.00 kroner, to the øre."""

from __future__ import annotations

from typing import Any

import pytest

from billing.measured.gather import gather
from billing.measured.weighing import Weighing
from billing.money import split
from billing.schemes import Component, PositionCondition, Scheme
from operations.bill_building import bill_building
from tests.support.six_flats import (
    COUPLING_W_PER_K,
    GAINS_W,
    HEAT_LOSS_W_PER_K,
    HOURS,
    OUTDOOR_C,
    SEASON,
    TEMPERATURE_C,
    heat_kwh,
    six_estate,
)

TOTAL_ORE = 6_000_000
FLATS = list(TEMPERATURE_C)
UNITS = {"key": "heat_units"}
SEASON_S_MEAN = {"indoor_c": 20, "outdoor_c": 4.5, "gains": True}
"""The condition at which the known factors of the building were worked out."""


def scheme_of(*components: dict[str, Any]) -> Scheme:
    return Scheme.model_validate(
        {
            "id": "six", "valid_from": "2020-01-01", "source": "made for this test",
            "position_condition": SEASON_S_MEAN,
            "items": {"heat": [{"fraction": 1.0} | each for each in components]},
        }
    )  # fmt: skip


def weighing_of(*components: dict[str, Any]) -> Weighing:
    own, source = six_estate()
    return Weighing(gather(own, source, SEASON, scheme_of(*components)))


def amounts(*components: dict[str, Any]) -> list[int]:
    own, source = six_estate()
    bill = bill_building(own, source, SEASON, scheme_of(*components))
    return [statement.total_ore for statement in bill.statements]


def test_a_units_alone() -> None:
    expected = [1196833, 855740, 299921, 991607, 1238005, 1417894]
    assert amounts(UNITS) == expected
    assert expected[-1] / expected[2] == pytest.approx(4.73, abs=0.005)


def test_b_area_and_units() -> None:
    expected = [1078733, 942296, 719968, 996643, 1095202, 1167158]
    assert amounts({"key": "area", "fraction": 0.6}, UNITS | {"fraction": 0.4}) == expected
    assert expected[-1] / expected[2] == pytest.approx(1.62, abs=0.005)


def test_c_position_factors() -> None:
    weighing = weighing_of({"key": "own_heat_loss"})
    expected = [0.7937, 0.7937, 1, 1, 0.7195, 0.7195]
    found = weighing.position_factors(PositionCondition.model_validate(SEASON_S_MEAN))
    assert found.tolist() == pytest.approx(expected, abs=5e-5)


def test_c_position_factors_at_the_design_condition() -> None:
    """Without gains the temperatures cancel: 95 W/K over the flat's own."""
    weighing = weighing_of({"key": "own_heat_loss"})
    expected = [95 / 115, 95 / 115, 1, 1, 95 / 125, 95 / 125]
    assert weighing.position_factors(PositionCondition()).tolist() == pytest.approx(expected)
    gains = weighing.position_factors(PositionCondition(gains=True))
    needs = {"G": 115 * 32 - 280, "M": 95 * 32 - 280, "T": 125 * 32 - 280}
    assert gains.tolist() == pytest.approx([needs["M"] / needs[flat[0]] for flat in FLATS])


def test_c_units_times_position() -> None:
    factors = {"G": 1192.5 / 1502.5, "M": 1.0, "T": 1192.5 / 1657.5}  # needs at 20 °C [W]
    weights = [round(heat_kwh(flat) * factors[flat[0]] * 10**6) for flat in FLATS]
    assert amounts({"key": "heat_units_position"}) == split(TOTAL_ORE, weights)


@pytest.mark.slow
def test_d_base_temperature() -> None:
    """Kelvins above 16 °C: 5, 4.5, 3, 6, 5 and 7 of 30.5."""
    expected = split(TOTAL_ORE, [50, 45, 30, 60, 50, 70])
    assert amounts({"key": "base_temperature"}) == expected
    assert expected[2] == 590_164  # 60,000 x 3 / 30.5 = 5,901.639
    assert amounts({"key": "base_temperature", "base_c": 20}) == split(
        TOTAL_ORE, [10, 5, 0, 20, 10, 30]
    )


def test_e_temperature_and_area() -> None:
    expected = [994975, 964824, 874372, 1055276, 994975, 1115578]
    assert amounts({"key": "degree_hours"}) == expected
    assert expected[-1] / expected[2] == pytest.approx(1.28, abs=0.005)


def to_neighbours_w(flat: str) -> float:
    return sum(
        coupling * (TEMPERATURE_C[flat] - TEMPERATURE_C[pair[1] if pair[0] == flat else pair[0]])
        for pair, coupling in COUPLING_W_PER_K.items()
        if flat in pair
    )


def test_f_own_heat_loss_is_the_meter_with_the_neighbours_flow_returned() -> None:
    printed = [272, -209, -624, 183, 172, 206]
    assert [to_neighbours_w(flat) for flat in FLATS] == pytest.approx(printed)
    own_kwh = [heat_kwh(flat) - to_neighbours_w(flat) * HOURS / 1000 for flat in FLATS]
    expected = split(TOTAL_ORE, [round(kwh * 10**6) for kwh in own_kwh])
    assert amounts({"key": "own_heat_loss"}) == expected
    losses = [
        HEAT_LOSS_W_PER_K[flat] * (TEMPERATURE_C[flat] - OUTDOOR_C) - GAINS_W for flat in FLATS
    ]
    assert losses == pytest.approx([1617.5, 1560, 1097.5, 1382.5, 1782.5, 2032.5])


def test_the_cold_flat_pays_for_its_own_loss_and_not_for_its_radiator() -> None:
    """M1 takes 624 of 1,097.5 W through its walls: 2,999.21 by units, more than twice by loss."""
    assert amounts({"key": "own_heat_loss"})[2] > 2 * amounts(UNITS)[2]


def test_position_of_a_climate_key_multiplies_by_the_factor() -> None:
    weighing = weighing_of({"key": "own_heat_loss"})
    condition = PositionCondition()
    plain, placed = (
        weighing.measured_weights(
            Component(key="own_heat_loss", fraction=1.0, position=position), condition
        )
        for position in (False, True)
    )
    assert placed == pytest.approx(plain * weighing.position_factors(condition))
