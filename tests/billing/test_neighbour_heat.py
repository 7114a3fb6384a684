"""Heat through the walls, from the small building with known answers."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from billing.batch import compute_bill
from billing.explanations import NeighbourHeat
from billing.neighbour_heat import neighbour_heat
from billing.schemes import Scheme
from estate.model import Estate, Neighbour
from estate.periods import Period
from tests.support.billing_estate import (
    add_hourly,
    add_register,
    cost,
    device,
    estate,
    flat,
    tenancy,
)
from tests.support.samples import HandMadeSource
from tests.support.six_flats import (
    COUPLING_W_PER_K,
    GAINS_W,
    HEAT_LOSS_W_PER_K,
    OUTDOOR_C,
    TEMPERATURE_C,
    heat_kwh,
)

SEASON = Period.parse("2025-10-01/2026-04-29")
UNITS = Scheme.model_validate(
    {
        "id": "test", "valid_from": "2020-01-01", "source": "made for this test",
        "items": {"heat": [{"key": "heat_units", "fraction": 1.0}]},
    }
)  # fmt: skip


def six() -> tuple[Estate, HandMadeSource]:
    names = list(TEMPERATURE_C)
    own = estate(
        [
            flat(name, heat_loss_w_per_k=HEAT_LOSS_W_PER_K[name], gains_w=GAINS_W)
            for name in names
        ],
        [tenancy(f"t-{name}", name) for name in names],
        [device("out", "outdoor", None)]
        + [device(f"b-{name}", "climate", name) for name in names]
        + [device(f"m-{name}", "heat", name) for name in names],
        [cost(SEASON, "heat", 6_000_000)],
        timezone="UTC",
    )  # fmt: skip
    pairs = [
        Neighbour(flat_a=a, flat_b=b, coupling_w_per_k=value)
        for (a, b), value in COUPLING_W_PER_K.items()
    ]
    source, hours = HandMadeSource(), SEASON.hours(own.building.zone)
    add_hourly(source, "out", "temperature_c", hours, [OUTDOOR_C] * hours.count)
    for name in names:
        add_hourly(source, f"b-{name}", "temperature_c", hours, [TEMPERATURE_C[name]] * hours.count)
        rows = [(hours.start_ms, 0.0), (hours.end_ms, heat_kwh(name))]
        add_register(source, f"m-{name}", "heat_kwh", rows)
    return replace(own, neighbours=tuple(pairs)), source


def told(own: Estate, source: HandMadeSource) -> dict[str, NeighbourHeat | None]:
    bill = compute_bill(own, source, SEASON, UNITS)
    return {statement.flat: statement.neighbour_heat for statement in bill.statements}


def test_the_known_building_is_told_right() -> None:
    """Part of the need that came through walls: M1 624 of 1,097.5 W, G2 209 of 1,560 W."""
    assert told(*six()) == {
        "G1": NeighbourHeat.GIVEN,  # 272 of 1617.5 W went to neighbours
        "G2": NeighbourHeat.EVEN,
        "M1": NeighbourHeat.MUCH,
        "M2": NeighbourHeat.EVEN,
        "T1": NeighbourHeat.EVEN,
        "T2": NeighbourHeat.EVEN,
    }


def test_one_neighbour_alone_is_never_told_of() -> None:
    own, source = six()
    pairs = (Neighbour(flat_a="M1", flat_b="M2", coupling_w_per_k=40),)
    assert set(told(replace(own, neighbours=pairs), source).values()) == {None}


@pytest.mark.parametrize("gone", ["m-M1", "b-M1", "out"])
def test_what_was_not_measured_is_not_told(gone: str) -> None:
    own, source = six()
    kept = HandMadeSource({key: rows for key, rows in source.rows.items() if key[0] != gone})
    assert told(own, kept)["M1"] is None


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (-math.inf, NeighbourHeat.GIVEN), (-0.16, NeighbourHeat.GIVEN), (-0.14, NeighbourHeat.EVEN),
        (0.14, NeighbourHeat.EVEN), (0.16, NeighbourHeat.SOME), (0.39, NeighbourHeat.SOME),
        (0.41, NeighbourHeat.MUCH), (1.0, NeighbourHeat.MUCH),
    ],
)  # fmt: skip
def test_a_part_has_one_of_four_words(part: float, name: NeighbourHeat) -> None:
    assert neighbour_heat(part) is name
