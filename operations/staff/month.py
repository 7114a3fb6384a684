"""
A building's month in figures that name nobody. Pure functions of arrays and bills.

For fewer than `StaffLimits.group_homes_least` homes no figure is made at all, so that none can be
shown, exported or inferred from a difference.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from billing.measured.climate.colours import GREEN, MISSING, TEMPERATURE, colour_home
from billing.measured.heated_days import measured_degree_days
from billing.measured.spans import own_days, spans_of
from billing.rules import billing_rules
from billing.statement.comparison import rounded
from operations.staff.limits import staff_limits

if TYPE_CHECKING:
    from billing.bill.bill import Bill
    from billing.measured.meters.common_meters import CommonMeters
    from estate.model import Estate
    from estate.numbers.arrays import Bools, Floats
    from estate.periods import Period
    from telemetry.series.home_climate import HomeClimate

HEAT, HOT_WATER = "heat_kwh", "hot_water_m3"
PER_CENT = 100.0
DIGITS = 3
"""Significant digits of a mean over homes."""

Withheld = Literal["few_homes", "few_measured", "not_measured"]


class ClimateFigures(BaseModel):
    """
    The indoor climate of let homes that share it.

    Attributes
    ----------
    homes : int
        Homes measured for most of the month that have not opted out.
    temperature_c, humidity_pct, co2_ppm : float or None
        Mean of the homes; None if the boxes do not measure it.
    good_pct : float
        Hours in which all of it was good, of all measured ones. [%]
    cold_pct, humid_pct, stale_pct : float
        Hours below the good temperatures, above the good humidity, above the good CO2. [%]
    """

    model_config = ConfigDict(frozen=True)

    homes: int
    temperature_c: float | None
    humidity_pct: float | None
    co2_ppm: float | None
    good_pct: float
    cold_pct: float
    humid_pct: float
    stale_pct: float


class MonthFigures(BaseModel):
    """
    A building's month.

    Attributes
    ----------
    building : str
    month : date
        Its first day.
    homes : int
        Let on all of its days.
    area_m2 : float
        Of all flats.
    heat_kwh, hot_water_m3 : float or None
        Of the main meter, otherwise of all homes; None if unknown or withheld.
    heat_estimated : bool
        Whether some of it is not from readings.
    degree_days : float or None
        From the measured outdoor temperature; None if too little of it is known. [K d]
    cost_ore : int or None
        What the month cost, as far as it is known. [øre]
    cost_estimated : bool
        Whether it is estimated by the prices of an earlier account.
    climate : ClimateFigures or None
    withheld : str or None
        Why there is no heat and no cost; for the climate `climate_withheld`.
    """

    model_config = ConfigDict(frozen=True)

    building: str
    month: date
    homes: int
    area_m2: float
    heat_kwh: float | None = None
    heat_estimated: bool = False
    hot_water_m3: float | None = None
    degree_days: float | None = None
    cost_ore: int | None = None
    cost_estimated: bool = False
    climate: ClimateFigures | None = None
    withheld: Withheld | None = None
    climate_withheld: Withheld | None = None

    @property
    def kwh_per_degree_day(self) -> float | None:
        """Heat per degree-day; None in a month too warm to judge. [kWh/(K d)]"""
        least = staff_limits().degree_days_least
        if self.heat_kwh is None or self.degree_days is None or self.degree_days < least:
            return None
        return self.heat_kwh / self.degree_days

    @property
    def wh_per_m2_degree_day(self) -> float | None:
        """The same per square metre, to compare buildings. [Wh/(m² K d)]"""
        heat = self.kwh_per_degree_day
        return None if heat is None else 1000 * heat / self.area_m2


def month_figures(
    estate: Estate,
    period: Period,
    climate: HomeClimate,
    bill: Bill,
    main: CommonMeters,
    *,
    cost_estimated: bool = False,
) -> MonthFigures:
    """
    Sum up a month of a building.

    Parameters
    ----------
    estate : Estate
    period : Period
        The month.
    climate : HomeClimate
        Of the month.
    bill : Bill
        Of the month; without rows where no cost is known.
    main : CommonMeters
        The main heat meters of the building.
    cost_estimated : bool, optional
    """
    limits, let = staff_limits(), let_homes(estate, period)
    plain = MonthFigures(
        building=estate.building.id,
        month=period.start,
        homes=int(let.sum()),
        area_m2=sum(each.area_m2 for each in estate.flats),
        degree_days=degree_days(climate, limits.known_part),
    )
    if plain.homes < limits.group_homes_least:
        return plain.model_copy(update={"withheld": "few_homes", "climate_withheld": "few_homes"})
    heat_kwh, estimated = _heat(bill, main)
    water_m3, _ = _of_homes(bill, HOT_WATER)
    shown = measured_homes(estate, climate, let, limits.known_part)
    told = climate_figures(climate, shown, period.start)
    return plain.model_copy(
        update={
            "heat_kwh": heat_kwh,
            "heat_estimated": estimated,
            "hot_water_m3": water_m3,
            "cost_ore": bill.total_ore if bill.rows else None,
            "cost_estimated": cost_estimated,
            "climate": told,
            "climate_withheld": _why_none(told, int(shown.sum())),
        }
    )


def let_homes(estate: Estate, period: Period) -> Bools:
    """Return which flats are let on every day of a period, (flats,)."""
    spans = [each for each in spans_of(estate, period) if each.resident]
    found = np.zeros((len(estate.flats), period.days), dtype=np.bool_)
    if spans:
        rows = [estate.flat_index[each.flat] for each in spans]
        np.logical_or.at(found, rows, own_days(spans, period))
    return np.asarray(found.all(axis=1))


def measured_homes(estate: Estate, climate: HomeClimate, let: Bools, known_part: float) -> Bools:
    """Return the homes whose climate counts: let, mostly measured, not opted out, (flats,)."""
    refusing = {each.flat for each in estate.tenancies if each.climate_refused}
    refused = np.array([each.flat in refusing for each in estate.flats], dtype=np.bool_)
    known = np.isfinite(climate.values[TEMPERATURE]).mean(axis=1) >= known_part
    return np.asarray(let & ~refused & known)


def climate_figures(climate: HomeClimate, shown: Bools, on: date) -> ClimateFigures | None:
    """Return the means over some homes, (flats,); None if they are too few to be shown."""
    if shown.sum() < staff_limits().group_homes_least:
        return None
    values = {name: rows[shown] for name, rows in climate.values.items()}
    found = colour_home(values, on)
    known = found.worst != MISSING
    return ClimateFigures(
        homes=int(shown.sum()),
        temperature_c=_mean(values.get(TEMPERATURE)),
        humidity_pct=_mean(values.get("humidity_pct")),
        co2_ppm=_mean(values.get("co2_ppm")),
        good_pct=_share(found.worst == GREEN, known),
        cold_pct=_share(found.sides[TEMPERATURE] < 0, known),
        humid_pct=_share(found.sides["humidity_pct"] > 0, known),
        stale_pct=_share(found.sides["co2_ppm"] > 0, known),
    )


def degree_days(climate: HomeClimate, known_part: float) -> float | None:
    """Return the degree-days of measured days; None if too few hours are known. [K d]"""
    outdoor = climate.outdoor[TEMPERATURE]
    known = np.isfinite(outdoor)
    if not len(outdoor) or known.mean() < known_part:
        return None
    hours = np.arange(len(outdoor))
    filled = np.interp(hours, hours[known], outdoor[known])
    base_c = billing_rules().heating_limit_c
    return float(measured_degree_days(filled, climate.hours.day_index, base_c).sum())


def _heat(bill: Bill, main: CommonMeters) -> tuple[float | None, bool]:
    """Return the heat of the main meter, else of the homes', and whether some is estimated."""
    if main.uses and all(np.isfinite(each.use) for each in main.uses):
        estimated = any(each.estimated_hours for each in main.uses)
        return float(sum(each.use for each in main.uses)), estimated
    return _of_homes(bill, HEAT)


def _of_homes(bill: Bill, quantity: str) -> tuple[float | None, bool]:
    uses = [
        each
        for statement in bill.statements
        for each in statement.registers
        if each.quantity == quantity
    ]
    total = sum(each.use for each in uses)
    known = bool(uses) and bool(np.isfinite(total))
    return (float(total) if known else None), any(each.estimated_hours for each in uses)


def _why_none(told: ClimateFigures | None, measured: int) -> Withheld | None:
    if told is not None:
        return None
    return "few_measured" if measured else "not_measured"


def _mean(values: Floats | None) -> float | None:
    if values is None or not np.isfinite(values).any():
        return None
    # Each home has the same weight, however many of its hours are known.
    homes = [row[np.isfinite(row)].mean() for row in values if np.isfinite(row).any()]
    return rounded(float(np.mean(homes)), DIGITS)


def _share(there: Bools, known: Bools) -> float:
    return rounded(PER_CENT * float((there & known).sum()) / float(known.sum()), 2)
