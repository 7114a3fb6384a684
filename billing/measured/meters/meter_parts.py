"""Metered use between actual readings, split by the parties' days; no estimates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from billing.measured.meters.register_use import Gaps, Register, count_between
from billing.measured.spans import counts_heat, degree_day_progress
from estate.devices import REGISTER_OF
from estate.periods import HOUR_MS, day_start_ms
from telemetry.readings import Quality
from telemetry.series.registers.one_register import one_register
from telemetry.series.registers.register_breaks import register_limits, register_steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from billing.measured.meters.placements import Placement
    from billing.measured.meters.register_use import Break, Count, Edges, Progress
    from billing.rules import BillingRules
    from estate.model import Device, DeviceKind, Estate
    from estate.numbers.arrays import Floats, Integers
    from estate.periods import Period
    from telemetry.readings import Samples
    from telemetry.stores.store import SampleSource

    Series = tuple[Integers, Floats]

METERS_AT_ONCE = 100
"""Number of meters whose registers are in memory at once."""
FAR_READINGS = 48
"""Readings beyond the period needed to tell a distant reading from a glitch."""


@dataclass(frozen=True)
class LeftOut:
    """
    Readings within a meter's days that do not fit one rising register.

    Attributes
    ----------
    count, readings : int
        Number left out, and total.
    first_ms, last_ms : int
        [ms since 1970, UTC]
    lowest, highest : float
        [the register's unit]
    one_meter : bool
        False: no register could be identified, and all of them are left out.
    """

    count: int
    readings: int
    first_ms: int
    last_ms: int
    lowest: float
    highest: float
    one_meter: bool


@dataclass(frozen=True)
class Still:
    """A register that has not risen for long: since when, and the total time. [ms; h]"""

    since_ms: int
    hours: float


@dataclass(frozen=True)
class Reading:
    """
    Use of one placement.

    Attributes
    ----------
    counts : tuple of Count
        By the placement's cuts; use in counts of the register.
    """

    placement: Placement
    counts: tuple[Count, ...]
    breaks: tuple[Break, ...]
    still: Still
    left_out: LeftOut | None

    @property
    def use(self) -> float:
        """Use between readings, times the factor."""
        return sum(each.use for each in self.counts) * self.placement.device.factor

    @property
    def along(self) -> float:
        """Progress between readings."""
        return sum(each.along for each in self.counts)

    @property
    def outside_along(self) -> float:
        """Progress outside of readings."""
        return sum(each.outside_along for each in self.counts)


def read_placements(
    source: SampleSource,
    estate: Estate,
    placements: Sequence[Placement],
    kind: DeviceKind,
    rules: BillingRules,
    *,
    by_weather: bool = True,
) -> list[Reading]:
    """
    Read the use of each placement, a hundred meters at a time.

    Parameters
    ----------
    source : SampleSource
    estate : Estate
    placements : sequence of Placement
    kind : DeviceKind
    rules : BillingRules
    by_weather : bool
        False: heat independent of the weather, as of a hot-water tank.
    """
    quantity = REGISTER_OF[kind]
    reader = _Reader(source, estate, quantity, rules, by_weather and counts_heat(quantity))
    batches = range(0, len(placements), METERS_AT_ONCE)
    return [
        each
        for first in batches
        for each in reader.read(placements[first : first + METERS_AT_ONCE])
    ]


@dataclass(frozen=True)
class _Reader:
    """Reads one register of some meters."""

    source: SampleSource
    estate: Estate
    quantity: str
    rules: BillingRules
    by_weather: bool

    def read(self, placements: Sequence[Placement]) -> Iterator[Reading]:
        # A meter that moved has two placements and is read once.
        devices = sorted({each.device.device for each in placements})
        found = self._near(devices, placements)
        series = [self._own(each.device, found[each.device.device]) for each in placements]
        edges = [edge for each in placements for edge in self._edges(each.whole)]
        read = [edge for time_ms, _ in series for edge in (*time_ms[:1], *time_ms[-1:])]
        progress = self._progress(int(min(*edges, *read)), int(max(*edges, *read)))
        for placement, own in zip(placements, series, strict=True):
            yield self._reading(placement, own, progress)

    def _own(self, device: Device, series: Series) -> Series:
        zone = self.estate.building.zone
        end_ms = None if device.end is None else day_start_ms(device.end, zone)
        return _with_hand_readings(device, series, day_start_ms(device.start, zone), end_ms)

    def _near(self, devices: Sequence[str], placements: Sequence[Placement]) -> dict[str, Series]:
        """Read near the edges, and further beyond them for meters without readings there."""
        edges = [self._edges(each.whole) for each in placements]
        start, end = min(first for first, _ in edges), max(last for _, last in edges)
        near_ms = self.rules.edge_search_hours * HOUR_MS
        far_ms = self.rules.far_search_hours * HOUR_MS
        found = self._series(devices, start - near_ms, end + near_ms)
        early = [name for name, (time_ms, _) in found.items() if not _reaches(time_ms[:1] < start)]
        late = [name for name, (time_ms, _) in found.items() if not _reaches(time_ms[-1:] > end)]
        before = self._series(early, start - far_ms, start - near_ms)
        after = self._series(late, end + near_ms, end + far_ms)
        for name, (time_ms, value) in before.items():
            part = slice(-FAR_READINGS, None)
            found[name] = _joined((time_ms[part], value[part]), found[name])
        for name, (time_ms, value) in after.items():
            part = slice(None, FAR_READINGS)
            found[name] = _joined(found[name], (time_ms[part], value[part]))
        return found

    def _series(self, devices: Sequence[str], start_ms: int, end_ms: int) -> dict[str, Series]:
        if not devices:
            return {}
        building = self.estate.building.id
        samples = self.source.samples(building, devices, self.quantity, start_ms, end_ms)
        return {device: _of(samples, row) for row, device in enumerate(devices)}

    def _edges(self, days: Period) -> Edges:
        zone = self.estate.building.zone
        return day_start_ms(days.start, zone), day_start_ms(days.end, zone)

    def _progress(self, start_ms: int, end_ms: int) -> Progress:
        if self.by_weather:
            return degree_day_progress(start_ms, end_ms, self.estate.building.zone)
        return lambda time_ms: (time_ms - start_ms) / HOUR_MS

    def _reading(self, placement: Placement, series: Series, progress: Progress) -> Reading:
        time_ms, value = series
        limits, stay_ms = register_limits(placement.stay.start), self._edges(placement.stay)
        most = limits.most_per_hour[self.quantity] / placement.device.factor
        if placement.flat not in self.estate.flat_index:
            # A common meter serves all homes.
            most *= len(self.estate.flats)
        fitting = one_register(time_ms, value, most, limits.fewest_digits)
        kept = time_ms[fitting.kept], value[fitting.kept]
        steps = register_steps(*kept, most, limits.fewest_digits)
        register = Register.of(*kept, steps, progress)
        rules = self.rules
        gaps = Gaps(rules.exact_reading_hours, rules.near_reading_hours, rules.own_rate_part)
        counts = tuple(
            count_between(register, self._edges(cut.days), stay_ms, progress, gaps)
            for cut in placement.cuts
        )
        since_ms, until_ms = register.still_between(stay_ms)
        return Reading(
            placement,
            counts,
            register.breaks(stay_ms),
            Still(since_ms, (until_ms - since_ms) / HOUR_MS),
            _left_out(series, fitting.kept, stay_ms, one_meter=fitting.one_meter),
        )


def _reaches(holds: npt.NDArray[np.bool_]) -> bool:
    """Whether a reading beyond an edge confirms the one at it."""
    return bool(holds.any())


def _joined(first: Series, second: Series) -> Series:
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])


def _of(samples: Samples, row: int) -> Series:
    first, last = np.searchsorted(samples.device_index, [row, row + 1])
    time_ms, value = samples.time_ms[first:last], samples.value[first:last]
    kept = ((samples.quality[first:last] & Quality.SUSPECT) == 0) & ~np.isnan(value)
    return time_ms[kept], value[kept]


def _with_hand_readings(
    device: Device, series: Series, start_ms: int, end_ms: int | None
) -> Series:
    """
    Add the registers read by hand at installation and removal.

    Radio readings before the first and after the second are of another meter.
    """
    time_ms, value = series
    if device.start_register is not None:
        own = time_ms > start_ms
        time_ms = np.concatenate([[start_ms], time_ms[own]])
        value = np.concatenate([[device.start_register], value[own]])
    if device.end_register is not None and end_ms is not None:
        own = time_ms < end_ms
        time_ms = np.concatenate([time_ms[own], [end_ms]])
        value = np.concatenate([value[own], [device.end_register]])
    return time_ms, value


def _left_out(
    series: Series, kept: npt.NDArray[np.bool_], edges_ms: Edges, *, one_meter: bool
) -> LeftOut | None:
    """Return what is left out within the edges, None if nothing is."""
    time_ms, value = series
    inside = (time_ms >= edges_ms[0]) & (time_ms <= edges_ms[1])
    out = inside & ~kept
    if not out.any():
        return None
    times, values = time_ms[out], value[out]
    return LeftOut(
        int(out.sum()), int(inside.sum()), int(times[0]), int(times[-1]),
        float(values.min()), float(values.max()), one_meter,
    )  # fmt: skip
