"""Detects leaks, bursts and unusual use from meters' readings alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

from alerts.detectors.days import NEVER_MS, days_of
from alerts.detectors.flow import flow_alerts
from alerts.detectors.heat import Weather, heat_alerts
from alerts.detectors.intervals import intervals_of, registers_of
from alerts.detectors.use.belief import Home
from alerts.detectors.use.beside import BESIDE, with_others
from alerts.detectors.use.excess import Unit, excess_alerts
from alerts.detectors.use.night import night_alerts
from alerts.detectors.use.slow import slow_rises
from alerts.detectors.use.standing import standing_meters
from alerts.heating.limits import heating_limits
from alerts.heating.summer import summer_heat
from alerts.model import WATER
from alerts.mould.outlook import normal_outdoor_c
from estate.periods import HOUR_MS, day_start_ms, local_date
from telemetry.series.registers.register_breaks import register_limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    import numpy.typing as npt

    from alerts.detectors.days import Days
    from alerts.detectors.found import Found
    from alerts.detectors.intervals import Register
    from alerts.detectors.limits import Limits
    from estate.numbers.arrays import Floats, Integers
    from telemetry.readings import Samples


ELECTRICITY, HEAT = "electricity_kwh", "heat_kwh"
LEAST_OUTDOOR = 4
"""A day's mean takes so many readings."""
LITRES_PER_M3 = 1000.0


@dataclass(frozen=True)
class Meters:
    """
    Meters of one kind, with all of their readings.

    Attributes
    ----------
    quantity : str
        The register.
    devices : sequence of str
    samples : Samples
        Sorted by device and time.
    homes : sequence of str, optional
        Of each device. Water meters of one home are also judged by each other; one without a name
        (empty) stands alone.
    """

    quantity: str
    devices: Sequence[str]
    samples: Samples
    homes: Sequence[str] = ()


@dataclass(frozen=True)
class Outdoor:
    """
    Outdoor temperature of hours, or at other instants.

    Attributes
    ----------
    time_ms : (n,) int64 array
        Rising. [ms since 1970, UTC]
    temperature_c : (n,) float64 array
        Without NaN. [°C]
    """

    time_ms: npt.NDArray[np.int64]
    temperature_c: npt.NDArray[np.float64]

    def mean_c(self, start_ms: Integers, end_ms: Integers) -> Floats:
        """Return the mean of each day; NaN for a day with too little data. [°C]"""
        sums = np.concatenate([[0.0], np.cumsum(self.temperature_c)])
        first, last = (np.searchsorted(self.time_ms, each) for each in (start_ms, end_ms))
        count = last - first
        mean = (sums[last] - sums[first]) / np.maximum(count, 1)
        return np.where(count >= LEAST_OUTDOOR, mean, np.nan)


def detect(
    meters: Iterable[Meters], zone: ZoneInfo, limits: Limits, outdoor: Outdoor | None = None
) -> list[tuple[str, Found]]:
    """
    Find what is wrong with meters' counts; later readings change nothing that was raised.

    Parameters
    ----------
    meters : iterable of Meters
    zone : ZoneInfo
        Whose days the days are.
    limits : Limits
    outdoor : Outdoor, optional

    Returns
    -------
    list of (str, Found)
        Device and finding, by the time it was raised.
    """
    kinds = [(each, _registers(each, limits)) for each in meters]
    of_home = _of_homes(kinds)
    found = [
        (each.devices[one.row], one)
        for each, registers in kinds
        for one in found_in_registers(
            each.quantity, registers, zone, limits, outdoor, _others(each, of_home)
        )
    ]
    return sorted(found, key=lambda pair: (pair[1].raised_ms, pair[0], pair[1].kind))


def _registers(meters: Meters, limits: Limits) -> list[Register]:
    most = register_limits().most_per_hour[meters.quantity]
    return registers_of(meters.samples, len(meters.devices), most, limits)


def _of_homes(
    kinds: Iterable[tuple[Meters, Sequence[Register]]],
) -> Mapping[tuple[str, str], list[Register]]:
    """Return the registers by home and quantity."""
    found: dict[tuple[str, str], list[Register]] = defaultdict(list)
    for each, registers in kinds:
        for home, register in zip(each.homes, registers, strict=False):
            found[home, each.quantity].append(register)
    return found


def _others(
    meters: Meters, of_home: Mapping[tuple[str, str], list[Register]]
) -> list[list[list[Register]]]:
    """Return, by group of the home's other registers, those of each meter."""
    return [
        [
            [register for name in group for register in of_home.get((home, name), []) if home]
            for home in meters.homes or [""] * len(meters.devices)
        ]
        for group in BESIDE.get(meters.quantity, ())
    ]


def found_in_registers(
    quantity: str,
    registers: Sequence[Register],
    zone: ZoneInfo,
    limits: Limits,
    outdoor: Outdoor | None = None,
    others: Sequence[Sequence[Sequence[Register]]] = (),
) -> list[Found]:
    """
    Find anomalies in registers of one kind; rows are those of the registers.

    Parameters
    ----------
    quantity : str
    registers : sequence of Register
    zone : ZoneInfo
    limits : Limits
    outdoor : Outdoor, optional
        The outdoor temperature by which heat is judged.
    others : sequence of sequences of sequences of Register, optional
        Of each group of other registers (`BESIDE`), for each meter, those in the same home.
    """
    groups = others or [[[] for _ in registers] for _ in BESIDE.get(quantity, ())]
    if quantity in WATER:
        return _of_water([_in_litres(each) for each in registers], groups, zone, limits)
    if quantity == ELECTRICITY:
        return _of_electricity(registers, groups, zone, limits)
    if quantity == HEAT:
        return _of_heat(registers, zone, limits, outdoor)
    return []


