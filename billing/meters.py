"""What the meters of each tenancy counted, from registers at the edges of its days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from billing.register_use import Gaps, count_between
from billing.results import RegisterUse
from billing.tenancies import counts_heat, degree_day_progress
from estate.devices import REGISTER_OF
from estate.periods import HOUR_MS, day_start_ms
from telemetry.breaks import register_limits, register_steps
from telemetry.one_register import one_register
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from billing.register_use import Break, Count, Progress
    from billing.rules import BillingRules
    from billing.tenancies import Span
    from estate.model import Device, DeviceKind, Estate
    from estate.periods import Period
    from telemetry.readings import Samples
    from telemetry.store import SampleSource

    Floats = npt.NDArray[np.float64]
    Instants = npt.NDArray[np.int64]

METERS_AT_ONCE = 100
"""Registers of so many meters are in memory at once."""


@dataclass(frozen=True)
class Part:
    """One placement of a meter within one span."""

    span: int
    device: Device
    days: Period


@dataclass(frozen=True)
class PartUse:
    """What one part counted, and the breaks of its register."""

    part: Part
    use: RegisterUse
    breaks: tuple[Break, ...] = ()


def read_parts(
    source: SampleSource,
    estate: Estate,
    spans: Sequence[Span],
    kind: DeviceKind,
    rules: BillingRules,
) -> list[PartUse]:
    """
    Read what each meter of one kind counted in each span.

    Hours between two registers are not missing. A part whose register tells too little has a use
    of NaN.
    """
    return list(read_uses(source, estate, _parts(estate, spans, kind), kind, rules))


def _parts(estate: Estate, spans: Sequence[Span], kind: DeviceKind) -> list[Part]:
    return [
        Part(number, device, days)
        for number, span in enumerate(spans)
        for device in estate.devices_of_kind(kind)
        if device.flat == span.flat
        and (days := span.period.overlap(device.start, device.end)) is not None
    ]


def read_uses(
    source: SampleSource,
    estate: Estate,
    parts: Sequence[Part],
    kind: DeviceKind,
    rules: BillingRules,
) -> Iterator[PartUse]:
    """Read some parts, a hundred meters at a time."""
    reader = _Reader(source, estate, REGISTER_OF[kind], rules)
    for first in range(0, len(parts), METERS_AT_ONCE):
        yield from reader.read(parts[first : first + METERS_AT_ONCE])


@dataclass(frozen=True)
class _Reader:
    """Reads one register of some meters."""

    source: SampleSource
    estate: Estate
    quantity: str
    rules: BillingRules

    def read(self, parts: Sequence[Part]) -> Iterator[PartUse]:
        """Read near the edges; and farther for the meters that nobody read near them."""
        near = self._counts(parts, self.rules.edge_search_hours)
        lacking = [
            number
            for number, count in enumerate(near)
            if np.isnan(count.start_register) or np.isnan(count.end_register)
        ]
        if lacking:
            far = self._counts([parts[each] for each in lacking], self.rules.far_search_hours)
            for number, count in zip(lacking, far, strict=True):
                near[number] = count
        for part, count in zip(parts, near, strict=True):
            yield PartUse(part, self._record(part, count), count.breaks)

    def _counts(self, parts: Sequence[Part], margin_hours: int) -> list[Count]:
        zone = self.estate.building.zone
        edges = [
            (day_start_ms(part.days.start, zone), day_start_ms(part.days.end, zone))
            for part in parts
        ]
        start = min(first for first, _ in edges) - margin_hours * HOUR_MS
        end = max(last for _, last in edges) + margin_hours * HOUR_MS
        # A meter whose flat changed hands has two parts and is read once.
        devices = sorted({part.device.device for part in parts})
        row = {device: number for number, device in enumerate(devices)}
        samples = self.source.samples(self.estate.building.id, devices, self.quantity, start, end)
        progress = self._progress(start, end)
        return [
            self._count(
                part.device,
                *_with_hand_readings(part, _of(samples, row[part.device.device]), own),
                own,
                progress,
            )
            for part, own in zip(parts, edges, strict=True)
        ]

    def _progress(self, start_ms: int, end_ms: int) -> Progress:
        if counts_heat(self.quantity):
            return degree_day_progress(start_ms, end_ms, self.estate.building.zone)
        return lambda time_ms: (time_ms - start_ms) / HOUR_MS

    def _count(
        self,
        device: Device,
        time_ms: Instants,
        value: Floats,
        edges_ms: tuple[int, int],
        progress: Progress,
    ) -> Count:
        limits, rules = register_limits(), self.rules
        most = limits.most_per_hour[self.quantity]
        if device.flat not in self.estate.flat_index:
            # A common meter counts for all homes.
            most *= len(self.estate.flats)
        kept = one_register(time_ms, value, most, limits.fewest_digits).kept
        time_ms, value = time_ms[kept], value[kept]
        steps = register_steps(time_ms, value, most, limits.fewest_digits)
        gaps = Gaps(rules.exact_reading_hours, rules.near_reading_hours, rules.measured_part)
        return count_between(time_ms, value, steps, edges_ms, progress, gaps)

    def _record(self, part: Part, count: Count) -> RegisterUse:
        device = part.device
        return RegisterUse(
            device=device.device,
            quantity=self.quantity,
            serial=device.serial,
            start_register=count.start_register,
            end_register=count.end_register,
            use=count.use * device.factor,
            estimated_hours=count.estimated_hours,
            factor=device.factor,
            method=count.method,
            interpolated_hours=count.interpolated_hours,
        )


def _of(samples: Samples, row: int) -> tuple[Instants, Floats]:
    first, last = np.searchsorted(samples.device_index, [row, row + 1])
    time_ms, value = samples.time_ms[first:last], samples.value[first:last]
    kept = ((samples.quality[first:last] & Quality.SUSPECT) == 0) & ~np.isnan(value)
    return time_ms[kept], value[kept]


def _with_hand_readings(
    part: Part, readings: tuple[Instants, Floats], edges_ms: tuple[int, int]
) -> tuple[Instants, Floats]:
    """
    Take the registers read by hand at installation and removal.

    What the radio gave before the one and after the other is another meter's.
    """
    time_ms, value = readings
    device, (start, end) = part.device, edges_ms
    if device.start_register is not None and device.start == part.days.start:
        own = time_ms > start
        time_ms = np.concatenate([[start], time_ms[own]])
        value = np.concatenate([[device.start_register], value[own]])
    if device.end_register is not None and device.end == part.days.end:
        own = time_ms < end
        time_ms = np.concatenate([time_ms[own], [end]])
        value = np.concatenate([value[own], [device.end_register]])
    return time_ms, value
