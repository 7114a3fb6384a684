"""Summary of a home's climate: hours per shade, means, and a shade per day."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from estate.numbers.arrays import Codes, Floats, Integers
from estate.numbers.values import load_values

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


MISSING = -1
"""Code of an hour without a colour."""


class Shade(StrEnum):
    """How an hour or a day is shown; a colour's code is its index here."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    UNMEASURED = "unmeasured"


class Side(StrEnum):
    """The side of the green band on which a quantity is."""

    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True)
class HomeHours:
    """
    The hourly climate of one home, and the colour of each hour.

    Attributes
    ----------
    values : mapping of str to (hours,) float64 array
        Hourly means by quantity, NaN = gap. [the quantity's unit]
    colours : mapping of str to (hours,) int8 array
        By quantity: 0 green, 1 yellow, 2 red, -1 not measured.
    sides : mapping of str to (hours,) int8 array
        By quantity: -1 below the green band, 1 above it, 0 within it or not measured.
    worst : (hours,) int8 array
        The worst colour of each hour, -1 not measured.
    """

    values: Mapping[str, Floats]
    colours: Mapping[str, Codes]
    sides: Mapping[str, Codes]
    worst: Codes

    def between(self, first: int, last: int) -> HomeHours:
        """Return the hours from `first` (inclusive) to `last` (exclusive)."""
        return HomeHours(
            {name: row[first:last] for name, row in self.values.items()},
            {name: row[first:last] for name, row in self.colours.items()},
            {name: row[first:last] for name, row in self.sides.items()},
            self.worst[first:last],
        )

    def only(self, kept: npt.NDArray[np.bool_]) -> HomeHours:
        """Treat all hours but the kept ones, shape (hours,), as not measured."""
        return HomeHours(
            {name: np.where(kept, row, np.nan) for name, row in self.values.items()},
            {name: _or(kept, row, MISSING) for name, row in self.colours.items()},
            {name: _or(kept, row, 0) for name, row in self.sides.items()},
            _or(kept, self.worst, MISSING),
        )


@dataclass(frozen=True)
class QuantityMonth:
    """
    One quantity over the days of a page.

    Attributes
    ----------
    mean : float or None
        Mean of the measured hours; None if there are none. [the quantity's unit]
    hours : mapping
        Number of hours of each shade; they add up to the hours of the page.
    often : Side or None
        The side of the green band on which many of the measured hours are.
    """

    quantity: str
    mean: float | None
    hours: Mapping[Shade, int]
    often: Side | None

    @property
    def measured_hours(self) -> int:
        """Number of hours that have a colour."""
        return sum(self.hours.values()) - self.hours[Shade.UNMEASURED]

    def share(self, shade: Shade) -> float:
        """Share of all hours that have a shade."""
        return self.hours[shade] / sum(self.hours.values())

    def is_often_red(self, rules: ClimateRules) -> bool:
        """Whether a large share of the measured hours is red."""
        enough = self.measured_hours >= rules.often_hours
        return enough and self.hours[Shade.RED] >= rules.often_share * self.measured_hours


@dataclass(frozen=True)
class ClimateMonth:
    """
    The climate of one home over the days of a page.

    Attributes
    ----------
    quantities : tuple of QuantityMonth
    days : tuple of Shade
        One per day of the page.
    hours, measured_hours : int
        All hours, and those with a measured temperature.
    """

    quantities: tuple[QuantityMonth, ...]
    days: tuple[Shade, ...]
    hours: int
    measured_hours: int

    @property
    def measured_share(self) -> float:
        """Share of all hours with a measured temperature."""
        return self.measured_hours / self.hours


@dataclass(frozen=True)
class ClimateRules:
    """How hours are summarised; ``climate.yaml`` explains each value."""

    colour_hours: int
    measured_hours: int
    often_share: float
    often_hours: int
    known_share: float


def climate_rules(on: date | None = None) -> ClimateRules:
    """Return the rules valid on a day; the newest by default."""
    return load_values(ClimateRules, "reports.monthly", "climate.yaml", on)


def climate_month(home_hours: HomeHours, day_index: Integers, rules: ClimateRules) -> ClimateMonth:
    """
    Summarise the climate of one home.

    Parameters
    ----------
    home_hours : HomeHours
        Only the hours to show.
    day_index : (hours,) int64 array
        Index of the day of each hour, from 0 without a gap.
    rules : ClimateRules
    """
    return ClimateMonth(
        quantities=tuple(quantity_month(home_hours, name, rules) for name in home_hours.values),
        days=day_shades(home_hours.worst, day_index, rules),
        hours=len(day_index),
        measured_hours=int(np.isfinite(home_hours.values["temperature_c"]).sum()),
    )


def quantity_month(home_hours: HomeHours, quantity: str, rules: ClimateRules) -> QuantityMonth:
    """Count the hours of each shade of one quantity, and the side where they often are."""
    values, codes = home_hours.values[quantity], home_hours.colours[quantity]
    measured = values[np.isfinite(values)]
    hours = {shade: int(np.sum(codes == code)) for code, shade in enumerate(list(Shade)[:3])}
    hours[Shade.UNMEASURED] = int(np.sum(codes == MISSING))
    mean = float(measured.mean()) if measured.size else None
    often = _often(home_hours.sides[quantity], measured.size, rules)
    return QuantityMonth(quantity, mean, hours, often)


def day_shades(worst: Codes, day_index: Integers, rules: ClimateRules) -> tuple[Shade, ...]:
    """
    Return the worst shade that lasted long enough, per day.

    Parameters
    ----------
    worst : (hours,) int8 array
        The worst colour of each hour: 0 green, 1 yellow, 2 red, -1 not measured.
    day_index : (hours,) int64 array
        Index of the day of each hour, from 0 without a gap.
    rules : ClimateRules
    """
    days = int(day_index.max()) + 1

    def lasted(code: int, hours: int) -> npt.NDArray[np.bool_]:
        return np.bincount(day_index[worst >= code], minlength=days) >= hours

    shades = list(Shade)
    places = np.full(days, shades.index(Shade.UNMEASURED))
    places[lasted(0, rules.measured_hours)] = 0
    places[lasted(1, rules.colour_hours)] = 1
    places[lasted(2, rules.colour_hours)] = 2
    return tuple(shades[place] for place in places)


def _often(sides: Codes, measured: int, rules: ClimateRules) -> Side | None:
    if measured < rules.often_hours:
        return None
    low, high = int(np.sum(sides < 0)), int(np.sum(sides > 0))
    side, hours = (Side.LOW, low) if low > high else (Side.HIGH, high)
    return side if hours / measured >= rules.often_share else None


def _or(kept: npt.NDArray[np.bool_], codes: Codes, other: int) -> Codes:
    return np.where(kept, codes, other).astype(np.int8)
