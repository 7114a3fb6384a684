"""
Divides a supplier's bill into items: room heat, hot water, loss. Pure.

Each derived item gets the part of the bill's heat computed by a method; the rest stays with
the divided item. The parts add up to the bill in whole øre.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.derivation import Derivation, DerivationMethod
from billing.money import micro, split
from estate.numbers.values import load_values

if TYPE_CHECKING:
    from datetime import date

REST = "rest"
"""Name of the remainder in the list of derived items."""


@dataclass(frozen=True)
class DeriveNumbers:
    """Constants; units, sources and dates are in ``derive.yaml``."""

    kwh_per_m3_and_kelvin: float
    cold_water_c: float
    kwh_per_m2_and_year: float
    gross_calorific_factor: float
    commercial_supply_divisor: float
    heat_pump_factor: float = 1.0


def derive_numbers(on: date | None = None) -> DeriveNumbers:
    """Return the constants valid on a day; the newest by default."""
    return load_values(DeriveNumbers, "billing.costs", "derive.yaml", on)


@dataclass(frozen=True)
class Measured:
    """
    A building's measurements over the period of a bill; None if not measured.

    Attributes
    ----------
    supplied_kwh : float or None
        Heat of the supplier's bill. [kWh]
    hot_water_kwh : float or None
        By the common heat meters, at the hot-water tank. [kWh]
    hot_water_estimated : bool
        Whether part of it is estimated.
    room_heat_kwh : float or None
        By the homes' heat meters. [kWh]
    hot_water_m3 : float or None
        [m³]
    area_m2 : float
        Total of all homes. [m²]
    years : float
        Length of the period; 1 for a whole year. [a]
    hot_water_c : float or None
        From building.yaml. [°C]
    on : date or None
        The period's first day, whose constants apply; None: the newest.
    """

    supplied_kwh: float | None = None
    hot_water_kwh: float | None = None
    hot_water_estimated: bool = False
    room_heat_kwh: float | None = None
    hot_water_m3: float | None = None
    area_m2: float = 0.0
    years: float = 1.0
    hot_water_c: float | None = None
    gross_calorific: bool = False
    commercial_supply: bool = False
    heat_pump: bool = False
    on: date | None = None


def derived_kwh(
    method: DerivationMethod, rule: Derivation, measured: Measured, others_kwh: float = 0.0
) -> float | None:
    r"""
    Return the heat of a derived item by a method.

    Parameters
    ----------
    method : str
        One of `rule.by`.
    rule : Derivation
    measured : Measured
    others_kwh : float
        Heat of the other derived items, for ``unmetered_energy``. [kWh]

    Returns
    -------
    float or None
        For ``water_temperature`` :math:`2.5 V (t_w - 10)`, for ``kwh_per_m2`` :math:`32 A` a year,
        both times 1.11 for gas by gross calorific value, over 1.15 for heat sold by a firm, and
        times 0.30 for a heat pump, whose bill counts electricity.
        None if the building lacks the measurements for the method. [kWh]

    References
    ----------
    .. [1] HeizkostenV § 9 (2).
    """
    numbers = derive_numbers(measured.on)
    if method == "metered_energy":
        return measured.hot_water_kwh
    if method == "unmetered_energy":
        return _unmetered(measured, others_kwh)
    if method == "fixed":
        return _times(rule.fraction, measured.supplied_kwh)
    if method == "kwh_per_m3":
        return _times(rule.kwh_per_m3, measured.hot_water_m3)
    if method == "kwh_per_m2":
        return _corrected(numbers.kwh_per_m2_and_year * measured.area_m2 * measured.years, measured)
    hot_c = measured.hot_water_c or rule.hot_c
    if measured.hot_water_m3 is None or hot_c is None:
        return None
    warmer_k = hot_c - numbers.cold_water_c
    return _corrected(numbers.kwh_per_m3_and_kelvin * measured.hot_water_m3 * warmer_k, measured)


def _times(factor: float | None, amount: float | None) -> float | None:
    return None if factor is None or amount is None else factor * amount


def _unmetered(measured: Measured, others_kwh: float) -> float | None:
    if measured.supplied_kwh is None or measured.room_heat_kwh is None:
        return None
    return measured.supplied_kwh - measured.room_heat_kwh - others_kwh


def _corrected(heat_kwh: float, measured: Measured) -> float:
    """Convert heat to the basis of the supplier's bill."""
    numbers = derive_numbers(measured.on)
    if measured.gross_calorific:
        heat_kwh *= numbers.gross_calorific_factor
    if measured.heat_pump:
        heat_kwh *= numbers.heat_pump_factor
    return heat_kwh / numbers.commercial_supply_divisor if measured.commercial_supply else heat_kwh


def divide(
    amount_ore: int, source: str, whole: float, parts: Mapping[str, float]
) -> dict[str, int]:
    """
    Divide an amount among derived items and the remainder.

    Parameters
    ----------
    amount_ore : int
        [øre]
    source : str
        The item that keeps the remainder.
    whole : float
        Heat of the whole amount, or 1 where `parts` are fractions. [kWh or 1]
    parts : mapping of str to float
        Heat or fraction by derived item. [kWh or 1]

    Returns
    -------
    dict of str to int
        Sorted by item; they add up to `amount_ore`. [øre]

    Raises
    ------
    ValueError
        If a part is negative or the parts exceed the whole.

    Examples
    --------
    >>> divide(100_000, "heat", 20_000, {"hot_water": 5_000, "loss": 3_000})
    {'heat': 60000, 'hot_water': 25000, 'loss': 15000}
    """
    weights = {item: micro(part) for item, part in parts.items()}
    weights[source] = micro(whole) - sum(weights.values())
    items = sorted(weights)
    shares = split(amount_ore, [weights[item] for item in items])
    return dict(zip(items, shares, strict=True))
