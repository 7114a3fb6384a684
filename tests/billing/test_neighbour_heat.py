"""Heat through the walls, from the small building with known answers."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from billing.bill.explanations import NeighbourHeat
from billing.schemes import Scheme
from billing.statement.neighbour_heat import neighbour_heat
from estate.model import Estate, Neighbour
from operations.bill_building import bill_building
from tests.support.samples import HandMadeSource
from tests.support.six_flats import SEASON, six_estate

UNITS = Scheme.model_validate(
    {
        "id": "test", "valid_from": "2020-01-01", "source": "made for this test",
        "items": {"heat": [{"key": "heat_units", "fraction": 1.0}]},
    }
)  # fmt: skip


def told(own: Estate, source: HandMadeSource) -> dict[str, NeighbourHeat | None]:
    bill = bill_building(own, source, SEASON, UNITS)
    return {statement.flat: statement.neighbour_heat for statement in bill.statements}


@pytest.mark.slow
def test_the_known_building_is_told_right() -> None:
    """Part of the need that came through walls: M1 624 of 1,097.5 W, G2 209 of 1,560 W."""
    assert told(*six_estate()) == {
        "G1": NeighbourHeat.GIVEN,  # 272 of 1617.5 W went to neighbours
        "G2": NeighbourHeat.EVEN,
        "M1": NeighbourHeat.MUCH,
        "M2": NeighbourHeat.EVEN,
        "T1": NeighbourHeat.EVEN,
        "T2": NeighbourHeat.EVEN,
    }


def test_one_neighbour_alone_is_never_told_of() -> None:
    own, source = six_estate()
    pairs = (Neighbour(flat_a="M1", flat_b="M2", coupling_w_per_k=40),)
    assert set(told(replace(own, neighbours=pairs), source).values()) == {None}


@pytest.mark.parametrize("gone", ["m-M1", "b-M1", "out"])
def test_what_was_not_measured_is_not_told(gone: str) -> None:
    own, source = six_estate()
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
