"""
What a device's values reveal about the device itself. Pure functions of hours and samples.

A fault calls for a check, and says nothing about the residents: a box in the sun was
mostly put there by the installer.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from estate.periods import HOUR_MS
from telemetry.series.box_checks import Suspicion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from alerts.devices.limits import DeviceLimits
    from estate.numbers.arrays import Bools, Floats, Integers

DAY_HOURS = 24


class Fault(StrEnum):
    """What may be wrong with a device; the names are public."""

    CLOCK = "clock"
    """Its clock is wrong: its readings come with a time to come, or long past."""
    BATTERY = "battery"
    CO2_LOW = "co2_low"
    """Less carbon dioxide than outdoor air has."""
    NO_ENERGY = "no_energy"
    """A heat meter counts flow and no energy: a fault, or energy in another unit."""
    STUCK = "stuck"
    NEVER_CALIBRATED = "never_calibrated"
    DRIFTING = "drifting"
    """Carbon dioxide that has left the outdoor air's level, and had been there before."""
    WET = "wet"
    COVERED = "covered"
    MOVED = "moved"
    SUN = "sun"
    REVERSE = "reverse"
    """A meter says that water runs back through it."""
    DRY = "dry"
    """A meter says that there is air in it."""
    OPENED = "opened"
    """A meter says that it was opened, moved or near a magnet; a repair and a fall do that too."""
    FROST = "frost"
    """A meter says that it is near freezing."""
    UNPLUGGED = "unplugged"
    """Without power at the same hours of most days: a switched socket, as a rule."""


OF_SUSPICION: Mapping[Suspicion, Fault] = {
    Suspicion.FLAT: Fault.STUCK,
    Suspicion.TEMPERATURE_STILL: Fault.STUCK,
    Suspicion.HUMIDITY_STILL: Fault.STUCK,
    Suspicion.CO2_STILL: Fault.STUCK,
    Suspicion.BASELINE: Fault.NEVER_CALIBRATED,
    Suspicion.SATURATED: Fault.WET,
    Suspicion.BAG: Fault.COVERED,
    Suspicion.STAIRWELL: Fault.MOVED,
    Suspicion.NO_HOME: Fault.MOVED,
    Suspicion.SUN: Fault.SUN,
}


class Sign(NamedTuple):
    """
    A fault over some time.

    Attributes
    ----------
    start_ms, end_ms, raised_ms : int
        End exclusive; `raised_ms` is when there was enough of it. [ms since 1970, UTC]
    hours : int
        That show it.
    word : str
        The device's own for it; empty for what was seen.
    """

    fault: Fault
    start_ms: int
    end_ms: int
    raised_ms: int
    hours: int
    word: str = ""


def signs_of_hours(
    fault: Fault, shown: Bools, starts_ms: Integers, limits: DeviceLimits
) -> Iterator[Sign]:
    """
    Yield the times in which enough hours show a fault.

    Parameters
    ----------
    fault : Fault
    shown : (hours,) bool array
    starts_ms : (hours,) int64 array
        [ms since 1970, UTC]
    limits : DeviceLimits
    """
    hours = np.flatnonzero(shown)
    if not len(hours):
        return
    for own in np.split(hours, np.flatnonzero(np.diff(hours) > limits.apart_days * DAY_HOURS) + 1):
        enough = _enough(fault, own, limits)
        if enough is not None:
            yield Sign(
                fault,
                int(starts_ms[own[0]]),
                int(starts_ms[own[-1]]) + HOUR_MS,
                int(starts_ms[own[enough]]) + HOUR_MS,
                len(own),
            )


