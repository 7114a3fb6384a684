"""What the meters of each tenancy counted, from registers at the edges of its days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from billing.results import RegisterUse
from estate.devices import REGISTER_OF
from estate.periods import HOUR_MS, day_start_ms
from telemetry.registers import register_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.rules import BillingRules
    from billing.tenancies import Span
    from estate.model import Device, DeviceKind, Estate
    from estate.periods import Period
    from telemetry.readings import Samples
    from telemetry.store import SampleSource

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """One placement of a meter within one span."""

    span: int
    device: Device
    days: Period


@dataclass(frozen=True)
class MeterUse:
    """
    Use of one kind of meter by span.

    Attributes
    ----------
    use : (spans,) float64 array
        NaN where a span has no meter of the kind, or one that tells nothing. [the quantity's unit]
    estimated_hours : (spans,) int64 array
        Hours of the span that no meter counted, where `use` extends over them.
    registers : tuple of tuple of RegisterUse
        By span, one for each meter.
    """

    use: Floats
    estimated_hours: npt.NDArray[np.int64]
    registers: tuple[tuple[RegisterUse, ...], ...]


def read_meters(
    source: SampleSource,
    estate: Estate,
    spans: Sequence[Span],
    kind: DeviceKind,
    rules: BillingRules,
) -> MeterUse:
    """
    Read what the meters of one kind counted in each span.

    Meters side by side, or one after the other, are added up. Hours between two registers are not
    missing. A meter that was not read up to an edge is extended evenly where it was read over
    enough of the days.
    """
    parts = _parts(estate, spans, kind)
    uses = _part_uses(source, estate, parts, kind, rules)
    by_span: list[list[RegisterUse]] = [[] for _ in spans]
    for part, use in zip(parts, uses, strict=True):
        by_span[part.span].append(use)
    total = [sum(each.use for each in rows) if rows else np.nan for rows in by_span]
    hours = [max((each.estimated_hours for each in rows), default=0) for rows in by_span]
    return MeterUse(np.array(total), np.array(hours), tuple(tuple(rows) for rows in by_span))


def _parts(estate: Estate, spans: Sequence[Span], kind: DeviceKind) -> list[Part]:
    return [
        Part(number, device, days)
        for number, span in enumerate(spans)
        for device in estate.devices_of_kind(kind)
        if device.flat == span.flat
        and (days := span.period.overlap(device.start, device.end)) is not None
    ]


def _part_uses(
    source: SampleSource,
    estate: Estate,
    parts: Sequence[Part],
    kind: DeviceKind,
    rules: BillingRules,
) -> list[RegisterUse]:
    if not parts:
        return []
    zone, quantity = estate.building.zone, REGISTER_OF[kind]
    edges = np.array(
        [[day_start_ms(day, zone) for day in (part.days.start, part.days.end)] for part in parts]
    )
    margin_ms = rules.edge_search_hours * HOUR_MS
    samples = source.samples(
        estate.building.id,
        [part.device.device for part in parts],
        quantity,
        int(edges.min()) - margin_ms,
        int(edges.max()) + margin_ms,
    )
    values = register_at(samples, len(parts), edges).value
    return [
        _register_use(part, quantity, edges[row], values[row], _of(samples, row), rules)
        for row, part in enumerate(parts)
    ]


def _of(samples: Samples, row: int) -> tuple[npt.NDArray[np.int64], Floats]:
    good = samples.good()
    first, last = np.searchsorted(good.device_index, [row, row + 1])
    return good.time_ms[first:last], good.value[first:last]


def _register_use(
    part: Part,
    quantity: str,
    edges_ms: npt.NDArray[np.int64],
    registers: Floats,
    readings: tuple[npt.NDArray[np.int64], Floats],
    rules: BillingRules,
) -> RegisterUse:
    start, end = _with_hand_readings(part, registers)
    use, estimated_hours = end - start, 0
    if not use >= 0:
        use, estimated_hours = _extended(edges_ms, readings, rules.measured_part)
    device = part.device
    factor = device.factor
    return RegisterUse(
        device=device.device,
        quantity=quantity,
        serial=device.serial,
        start_register=start,
        end_register=end,
        use=use * factor,
        estimated_hours=estimated_hours,
        factor=factor,
    )


def _with_hand_readings(part: Part, registers: Floats) -> tuple[float, float]:
    """Take a register read by hand at installation or removal where the radio gave none."""
    device, (start, end) = part.device, (float(value) for value in registers)
    if np.isnan(start) and device.start == part.days.start and device.start_register is not None:
        start = device.start_register
    if np.isnan(end) and device.end == part.days.end and device.end_register is not None:
        end = device.end_register
    return start, end


def _extended(
    edges_ms: npt.NDArray[np.int64],
    readings: tuple[npt.NDArray[np.int64], Floats],
    measured_part: float,
) -> tuple[float, int]:
    """Extend what was counted within the edges to all of the time between them."""
    time_ms, value = readings
    inside = (time_ms >= edges_ms[0]) & (time_ms <= edges_ms[1])
    time_ms, value = time_ms[inside], value[inside]
    whole_ms = int(edges_ms[1] - edges_ms[0])
    # A register that falls was swapped, reset or rolled over: only rises were counted.
    counted = float(np.clip(np.diff(value), 0, None).sum())
    measured_ms = int(time_ms[-1] - time_ms[0]) if len(time_ms) else 0
    if not measured_ms or measured_ms < measured_part * whole_ms:
        return np.nan, whole_ms // HOUR_MS
    missing_hours = -(-(whole_ms - measured_ms) // HOUR_MS)
    return counted * whole_ms / measured_ms, max(missing_hours, 1)
