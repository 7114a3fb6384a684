"""Effects of faults on what a device measures, counts and sends. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.arrays import Bools, Floats, Integers
from firmware_sim.clock import DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS, day_start_ms
from firmware_sim.life.scenario import Fault, FaultKind
from firmware_sim.parameters import parameters
from firmware_sim.physics.air import saturation_g_per_m3

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo


SUN_FROM_HOUR, SUN_HOURS = 10.0, 6.0
NIGHT_FROM_HOUR = 22.0
BAG_HUMIDITY_PCT = 95.0
ROLLS_AFTER_HOURS = 12
REBOOT_HOUR = 12


@dataclass(frozen=True)
class Series:
    """
    A device's readings, before they become messages.

    Attributes
    ----------
    time_ms : (n,) int64 array
        By the device's own clock. [ms since 1970, UTC]
    sent_ms : (n,) int64 array
        True time of sending. [ms since 1970, UTC]
    columns : mapping of str to (n,) float64 array
        By quantity; NaN is sent as null. [the quantity's unit]
    sequence : (n,) int64 array
        Record number since the device started.
    """

    time_ms: Integers
    sent_ms: Integers
    columns: Mapping[str, Floats]
    sequence: Integers

    def only(self, kept: Bools) -> Series:
        """Return some rows."""
        columns = {name: column[kept] for name, column in self.columns.items()}
        return Series(self.time_ms[kept], self.sent_ms[kept], columns, self.sequence[kept])


def apply_fault(series: Series, fault: Fault, zone: ZoneInfo) -> Series:
    """
    Return the series as a device with a fault would send it.

    Faults of the radio and of telegram fields are not applied here: they affect messages.
    """
    start_ms, end_ms = day_start_ms(fault.start, zone), day_start_ms(fault.end, zone)
    days = (series.sent_ms >= start_ms) & (series.sent_ms < end_ms)
    if not days.any():
        return series
    hour = _hour_of_day(series.sent_ms, start_ms)
    match fault.kind:
        case FaultKind.UNPLUGGED_AT_NIGHT:
            asleep = (hour - NIGHT_FROM_HOUR) % 24 < fault.size
            return series.only(~(days & asleep))
        case FaultKind.REBOOT:
            return _rebooted(series, fault, start_ms)
        case FaultKind.BATTERY_EMPTY:
            return _emptied(series, fault, start_ms, end_ms)
        case FaultKind.CLOCK_1970:
            return replace(
                series, time_ms=np.where(days, series.time_ms - start_ms, series.time_ms)
            )
        case FaultKind.CLOCK_DRIFT:
            gained_ms = ((series.sent_ms - start_ms) * fault.size * 1000 / DAY_MS).astype(np.int64)
            return replace(series, time_ms=series.time_ms + np.where(days, gained_ms, 0))
        case _:
            changed = {
                name: np.where(days, _changed(name, series, fault, days, hour), column)
                for name, column in series.columns.items()
            }
            return replace(series, columns=_whole(series, changed, fault, days))


def _rebooted(series: Series, fault: Fault, midnight_ms: int) -> Series:
    """
    Restart at the first noon.

    Unsent records are lost, records are counted from 0, and the clock runs from 1970
    until it is set.
    """
    noon_ms = midnight_ms + REBOOT_HOUR * HOUR_MS
    unsynced_ms = noon_ms + round(parameters().clock_sync_minutes * MINUTE_MS)
    lost = (series.sent_ms >= noon_ms - fault.size * HOUR_MS) & (series.sent_ms < noon_ms)
    after, sent_ms = series.sent_ms >= noon_ms, series.sent_ms
    unset = after & (sent_ms < unsynced_ms)
    return Series(
        time_ms=np.where(unset, sent_ms - noon_ms, series.time_ms),
        sent_ms=sent_ms,
        columns=series.columns,
        sequence=np.where(after, (sent_ms - noon_ms) // QUARTER_MS, series.sequence),
    ).only(~lost)


def _emptied(series: Series, fault: Fault, start_ms: int, end_ms: int) -> Series:
    """Discharge the battery over the fault's days; below the cut-off the box is silent."""
    days = (series.sent_ms >= start_ms) & (series.sent_ms < end_ms)
    before_v = series.columns["battery_v"]
    part = (series.sent_ms - start_ms) / (end_ms - start_ms)
    falling_v = np.round(before_v + (fault.size - before_v) * part, 2)
    columns = {**series.columns, "battery_v": np.where(days, falling_v, before_v)}
    silent = days & (falling_v < parameters().battery_cutoff_v)
    return replace(series, columns=columns).only(~silent)


def _hour_of_day(sent_ms: Integers, midnight_ms: int) -> Floats:
    """Hours since the fault's first midnight; summer time may shift them by one."""
    return np.asarray((sent_ms - midnight_ms) % DAY_MS / HOUR_MS)


def _changed(name: str, series: Series, fault: Fault, days: Bools, hour: Floats) -> Floats:
    """Return a column changed by the fault; only the fault's days of it are used."""
    column = series.columns[name]
    first = int(np.argmax(days))
    match fault.kind, name:
        case _, "battery_v":
            return column
        case FaultKind.CO2_OFFSET, "co2_ppm":
            return column + fault.size
        case (FaultKind.STUCK | FaultKind.NULL_VALUE, _) | (FaultKind.CODE_127, "temperature_c"):
            shown = {FaultKind.STUCK: column[first], FaultKind.CODE_127: fault.size}
            return np.full(len(column), shown.get(fault.kind, np.nan))
        case FaultKind.IN_THE_SUN | FaultKind.IN_A_BAG | FaultKind.IN_THE_STAIRWELL, _:
            return _misplaced(name, series, fault, first, hour)
        case FaultKind.COARSE_PULSES, _:
            return np.round(np.floor(column / fault.size + 1e-9) * fault.size, 3)
        case FaultKind.REPEATED_HOUR, _:
            again = (hour.astype(np.int64) % 2 == 1) & (hour < 2 * fault.size)
            return np.where(again, np.roll(column, 1), column)
        case _:
            return column


def _misplaced(name: str, series: Series, fault: Fault, first: int, hour: Floats) -> Floats:
    """Return the measurements of a box in the sun, in a bag or in the stairwell."""
    column = series.columns[name]
    if fault.kind is FaultKind.IN_A_BAG:
        return _in_a_bag(name, column, fault.size, first, series.sent_ms)
    if name == "co2_ppm":
        in_sun = fault.kind is FaultKind.IN_THE_SUN
        return column if in_sun else np.full(len(column), parameters().outdoor_co2_ppm)
    true_c = series.columns["temperature_c"]
    if fault.kind is FaultKind.IN_THE_SUN:
        height = np.sin(np.pi * (hour - SUN_FROM_HOUR) / SUN_HOURS)
        up = (hour >= SUN_FROM_HOUR) & (hour < SUN_FROM_HOUR + SUN_HOURS)
        shown_c = true_c + fault.size * np.where(up, height, 0.0)
    else:
        shown_c = np.full(len(true_c), fault.size)
    if name == "temperature_c":
        return np.asarray(np.round(shown_c, 2))
    # The same absolute humidity in warmer or colder air.
    drier = saturation_g_per_m3(true_c) / saturation_g_per_m3(shown_c)
    return np.asarray(np.round(np.clip(column * drier, 0, 100), 1))


def _in_a_bag(name: str, column: Floats, delay_h: float, first: int, sent_ms: Integers) -> Floats:
    since_h = np.maximum(sent_ms - sent_ms[first], 0) / HOUR_MS
    if name == "humidity_pct":
        rest = BAG_HUMIDITY_PCT - column[first]
        return np.asarray(np.round(BAG_HUMIDITY_PCT - rest * np.exp(-since_h / delay_h), 1))
    lagged, last = column.copy(), column[first]
    steps_h = np.diff(since_h, prepend=since_h[0])
    for row in range(first, len(column)):
        last += (column[row] - last) * (1 - np.exp(-steps_h[row] / delay_h))
        lagged[row] = last
    return np.round(lagged, 2)


def _whole(
    series: Series, changed: Mapping[str, Floats], fault: Fault, days: Bools
) -> Mapping[str, Floats]:
    """Change registers by a fault with lasting effect: what was counted stays counted."""
    first = int(np.argmax(days))
    after = np.arange(len(days)) >= first
    match fault.kind:
        case FaultKind.METER_SWAPPED:
            return {
                name: np.where(after, np.round(fault.size + column - column[first], 3), column)
                for name, column in series.columns.items()
            }
        case FaultKind.STANDING:
            last = len(days) - 1 - int(np.argmax(days[::-1]))
            return {
                name: np.where(
                    np.arange(len(days)) > last,
                    np.round(column - (column[last] - column[first]), 3),
                    np.where(after, column[first], column),
                )
                for name, column in series.columns.items()
            }
        case FaultKind.NEGATIVE_STEP:
            return {
                name: np.where(after, np.round(column - fault.size, 3), column)
                for name, column in series.columns.items()
            }
        case FaultKind.ROLLOVER:
            row = min(first + ROLLS_AFTER_HOURS, len(days) - 1)
            return {
                name: np.round((column - column[row]) % fault.size, 3)
                for name, column in series.columns.items()
            }
        case _:
            return changed
