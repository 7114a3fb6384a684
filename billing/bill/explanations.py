"""What explains a statement's amount: half a degree, neighbours, the others, the year before."""

from __future__ import annotations

from enum import StrEnum

from billing.bill.frozen import Frozen


class HalfDegree(Frozen):
    """Change of one home's own amount, had it been a step warmer or colder in its heated hours."""

    step_k: float
    """[K]"""
    warmer_ore: int
    colder_ore: int
    """Negative where the home would have paid less. [øre]"""


class NeighbourHeat(StrEnum):
    """How much of a home's heat came through its walls."""

    GIVEN = "given"
    EVEN = "even"
    SOME = "some"
    MUCH = "much"


class Comparison(Frozen):
    """A metered component beside the other homes of the building, rounded."""

    item: str
    key: str
    own: float
    others: float
    """The home's weight, and the mean of all other flats: by home for water and electricity, else
    by m².
    [the key's unit, or that by m²]"""
    homes: int
    """Other homes that are lived in."""


class YearBefore(Frozen):
    """What a home's meters of one quantity counted, and on the same days a year before."""

    quantity: str
    use: float
    before: float
    """[the quantity's unit]"""
    corrected: float
    """`before` put to this period's weather by degree-days, for heat; else the same."""


class Withheld(StrEnum):
    """Why a home is not compared."""

    FEW_HOMES = "few_homes"
    PART_OF_PERIOD = "part_of_period"