def _of_water(
    registers: Sequence[Register],
    others: Sequence[Sequence[Sequence[Register]]],
    zone: ZoneInfo,
    limits: Limits,
) -> list[Found]:
    flows = flow_alerts(intervals_of(registers, limits.interval_least_hours), limits)
    beside = with_others(registers, _days(registers, zone, limits), others, limits)
    days, unit = beside.days, Unit("l", limits.spike_floor_l, limits.belief_water)
    nights = _nights(registers, days, zone, limits)
    found = [
        *excess_alerts(days, beside.others, Home.of_water(limits), unit, limits),
        *slow_rises(days, Unit("l", limits.slow_floor_l), limits),
        *night_alerts(nights, Unit("l", limits.night_floor_l), limits),
    ]
    stops = standing_meters(days, limits, limits.stop_water_days, beside.others[0])
    return [*flows, *_not_explained(found, flows), *stops]


def _not_explained(found: Iterable[Found], causes: Sequence[Found]) -> Iterator[Found]:
    """Yield the findings that no other alert of the same meter explains."""
    return (each for each in found if not any(cause.explains(each) for cause in causes))


def _of_electricity(
    registers: Sequence[Register],
    others: Sequence[Sequence[Sequence[Register]]],
    zone: ZoneInfo,
    limits: Limits,
) -> list[Found]:
    beside = with_others(registers, _days(registers, zone, limits), others, limits)
    days, unit = beside.days, Unit("kwh", limits.spike_floor_kwh, limits.belief_electricity)
    nights = _nights(registers, days, zone, limits)
    return [
        *excess_alerts(days, beside.others, Home.of_electricity(limits), unit, limits),
        *slow_rises(days, Unit("kwh", limits.slow_floor_kwh), limits),
        *night_alerts(nights, Unit("kwh", limits.night_floor_kwh), limits),
        *standing_meters(days, limits, limits.stop_electricity_days),
    ]


def _of_heat(
    registers: Sequence[Register], zone: ZoneInfo, limits: Limits, outdoor: Outdoor | None
) -> list[Found]:
    days = _days(registers, zone, limits)
    weather = _weather(days, zone, outdoor)
    settled_ms = _settled_ms(registers, days, limits)
    nights = _nights(registers, days, zone, limits)
    return [
        *heat_alerts(days, weather, settled_ms, limits),
        *summer_heat(nights, weather.outdoor_c, heating_limits(), limits),
    ]


def _weather(days: Days, zone: ZoneInfo, outdoor: Outdoor | None) -> Weather:
    """Return the outdoor temperature of days; that of a normal year if none is measured."""
    if outdoor is not None:
        return Weather(outdoor.mean_c(days.start_ms, days.end_ms), measured=True)
    dates = [local_date(int(each), zone) for each in days.start_ms]
    return Weather(normal_outdoor_c([each.timetuple().tm_yday for each in dates]), measured=False)


def _settled_ms(registers: Sequence[Register], days: Days, limits: Limits) -> Integers:
    """Return when each day is judged: later if there are enough similar meters to wait for."""
    first_ms = np.sort([int(each.time_ms[0]) for each in registers if len(each.time_ms)])
    compared = np.searchsorted(first_ms, days.end_ms) >= limits.group_meters
    wait_ms = np.where(compared, round(limits.settling_hours * HOUR_MS), 0)
    return _first_readings(registers, days.end_ms + wait_ms)


def _first_readings(registers: Sequence[Register], instants_ms: Integers) -> Integers:
    """Return the time of the first reading of any meter from each instant on."""
    times = [each.time_ms for each in registers]
    all_ms = np.append(np.unique(np.concatenate([*times, instants_ms[:0]])), NEVER_MS)
    return all_ms[np.searchsorted(all_ms, instants_ms)]


def _in_litres(register: Register) -> Register:
    return register._replace(value=register.value * LITRES_PER_M3)


def _days(registers: Sequence[Register], zone: ZoneInfo, limits: Limits) -> Days:
    """Return the local days that have readings."""
    times = [each.time_ms[[0, -1]] for each in registers if len(each.time_ms)]
    if not times:
        return days_of(registers, *(np.empty(0, dtype=np.int64),) * 2, limits.day_gap_hours)
    first, last = (local_date(int(each), zone) for each in (np.min(times), np.max(times)))
    edges = np.array(
        [day_start_ms(first + timedelta(day), zone) for day in range((last - first).days + 2)]
    )
    return days_of(registers, edges[:-1], edges[1:], limits.day_gap_hours)


def _nights(registers: Sequence[Register], days: Days, zone: ZoneInfo, limits: Limits) -> Days:
    """Return the part of each day in which people sleep."""
    first, last = (
        np.array([_at_hour(int(each), hour, zone) for each in days.start_ms], dtype=np.int64)
        for hour in limits.night_hours
    )
    return days_of(registers, first, last, limits.night_gap_hours)


def _at_hour(day_ms: int, hour: int, zone: ZoneInfo) -> int:
    """Return a clock hour of a local day; if clocks skip it, the next one."""
    moment = datetime.combine(local_date(day_ms, zone), time(hour), zone)
    return round(moment.timestamp() * 1000)
