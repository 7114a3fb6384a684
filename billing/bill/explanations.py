"""What explains a statement's amount: half a degree, neighbours, the others, the year before."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class HalfDegree:
    """
    Change of one home's own amount, had it been warmer or colder by a step in its heated hours.

    Attributes
    ----------
    step_k : float
        [K]
    warmer_ore, colder_ore : int
        Negative where the home would have paid less. [øre]
    """

    step_k: float
    warmer_ore: int
    colder_ore: int


class NeighbourHeat(StrEnum):
    """How much of a home's heat came through its walls."""

    GIVEN = "given"
    EVEN = "even"
    SOME = "some"
    MUCH = "much"


@dataclass(frozen=True)
class Comparison:
    """
    A metered component beside the other homes of the building, rounded.

    Attributes
    ----------
    own, others : float
        The home's weight, and the mean of all other flats: by home for water and electricity, else
        by m².
        [the key's unit, or that by m²]
    homes : int
        Other homes that are lived in.
    """

    item: str
    key: str
    own: float
    others: float
    homes: int


@dataclass(frozen=True)
class YearBefore:
    """
    What a home's meters of one quantity counted, and on the same days a year before.

    Attributes
    ----------
    use, before : float
        [the quantity's unit]
    corrected : float
        `before` put to this period's weather by degree-days, for heat; else the same.
    """

    quantity: str
    use: float
    before: float
    corrected: float


class Withheld(StrEnum):
    """Why a home is not compared."""

    FEW_HOMES = "few_homes"
    PART_OF_PERIOD = "part_of_period"
