"""
What a bill is computed from: all that meters and boxes told of a period, as small sums. A value.

It holds the registers at the edges of each tenancy's days, and of the climate one sum for each
home, local day and key with its hours. It holds no hourly climate, which would be a diary of who
was at home, and no name of a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from billing.measured.meters.common_meters import CommonMeters
from billing.measured.spans import own_days
from billing.rules import billing_rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from billing.measured.climate.weights import ClimateKey, ClimateWeights
    from billing.measured.meters.meter_use import MeterUse
    from billing.measured.spans import Span
    from billing.rules import BillingRules
    from estate.model import DeviceKind, Estate
    from estate.periods import Period
    from telemetry.series.home_climate import Doubt, Glitches

    Floats = npt.NDArray[np.float64]
    Hours = npt.NDArray[np.int8]


@dataclass(frozen=True)
class ClimateHours:
    """
    How many hours of each home's local days are known, and how; the rest is its own estimate.

    Attributes
    ----------
    measured : (flats, days) int8 array
        With a measured temperature. [h]
    refused : (flats, days) int8 array
        Of residents who refused a box, as is their right. [h]
    by_house : (flats, days) int8 array
        Of which nothing of the home tells, so that the house stands in. [h]
    outdoor : int
        With a measured outdoor temperature, of the whole period. [h]
    """

    measured: Hours
    refused: Hours
    by_house: Hours
    outdoor: int


@dataclass(frozen=True)
class ClimateEvidence:
    """
    What boxes told.

    Attributes
    ----------
    hours : ClimateHours
    doubts : tuple of Doubt
    glitches : tuple of Glitches
    weights : mapping of ClimateKey to ClimateWeights
        Of the schemes that may be charged or shown beside.
    need_kwh : (3, spans) array
        Heat that each span's own envelope lost beyond its gains: as it was, and had homes been half
        a degree warmer and colder; NaN where it is not known. [kWh]
    degree_hours : (3, spans) array
        Likewise the sums of hours above the outdoor air. [K h]
    plausible_kwh : (2, spans) array
        Least and most heat that meters can have counted, NaN where nothing bounds it. [kWh]
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
    What was counted on the same days a year before, of tenancies that had the home then.

    Attributes
    ----------
    degree_days_then, degree_days_now : (spans,) arrays
        NaN where they are not compared. [K d]
    use : mapping of DeviceKind to (spans,) array
        NaN where a part was not read. [the quantity's unit]
    """

    degree_days_then: Floats
    degree_days_now: Floats
    use: Mapping[DeviceKind, Floats] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """
    What a bill of one building and period is computed from, beside its costs.

    Attributes
    ----------
    estate : Estate
        Without persons, costs and charges on account.
    period : Period
    spans : sequence of Span
        Days of each flat that are one party's, in the order of flats and days.
    meters : mapping of DeviceKind to MeterUse
        Of the homes that each kind counts.
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

    @property
    def rules(self) -> BillingRules:
        """The limits that hold on the period's first day."""
        return billing_rules(self.period.start)

    @cached_property
    def flat_rows(self) -> npt.NDArray[np.int64]:
        """Row of each span's flat, rising, shape (spans,)."""
        return np.array([self.estate.flat_index[span.flat] for span in self.spans])

    @cached_property
    def hours_of_days(self) -> npt.NDArray[np.int64]:
        """Hours of each local day, 23 to 25, shape (days,)."""
        hours = self.period.hours(self.estate.building.zone)
        return np.bincount(hours.day_index, minlength=hours.days)

    @property
    def hours(self) -> int:
        """Hours of the period."""
        return int(self.hours_of_days.sum())

    @property
    def outdoor_known(self) -> bool:
        """Whether anything tells how cold it was."""
        return self.climate.hours.outdoor > 0

    def hours_of_spans(self, of_flats: npt.NDArray[np.integer] | None = None) -> Hours:
        """Add up the hours of each span's days, or those of a kind, shape (spans,)."""
        hours = self.hours_of_days if of_flats is None else of_flats[self.flat_rows]
        return np.asarray((own_days(self.spans, self.period) * hours).sum(axis=1))
