"""Homes without heat in a building: reads their meters and climate, and returns alerts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.coverage import coverage
from alerts.detectors.intervals import registers_of
from alerts.detectors.limits import limits as detector_limits
from alerts.heating.home_hours import HomeHours
from alerts.heating.limits import heating_limits
from alerts.heating.no_heat import no_heat
from alerts.model import Alert, AlertKind
from estate.devices import REGISTER_OF
from estate.periods import HOUR_MS, day_start_ms
from telemetry.series.held import held
from telemetry.series.humidity import water_g_per_m3
from telemetry.series.registers.register_breaks import register_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.coverage import Coverage
    from alerts.detectors.found import Found
    from alerts.detectors.intervals import Register
    from alerts.rules import AlertRules
    from estate.model import DeviceKind, Estate, Tenancy
    from estate.numbers.arrays import Bools, Floats, Integers
    from estate.periods import Hours, Spanned
    from telemetry.series.home_climate import HomeClimate
    from telemetry.stores.store import SampleSource

WATER: tuple[DeviceKind, ...] = ("cold_water", "hot_water")
LITRES_PER_M3 = 1000.0


def no_heat_alerts(
    estate: Estate, source: SampleSource, climate: HomeClimate, own: Hours, rules: AlertRules
) -> tuple[list[Alert], list[Coverage]]:
    """
    Find the let homes of a building whose heating does not work, with the coverage.

    Parameters
    ----------
    estate : Estate
    source : SampleSource
    climate : HomeClimate
    own : Hours
        The hours of the judged period, the last ones of `climate`.
    rules : AlertRules

    Raises
    ------
    StoreUnavailable
    """
    lets = lets_of(estate, climate.hours)
    boxes = {each.flat for each in estate.devices_of_kind("climate") if _share(each, estate, own)}
    verdicts = [
        (each.tenancy.flat, _lack(each, climate, own, boxes, rules))
        for each in lets
        if _share(each.tenancy, estate, own)
    ]
    covered = [coverage(estate.building.id, AlertKind.NO_HEAT, "homes", verdicts)]
    if not lets:
        return [], []
    found = no_heat(home_hours(estate, source, climate, lets), heating_limits())
    return [_alert(estate, lets[each.row].tenancy, each) for each in found], covered


@dataclass(frozen=True)
class Let:
    """A tenancy, the row of its flat, and whether each hour is its own, (hours,)."""

    tenancy: Tenancy
    row: int
    own: Bools


def lets_of(estate: Estate, hours: Hours, among: Hours | None = None) -> list[Let]:
    """
    Return the tenancies of some hours; in a vacant home nobody is cold.

    Parameters
    ----------
    estate : Estate
    hours : Hours
    among : Hours, optional
        Those of these hours are returned, even one that has none of `hours`.
    """
    return [
        Let(tenancy, row, _own_hours(tenancy, estate, hours))
        for row, flat in enumerate(estate.flats)
        for tenancy in estate.tenancies_of.get(flat.flat, ())
        if _share(tenancy, estate, among or hours)
    ]


def _share(span: Spanned, estate: Estate, hours: Hours) -> bool:
    return bool(_own_hours(span, estate, hours).any())


def _own_hours(span: Spanned, estate: Estate, hours: Hours) -> Bools:
    zone = estate.building.zone
    end_ms = hours.end_ms if span.end is None else day_start_ms(span.end, zone)
    return hours.between(day_start_ms(span.start, zone), end_ms)


def _lack(
    let: Let, climate: HomeClimate, own: Hours, boxes: set[str | None], rules: AlertRules
) -> str | None:
    """Return the reason why a home could not be judged, None if it could."""
    within = let.own & climate.hours.between(own.start_ms, own.end_ms)
    bridged = held(climate.values["temperature_c"][let.row], heating_limits().bridged_hours)
    if np.isfinite(bridged[within]).mean() >= rules.judged_part:
        return None
    if let.tenancy.flat not in boxes:
        return "no_box"
    doubted = np.logical_or.reduce(list(climate.suspect.values()))[let.row, within]
    return "box_doubted" if doubted.mean() >= 1 - rules.judged_part else "no_temperature"


def home_hours(
    estate: Estate, source: SampleSource, climate: HomeClimate, lets: Sequence[Let]
) -> HomeHours:
    """Return the hourly data of the homes of some tenancies."""
    rows = [each.row for each in lets]
    let = np.stack([each.own for each in lets])
    inside = {
        name: np.where(let, climate.values[name][rows], np.nan)
        for name in ("temperature_c", "humidity_pct", "co2_ppm")
    }
    outdoor = climate.outdoor
    water = water_g_per_m3(inside["temperature_c"], inside["humidity_pct"])
    outdoor_water = water_g_per_m3(outdoor["temperature_c"], outdoor["humidity_pct"])
    heat = _used(estate, source, climate.hours, "heat")
    drawn = [_used(estate, source, climate.hours, kind) for kind in WATER]
    measured = np.isfinite(drawn).any(axis=0)
    drawn_l = np.where(measured, np.nansum(drawn, axis=0) * LITRES_PER_M3, np.nan)
    return HomeHours(
        starts_ms=climate.hours.starts_ms,
        temperature_c=inside["temperature_c"],
        co2_ppm=inside["co2_ppm"],
        excess_g_per_m3=water - outdoor_water,
        heat_kwh=np.where(let, heat[rows], np.nan),
        water_l=np.where(let, drawn_l[rows], np.nan),
        outdoor_c=outdoor["temperature_c"],
        let=let,
    )


def _used(estate: Estate, source: SampleSource, hours: Hours, kind: DeviceKind) -> Floats:
    """Return the use of each flat that was read in each hour, (flats, hours)."""
    places = [each for each in estate.devices_of_kind(kind) if each.flat is not None]
    devices, quantity = sorted({each.device for each in places}), REGISTER_OF[kind]
    edges_ms = np.append(hours.starts_ms, hours.end_ms)
    used = np.full((len(estate.flats), hours.count), np.nan)
    if not devices:
        return used
    stale_hours = heating_limits().stale_hours
    first_ms = hours.start_ms - round(stale_hours * HOUR_MS)
    samples = source.samples(estate.building.id, devices, quantity, first_ms, hours.end_ms + 1)
    most = register_limits().most_per_hour[quantity]
    registers = registers_of(samples, len(devices), most, detector_limits())
    counted = {
        device: counted_in_hours(register, edges_ms, stale_hours)
        for device, register in zip(devices, registers, strict=True)
    }
    row = {flat.flat: number for number, flat in enumerate(estate.flats)}
    for place in places:
        here = (row[place.flat or ""], _own_hours(place, estate, hours))
        # A home with two meters is heated by both.
        used[here] = np.nan_to_num(used[here]) + counted[place.device][here[1]]
    return used


def counted_in_hours(register: Register, edges_ms: Integers, stale_hours: float) -> Floats:
    """
    Return what a register counted in each hour, as of the readings by then.

    Unlike interpolation this needs no later reading: use while telegrams were lost
    is counted in the hour of the next one.

    Parameters
    ----------
    register : Register
    edges_ms : (hours + 1,) int64 array
        [ms since 1970, UTC]
    stale_hours : float
        Hours at whose end the last reading is older than this are NaN. [h]

    Returns
    -------
    (hours,) array
        [the register's unit]
    """
    if not len(register.time_ms):
        return np.full(len(edges_ms) - 1, np.nan)
    last = np.searchsorted(register.time_ms, edges_ms, side="right") - 1
    at = np.maximum(last, 0)
    number = np.cumsum(register.anew)[at]
    fresh = edges_ms - register.time_ms[at] <= stale_hours * HOUR_MS
    known = (last[:-1] >= 0) & (number[1:] == number[:-1]) & fresh[1:]
    return np.where(known, np.maximum(np.diff(register.value[at]), 0.0), np.nan)


def _alert(estate: Estate, tenancy: Tenancy, found: Found) -> Alert:
    return Alert(
        building=estate.building.id,
        flat=tenancy.flat,
        kind=found.kind,
        device=None,
        start_ms=found.start_ms,
        end_ms=found.end_ms,
        raised_ms=found.raised_ms,
        evidence=found.evidence,
    )