def _enough(fault: Fault, hours: Integers, limits: DeviceLimits) -> int | None:
    """Return the position of the hour at which there is enough of a fault."""
    if fault is Fault.SUN:
        first_of_days = np.unique(hours // DAY_HOURS, return_index=True)[1]
        days = int(limits.sun_days)
        return int(first_of_days[days - 1]) if len(first_of_days) >= days else None
    least = {
        Fault.STUCK: limits.stuck_hours, Fault.COVERED: limits.covered_hours,
        Fault.MOVED: limits.moved_hours, Fault.WET: limits.wet_hours,
        Fault.CO2_LOW: limits.co2_low_hours, Fault.NEVER_CALIBRATED: limits.baseline_hours,
    }[fault]  # fmt: skip
    return int(least) - 1 if len(hours) >= least else None


def named_by_past(sign: Sign, co2_ppm: Floats, starts_ms: Integers, fresh_ppm: float) -> Sign:
    """Return the fault of a sensor that used to read fresh air as drift; others unchanged."""
    before = co2_ppm[starts_ms < sign.start_ms]
    known = before[np.isfinite(before)]
    return sign._replace(fault=Fault.DRIFTING) if (known <= fresh_ppm).any() else sign


def unplugged(known: Bools, starts_ms: Integers, limits: DeviceLimits) -> Sign | None:
    """
    Find a device that has no power at the same hours on most of the last days.

    Parameters
    ----------
    known : (hours,) bool array
        Whether it sent anything; the first hour starts a local day.
    starts_ms : (hours,) int64 array
    limits : DeviceLimits
    """
    days = limits.unplugged_days
    hours = len(known) // DAY_HOURS * DAY_HOURS
    if hours < days * DAY_HOURS:
        return None
    of_days = known[hours - days * DAY_HOURS : hours].reshape(days, DAY_HOURS)
    heard = np.flatnonzero(of_days)
    if len(heard) < 2:
        return None
    # A box that sends every three hours is silent in the two between, by itself.
    between = int(np.median(np.diff(heard))) - 1
    missing = 1 - of_days.mean(axis=0)
    off, on = missing >= limits.unplugged_part, missing <= limits.plugged_part
    # A night spans midnight.
    round_the_clock = np.concatenate([off, off]).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.pad(round_the_clock, 1)))
    longest = int(np.max(edges[1::2] - edges[::2], initial=0))
    if longest < between + limits.unplugged_hours or on.sum() < limits.plugged_hours or off.all():
        return None
    first = starts_ms[hours - days * DAY_HOURS]
    last = int(starts_ms[hours - 1]) + HOUR_MS
    shown = int((~of_days[:, off]).sum())
    return Sign(Fault.UNPLUGGED, int(first), last, last, shown)


def low_battery(time_ms: Integers, volts: Floats, limits: DeviceLimits) -> Sign | None:
    """
    Find a nearly empty battery: the last readings are all low, absolutely or for this device.

    Parameters
    ----------
    time_ms : (n,) int64 array
        Rising. [ms since 1970, UTC]
    volts : (n,) float64 array
    limits : DeviceLimits
    """
    if len(volts) < limits.battery_readings:
        return None
    usual = float(np.median(volts))
    low = (volts < limits.battery_v) | (volts < limits.battery_part * usual)
    last_good = np.flatnonzero(~low)
    first = int(last_good[-1]) + 1 if len(last_good) else 0
    count = len(volts) - first
    if count < limits.battery_readings:
        return None
    raised = int(time_ms[first + limits.battery_readings - 1])
    return Sign(Fault.BATTERY, int(time_ms[first]), int(time_ms[-1]) + 1, raised, count)


def no_energy(
    energy_ms: Integers,
    energy_kwh: Floats,
    volume_ms: Integers,
    volume_m3: Floats,
    limits: DeviceLimits,
) -> Sign | None:
    """
    Find a heat meter whose energy stays at 0 while its volume grows.

    Parameters
    ----------
    energy_ms : (n,) int64 array
        Rising. [ms since 1970, UTC]
    energy_kwh : (n,) float64 array
    volume_ms : (m,) int64 array
        Rising. [ms since 1970, UTC]
    volume_m3 : (m,) float64 array
    limits : DeviceLimits
    """
    if not len(energy_kwh) or not len(volume_m3) or (energy_kwh != 0).any():
        return None
    within = (volume_ms >= energy_ms[0]) & (volume_ms <= energy_ms[-1])
    time_ms, volume = volume_ms[within], volume_m3[within]
    if not len(volume):
        return None
    enough = np.flatnonzero(volume - volume[0] >= limits.flow_without_heat_m3)
    if not len(enough):
        return None
    hours = round((int(time_ms[-1]) - int(time_ms[0])) / HOUR_MS)
    end_ms = int(max(time_ms[-1], energy_ms[-1])) + 1
    return Sign(Fault.NO_ENERGY, int(time_ms[0]), end_ms, int(time_ms[enough[0]]), hours)
