"""Colours of hourly climate: green, yellow, red by dated limits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

Floats = npt.NDArray[np.floating]
Codes = npt.NDArray[np.int8]

GREEN, YELLOW, RED, MISSING = 0, 1, 2, -1
"""Codes of colours."""
TEMPERATURE = "temperature_c"


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
        The worst colour of the quantities present; -1 where the temperature is not.
    """

    colours: Mapping[str, Codes]
    sides: Mapping[str, Codes]
    worst: Codes


@cache
def climate_limits() -> ClimateLimits:
    """Read the limits."""
    text = resources.files("billing").joinpath("climate_limits.yaml").read_text("utf-8")
    table = yaml.safe_load(text)
    bands = {
        name: Band(_ends(row["green"]), _ends(row["yellow"]))
        for name, row in table["quantities"].items()
    }
    weights = np.array([table["weights"][name] for name in ("green", "yellow", "red")])
    return ClimateLimits(bands, weights)


def _ends(limits: list[float | None]) -> tuple[float, float]:
    low, high = limits
    return (-np.inf if low is None else low, np.inf if high is None else high)


def colour_home(values: Mapping[str, Floats]) -> ClimateColours:
    """
    Colour hourly climate by the limits in force.

    Parameters
    ----------
    values : mapping of str to array
        Hourly means by quantity, all of one shape, such as (hours,) or (flats, hours), NaN = gap;
        the temperature is among them. [the quantity's unit]
    """
    bands = climate_limits().bands
    colours = {name: colour_codes(row, bands[name]) for name, row in values.items()}
    sides = {name: side_codes(row, bands[name]) for name, row in values.items()}
    worst = np.maximum.reduce(list(colours.values()))
    measured = colours[TEMPERATURE] != MISSING
    return ClimateColours(colours, sides, np.where(measured, worst, MISSING).astype(np.int8))


def colour_codes(values: Floats, band: Band) -> Codes:
    """Give 0 green, 1 yellow, 2 red, -1 for NaN; any shape."""
    # A comparison with NaN is false, so that NaN is in no band.
    outside_green = (values < band.green[0]) | (values > band.green[1])
    outside_yellow = (values < band.yellow[0]) | (values > band.yellow[1])
    codes = outside_green.astype(np.int8) + outside_yellow.astype(np.int8)
    codes[np.isnan(values)] = MISSING
    return codes


def side_codes(values: Floats, band: Band) -> Codes:
    """Give -1 below the green band, 1 above it, else 0; any shape."""
    low, high = band.green
    return (values > high).astype(np.int8) - (values < low).astype(np.int8)


def colour_weights(worst: Codes, weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """
    Give the weight of each hour's colour, NaN where there is none; any shape.

    Parameters
    ----------
    worst : int8 array
    weights : (3,) array
        Of green, yellow and red.
    """
    return np.append(weights, np.nan)[worst]
