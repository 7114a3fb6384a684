"""
The use of each tenancy by one kind of meter, with what no meter tells estimated.

The order is that of HeizkostenV § 9a: the home's own use in a comparable time first (the rest of
the period, then the same days a year before), then comparable homes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from billing.meters import PartUse, read_parts, read_uses
from billing.tenancies import counts_heat, degree_days, plain_days
from estate.devices import REGISTER_OF
from estate.periods import HOUR_MS, Period, day_start_ms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from billing.register_use import Break
    from billing.results import Method, RegisterUse
    from billing.rules import BillingRules
    from billing.tenancies import Span
    from estate.model import DeviceKind, Estate
    from telemetry.store import SampleSource

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MeterUse:
    """
    Use of one kind of meter by span.

    Attributes
    ----------
    use : (spans,) float64 array
        NaN only where no meter of the building tells anything. [the quantity's unit]
    estimated_hours : (spans,) int64 array
        Hours of the span that no meter counted; all of them where it has no meter. [h]
    registers : tuple of tuple of RegisterUse
        By span, one for each meter.
    breaks : tuple of (int, RegisterUse, Break)
        Of registers within their days, with the number of the span.
    """

    use: Floats
    estimated_hours: npt.NDArray[np.int64]
    registers: tuple[tuple[RegisterUse, ...], ...]
    breaks: tuple[tuple[int, RegisterUse, Break], ...]


def read_meters(
    source: SampleSource,
    estate: Estate,
    spans: Sequence[Span],
    kind: DeviceKind,
    rules: BillingRules,
) -> MeterUse:
    """Read the meters of one kind; those side by side, or one after the other, are added up."""
    parts = read_parts(source, estate, spans, kind, rules)
    breaks = tuple((each.part.span, each.use, found) for each in parts for found in each.breaks)
    parts = _from_the_year_before(source, estate, parts, kind, rules)
    parts = _from_like_homes(estate, parts, kind)
    by_span: list[list[RegisterUse]] = [[] for _ in spans]
    for each in parts:
        by_span[each.part.span].append(each.use)
    hours = [
        max((each.estimated_hours for each in rows), default=_hours(estate, span.period))
        for span, rows in zip(spans, by_span, strict=True)
    ]
    use = np.array([sum(each.use for each in rows) if rows else np.nan for rows in by_span])
    size = np.array([_size(estate, span.flat, span.period, kind) for span in spans])
    return MeterUse(
        _by_size(use, size), np.array(hours), tuple(tuple(rows) for rows in by_span), breaks
    )


def _from_the_year_before(
    source: SampleSource,
    estate: Estate,
    parts: Sequence[PartUse],
    kind: DeviceKind,
    rules: BillingRules,
) -> list[PartUse]:
    """
    Take what the same meters counted on the same days a year before.

    It is scaled by how the meters that tell both years have changed: another winter.
    """
    known = np.array([bool(np.isfinite(each.use.use)) for each in parts], dtype=np.bool_)
    if known.all():
        return list(parts)
    earlier = [replace(each.part, days=a_year_before(each.part.days)) for each in parts]
    stood = [number for number, part in enumerate(earlier) if part.device.start <= part.days.start]
    then = np.full(len(parts), np.nan)
    for number, before in zip(
        stood, read_uses(source, estate, [earlier[each] for each in stood], kind, rules),
        strict=True,
    ):  # fmt: skip
        if before.use.method in ("measured", "interpolated"):
            then[number] = before.use.use
    now = np.array([each.use.use for each in parts])
    both = known & (then > 0)
    scale = now[both].sum() / then[both].sum() if both.any() else 1.0
    return [
        _estimated(estate, each, float(then[number] * scale), "year_before")
        if not known[number] and np.isfinite(then[number])
        else each
        for number, each in enumerate(parts)
    ]


def a_year_before(days: Period) -> Period:
    """Give the same days a year before; a leap day is the first of March."""
    return Period(_year_before(days.start), _year_before(days.end))


def _year_before(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return day.replace(year=day.year - 1, month=3, day=1)
    return day.replace(year=day.year - 1)


def _from_like_homes(estate: Estate, parts: Sequence[PartUse], kind: DeviceKind) -> list[PartUse]:
    use = np.array([each.use.use for each in parts])
    flats = [each.part.device.flat or "" for each in parts]
    size = np.array(
        [_size(estate, flat, each.part.days, kind) for flat, each in zip(flats, parts, strict=True)]
    )
    filled = _by_size(use, size)
    return [
        _estimated(estate, each, float(filled[number]), "like_homes")
        if np.isnan(use[number])
        else each
        for number, each in enumerate(parts)
    ]


def _estimated(estate: Estate, part: PartUse, use: float, method: Method) -> PartUse:
    hours = _hours(estate, part.part.days)
    return replace(part, use=replace(part.use, use=use, method=method, estimated_hours=hours))


def _hours(estate: Estate, days: Period) -> int:
    zone = estate.building.zone
    return (day_start_ms(days.end, zone) - day_start_ms(days.start, zone)) // HOUR_MS


def _size(estate: Estate, flat: str, days: Period, kind: DeviceKind) -> float:
    """Area times degree-days (heat) or days (else)."""
    part = degree_days(days) if counts_heat(REGISTER_OF[kind]) else plain_days(days)
    return estate.flats[estate.flat_index[flat]].area_m2 * float(part)


def _by_size(use: Floats, size: Floats) -> Floats:
    """Give what is not known the others' mean use by size."""
    known = np.isfinite(use)
    if known.all() or not known.any():
        return use
    return np.where(known, use, use[known].sum() / size[known].sum() * size)
