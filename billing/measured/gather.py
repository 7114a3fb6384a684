"""Gathers the evidence of a bill: the only place where billing reads a store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from billing.law.choice import choose_scheme
from billing.measured.climate.colours import TEMPERATURE
from billing.measured.climate.homes import FilledHomes, MeasuredHomes, read_earlier
from billing.measured.climate.weights import ClimateKey, ClimateSums
from billing.measured.earlier_year import read_earlier_year
from billing.measured.evidence import ClimateEvidence, ClimateHours, Evidence
from billing.measured.meters.common_meters import read_common_meters
from billing.measured.meters.meter_use import read_meters
from billing.measured.meters.user_groups import scattered, user_groups
from billing.measured.spans import spans_of
from billing.schemes import CLIMATE_KEYS, METERS
from telemetry.series.home_climate import home_climate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from billing.bill.bill import UseMethod
    from billing.measured.meters.meter_use import MeterUse
    from billing.schemes import Scheme
    from estate.model import DeviceKind, Estate
    from estate.numbers.arrays import Bools, Floats
    from estate.periods import Period
    from telemetry.series.home_climate import HomeClimate
    from telemetry.stores.store import SampleSource

BY_ITS_OWN: tuple[UseMethod, ...] = ("measured", "interpolated", "own_rate")
"""Methods for a use known from the home's own meter."""
COMMON_KINDS: tuple[DeviceKind, ...] = ("main_heat", "heat", "hot_water")
"""Kinds of meters that may be common."""


def gather(
    estate: Estate,
    source: SampleSource,
    period: Period,
    scheme: Scheme | None = None,
    climate: HomeClimate | None = None,
) -> Evidence:
    """
    Gather the evidence of a bill.

    Parameters
    ----------
    estate : Estate
    source : SampleSource
        Readings of the building.
    period : Period
    scheme : Scheme, optional
        Instead of the building's own. For the climate, only the sums of the scheme are kept, and of
        those shown as information.
    climate : HomeClimate, optional
        Climate of the period, if already read.

    Returns
    -------
    Evidence

    Raises
    ------
    DataError
        If the building has no scheme for the period.
    StoreUnavailable
    """
    choice = choose_scheme(estate.building, period, scheme)
    spans = tuple(spans_of(estate, period))
    hours = period.hours(estate.building.zone)
    keys = climate_keys(each for each in (choice.charged, choice.beside) if each is not None)
    climate = _needed(climate or home_climate(source, estate, hours), keys)
    homes = MeasuredHomes(estate, period, spans, climate)
    meters, heat = _read_meters(source, homes)
    earlier = read_earlier(source, homes)
    filled = FilledHomes(homes, earlier and _needed(earlier, keys), _heat_kwh(homes, heat))
    return Evidence(
        estate=replace(estate, persons=(), costs=(), aconto=()),
        period=period,
        spans=spans,
        meters=meters,
        common={kind: read_common_meters(source, estate, period, kind) for kind in COMMON_KINDS},
        climate=_climate(filled, keys),
        earlier=read_earlier_year(source, homes, meters),
    )


def climate_keys(schemes: Iterable[Scheme]) -> list[ClimateKey]:
    """Return the distinct climate keys of some schemes."""
    components = (
        each for scheme in schemes for of_item in scheme.items.values() for each in of_item
    )
    return sorted({ClimateKey.of(each) for each in components if each.key in CLIMATE_KEYS}, key=str)


def _needed(climate: HomeClimate, keys: Iterable[ClimateKey]) -> HomeClimate:
    """Drop what no key needs: a year of a thousand homes is large."""
    if any(each.key == "climate_bands" or each.ventilation for each in keys):
        return climate
    return replace(climate, values={TEMPERATURE: climate.values[TEMPERATURE]}, suspect={})


def _climate(filled: FilledHomes, keys: Iterable[ClimateKey]) -> ClimateEvidence:
    homes, sums = filled.measured, ClimateSums(filled)
    return ClimateEvidence(
        hours=ClimateHours(
            measured=_by_day(np.isfinite(homes.measured_c), homes),
            refused=_by_day(homes.refused, homes),
            by_house=_by_day(filled.by_others.by_house, homes),
            outdoor=int(np.isfinite(homes.climate.outdoor[TEMPERATURE]).sum()),
        ),
        doubts=homes.climate.doubts,
        glitches=homes.climate.glitches,
        weights={key: sums.weights(key) for key in keys},
        need_kwh=sums.need_kwh(),
        degree_hours=sums.degree_hours(),
        plausible_kwh=sums.plausible_kwh(),
    )


def _by_day(hours: Bools, homes: MeasuredHomes) -> npt.NDArray[np.int8]:
    """Count the hours of each local day, (flats, days)."""
    starts = np.flatnonzero(np.diff(homes.day_index, prepend=-1))
    return np.add.reduceat(hours, starts, axis=1, dtype=np.int8)


def _read_meters(
    source: SampleSource, homes: MeasuredHomes
) -> tuple[dict[DeviceKind, MeterUse], MeterUse]:
    """Read the meters of each kind for the homes it counts, and heat meters of all homes."""
    estate, spans, rules = homes.estate, homes.spans, homes.rules

    def read(kind: DeviceKind, counted: Bools) -> MeterUse:
        own = [span for span, here in zip(spans, counted, strict=True) if here]
        found = read_meters(source, estate, own, kind, rules)
        return found if counted.all() else scattered(found, counted)

    found: dict[DeviceKind, MeterUse] = {}
    for kinds in dict.fromkeys(METERS.values()):
        groups = user_groups(estate, homes.period, kinds)
        for number, kind in enumerate(groups.kinds):
            found[kind] = read(kind, groups.of_flats[homes.flat_rows] == number)
    alone = "heat" in found and "allocator" not in found
    heat = found["heat"] if alone else read("heat", np.ones(len(spans), dtype=np.bool_))
    return {"heat": heat, **found}, heat


def _heat_kwh(homes: MeasuredHomes, meters: MeterUse) -> Floats:
    """Heat of each flat by its own meters, NaN if insufficient, (flats,). [kWh]"""
    # A register that ends an hour before the month still covers it.
    told = [
        bool(rows) and all(each.method in BY_ITS_OWN for each in rows) for rows in meters.registers
    ]
    counted = np.where(told, meters.use, np.nan)
    return np.bincount(homes.flat_rows, counted, len(homes.estate.flats)).astype(np.float64)
