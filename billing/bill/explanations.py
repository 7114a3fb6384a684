"""Explanations of a statement's amount: half a degree, neighbours, comparison, year before."""

from __future__ import annotations

from enum import StrEnum

from billing.bill.frozen import Frozen


class HalfDegree(Frozen):
    """Change of one home's own amount, had it been a step warmer or colder in its heated hours."""

    step_k: float
    """[K]"""
    warmer_ore: int
    colder_ore: int
    """Negative if the home would have paid less. [øre]"""


class NeighbourHeat(StrEnum):
    """Heat that a home received from its neighbours, in categories."""

    GIVEN = "given"
    EVEN = "even"
    SOME = "some"
    MUCH = "much"


class Comparison(Frozen):
    """A metered component compared with the other homes of the building, rounded."""

    item: str
    key: str
    own: float
    others: float
    """The home's weight, and the mean of all other flats: by home for water and electricity, else
    by m².
    [the key's unit, or that by m²]"""
    homes: int
    """Number of other occupied homes."""


class YearBefore(Frozen):
    """Use of one quantity by a home's meters, and on the same days a year before."""

    quantity: str
    use: float
    before: float
    """[the quantity's unit]"""
    corrected: float
    """For heat, `before` adjusted to this period's weather by degree-days; else the same."""


class Withheld(StrEnum):
    """Why a comparison is withheld."""

    FEW_HOMES = "few_homes"
    PART_OF_PERIOD = "part_of_period"
