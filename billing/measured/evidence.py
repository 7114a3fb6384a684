"""
Evidence: the measured data that a bill is computed from, as small sums. A value object.

It contains the registers at the edges of each tenancy's days, and for the climate one sum per
home, local day and key with its hours. It contains no hourly climate, which would be a diary of who
was at home, and no name of a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from billing.measured.meters.common_meters import CommonMeters
from billing.measured.spans import own_days
from billing.rules import billing_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from billing.measured.climate.weights import ClimateKey, ClimateWeights
    from billing.measured.meters.meter_use import MeterUse
    from billing.measured.spans import Span
    from billing.rules import BillingRules
    from estate.model import DeviceKind, Estate
    from estate.numbers.arrays import Floats, Integers
    from estate.periods import Period
    from telemetry.series.home_climate import Doubt, Glitches

    Hours = npt.NDArray[np.int8]


@dataclass(frozen=True)
class ClimateHours:
    """
    Hours of each home's local days by origin; the rest is estimated from the home.

    Attributes
    ----------
    measured : (flats, days) int8 array
        With a measured temperature. [h]
    refused : (flats, days) int8 array
        Of residents who opted out. [h]
    by_house : (flats, days) int8 array
        Estimated from the house, for lack of data from the home. [h]
    outdoor : int
        With a measured outdoor temperature, in the whole period. [h]
    """

    measured: Hours
    refused: Hours
    by_house: Hours
    outdoor: int


@dataclass(frozen=True)
class ClimateEvidence:
    """
    Evidence from sensors.

    Attributes
    ----------
    hours : ClimateHours
    doubts : tuple of Doubt
    glitches : tuple of Glitches
    weights : mapping of ClimateKey to ClimateWeights
        For the schemes that may be charged or shown as information.
    need_kwh : (3, spans) array
        Heat loss of each span's envelope beyond its gains: actual, and had homes been half
        a degree warmer and colder; NaN if unknown. [kWh]
    degree_hours : (3, spans) array
        Degree-hours above the outdoor temperature, likewise. [K h]
    plausible_kwh : (2, spans) array
        Plausible range of metered heat, NaN if unbounded. [kWh]
    """

    hours: ClimateHours
    doubts: tuple[Doubt, ...]
    glitches: tuple[Glitches, ...]
    weights: Mapping[ClimateKey, ClimateWeights]
    need_kwh: Floats
    degree_hours: Floats
    plausible_kwh: Floats


@dataclass(frozen=True)
class EarlierYear:
    """
    Use on the same days a year before, of tenancies that had the home then.

    Attributes
    ----------
    degree_days_then, degree_days_now : (spans,) arrays
        NaN if not compared. [K d]
    use : mapping of DeviceKind to (spans,) array
        NaN if a part was not read. [the quantity's unit]
    """

    degree_days_then: Floats
    degree_days_now: Floats
    use: Mapping[DeviceKind, Floats] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """
    The data that a bill of one building and period is computed from, besides its costs.

    Attributes
    ----------
    estate : Estate
        Without persons, costs and charges on account.
    period : Period
    spans : sequence of Span
        Days of each flat by party, in the order of flats and days.
    meters : mapping of DeviceKind to MeterUse
        Of the homes counted by each kind.
    common : mapping of DeviceKind to CommonMeters
    climate : ClimateEvidence
    earlier : EarlierYear
    """

    estate: Estate
    period: Period
    spans: Sequence[Span]
    meters: Mapping[DeviceKind, MeterUse]
    common: Mapping[DeviceKind, CommonMeters]
    climate: ClimateEvidence
    earlier: EarlierYear

    def __post_init__(self) -> None:
        for _, array in self.arrays():
            array.flags.writeable = False

    @property
    def rules(self) -> BillingRules:
        """The limits that hold on the period's first day."""
        return billing_rules(self.period.start)

    @cached_property
    def flat_rows(self) -> Integers:
        """Row of each span's flat, rising, shape (spans,)."""
        return np.array([self.estate.flat_index[span.flat] for span in self.spans])

    @cached_property
    def hours_of_days(self) -> Integers:
        """Hours of each local day, 23 to 25, shape (days,)."""
        hours = self.period.hours(self.estate.building.zone)
        return np.bincount(hours.day_index, minlength=hours.days)

    @property
    def hours(self) -> int:
        """Hours of the period."""
        return int(self.hours_of_days.sum())

    @property
    def outdoor_known(self) -> bool:
        """Whether any outdoor temperature is known."""
        return self.climate.hours.outdoor > 0

    def arrays(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Yield each array by name, always in the same order."""
        climate, earlier = self.climate, self.earlier
        yield "climate/hours/measured", climate.hours.measured
        yield "climate/hours/refused", climate.hours.refused
        yield "climate/hours/by_house", climate.hours.by_house
        for number, weights in enumerate(climate.weights.values()):
            yield f"climate/weights/{number}/of_spans", weights.of_spans
            yield f"climate/weights/{number}/by_day", weights.by_day
        yield "climate/need_kwh", climate.need_kwh
        yield "climate/degree_hours", climate.degree_hours
        yield "climate/plausible_kwh", climate.plausible_kwh
        for kind, meters in sorted(self.meters.items()):
            yield f"meters/{kind}/use", meters.use
            yield f"meters/{kind}/estimated_hours", meters.estimated_hours
            yield f"meters/{kind}/estimated_part", meters.estimated_part
        yield "earlier/degree_days_then", earlier.degree_days_then
        yield "earlier/degree_days_now", earlier.degree_days_now
        for kind, use in sorted(earlier.use.items()):
            yield f"earlier/use/{kind}", use

    def hours_of_spans(self, of_flats: npt.NDArray[np.integer] | None = None) -> Integers:
        """Return the hours of each span, in all or of one kind, shape (spans,)."""
        hours = self.hours_of_days if of_flats is None else of_flats[self.flat_rows]
        return np.asarray((own_days(self.spans, self.period) * hours).sum(axis=1))
