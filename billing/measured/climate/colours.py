"""Classifies hourly climate as green, yellow or red by dated limits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from estate.numbers.arrays import Codes
from estate.numbers.values import load_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

Floats = npt.NDArray[np.floating]

GREEN, YELLOW, RED, MISSING = 0, 1, 2, -1
"""Codes of colours."""
TEMPERATURE = "temperature_c"
HOMES_AT_ONCE = 8


@dataclass(frozen=True)
class Band:
    """Limits of one quantity, both ends inclusive. [the quantity's unit]"""

    green: tuple[float, float]
    yellow: tuple[float, float]


@dataclass(frozen=True)
class ClimateLimits:
    """
    Limits by quantity, and the weight of each colour.

    Attributes
    ----------
    weights : (3,) float64 array
        Of green, yellow and red.
    """

    bands: Mapping[str, Band]
    weights: npt.NDArray[np.float64]


@dataclass(frozen=True)
class ClimateColours:
    """
    Colours of some hours, arrays of any one shape.

    Attributes
    ----------
    colours : mapping of str to int8 array
        By quantity: 0 green, 1 yellow, 2 red, -1 not measured.
    sides : mapping of str to int8 array
        By quantity: -1 below the green band, 1 above it, 0 within it or not measured.
    worst : int8 array
        The worst colour of the quantities present; -1 without a temperature.
    """

    colours: Mapping[str, Codes]
    sides: Mapping[str, Codes]
    worst: Codes


@cache
def climate_limits(on: date | None = None) -> ClimateLimits:
    """Return the limits valid on a day; the newest by default."""
    table = load_table("billing.measured.climate", "climate_limits.yaml", on)
    bands = {
        name: Band(_ends(row["green"]), _ends(row["yellow"]))
        for name, row in table["quantities"].items()
    }
    weights = np.array([table["weights"][name] for name in ("green", "yellow", "red")])
    return ClimateLimits(bands, weights)


def _ends(limits: list[float | None]) -> tuple[float, float]:
    low, high = limits
    return (-np.inf if low is None else low, np.inf if high is None else high)


def colour_home(values: Mapping[str, Floats], on: date | None = None) -> ClimateColours:
    """
    Colour hourly climate by the limits valid on a day.

    Parameters
    ----------
    values : mapping of str to array
        Hourly means by quantity, all of one shape, such as (hours,) or (flats, hours), NaN = gap;
        the temperature is among them. [the quantity's unit]
    on : date, optional
        The first of the days; the newest limits by default.
    """
    bands = climate_limits(on).bands
    colours = {name: colour_codes(row, bands[name]) for name, row in values.items()}
    sides = {name: side_codes(row, bands[name]) for name, row in values.items()}
    return ClimateColours(colours, sides, worst_colours(values, on))


def worst_colours(values: Mapping[str, Floats], on: date | None = None) -> Codes:
    """
    Return the worst colour of the quantities present; -1 without a temperature.

    Parameters
    ----------
    values, on : as of `colour_home`

    Returns
    -------
    int8 array
        Of the same shape.
    """
    bands = climate_limits(on).bands
    shape = values[TEMPERATURE].shape
    rows = {name: np.atleast_2d(each) for name, each in values.items()}
    worst = np.empty(rows[TEMPERATURE].shape, dtype=np.int8)
    # A few homes at a time fit into the processor's cache: several times faster than all at once.
    for first in range(0, len(worst), HOMES_AT_ONCE):
        block = slice(first, first + HOMES_AT_ONCE)
        outside = [_outside(each[block], bands[name]) for name, each in rows.items()]
        not_green, not_yellow = (
            np.logical_or.reduce(parts) for parts in zip(*outside, strict=True)
        )
        np.add(not_green, not_yellow, out=worst[block], dtype=np.int8)
        worst[block][np.isnan(rows[TEMPERATURE][block])] = MISSING
    return worst.reshape(shape)


def _outside(values: Floats, band: Band) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether each value is outside the green band, and outside the yellow one; never for NaN."""
    return _beyond(values, *band.green), _beyond(values, *band.yellow)


def _beyond(values: Floats, low: float, high: float) -> npt.NDArray[np.bool_]:
    beyond = values > high
    if low > -np.inf:
        beyond |= values < low
    return beyond


def colour_codes(values: Floats, band: Band) -> Codes:
    """Return 0 green, 1 yellow, 2 red, -1 for NaN; any shape."""
    not_green, not_yellow = _outside(values, band)
    codes = np.add(not_green, not_yellow, dtype=np.int8)
    codes[np.isnan(values)] = MISSING
    return codes


def side_codes(values: Floats, band: Band) -> Codes:
    """Return -1 below the green band, 1 above it, else 0; any shape."""
    low, high = band.green
    return (values > high).astype(np.int8) - (values < low).astype(np.int8)
