"""
Use of each tenancy by one kind of meter; estimates what no meter covers.

A flat's use is determined first, from its outermost readings, and only then divided among its
tenancies, so that a move changes no other flat's bill. The order of estimates is that of
HeizkostenV § 9a: the home's own use in a comparable time first (the rest of the period, then the
same days a year before), then comparable homes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from billing.bill.bill import RegisterBreak, RegisterUse
from billing.measured.meters.meter_notes import MeterNote, note_of
from billing.measured.meters.meter_parts import read_placements
from billing.measured.meters.placements import placements_of
from billing.measured.spans import Span, a_year_before, counts_heat, degree_days, plain_days
from estate.devices import REGISTER_OF
from estate.periods import HOUR_MS, Period, day_start_ms, local_date
from telemetry.series.registers.register_breaks import Step, register_limits, rolls_over_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Literal
    from zoneinfo import ZoneInfo

    from billing.bill.bill import UseMethod
    from billing.measured.meters.meter_parts import Reading
    from billing.measured.meters.placements import Cut, Placement
    from billing.measured.meters.register_use import Break, Count
    from billing.rules import BillingRules
    from estate.model import DeviceKind, Estate
    from estate.numbers.arrays import Floats
    from telemetry.stores.store import SampleSource


KINDS: Mapping[Step, Literal["rolled_over", "reset", "broken"]] = {
    Step.ROLLED_OVER: "rolled_over", Step.RESET: "reset", Step.BROKEN: "broken",
}  # fmt: skip


@dataclass(frozen=True)
class MeterUse:
    """
    Use of one kind of meter per span.

    Attributes
    ----------
    use : (spans,) float64 array
        NaN only if no meter of the building has usable readings. [the quantity's unit]
    estimated_hours : (spans,) int64 array
        Hours of the span not covered by a meter; all if it has no meter. [h]
    estimated_part : (spans,) float64 array
        Fraction of the hours of all meters of the span's flat; 1 without a meter. Independent of
        moves.
    registers : tuple of tuple of RegisterUse
        Per span, one for each meter.
    notes : tuple of MeterNote
        What is odd about each meter.
    """

    use: Floats
    estimated_hours: npt.NDArray[np.int64]
    estimated_part: Floats
    registers: tuple[tuple[RegisterUse, ...], ...]
    notes: tuple[MeterNote, ...]


class Outside(NamedTuple):
    """Estimate of use outside of a meter's readings: rate per progress, and method."""

    rate: float
    method: UseMethod


def read_meters(
    source: SampleSource,
    estate: Estate,
    spans: Sequence[Span],
    kind: DeviceKind,
    rules: BillingRules,
) -> MeterUse:
    """Read the meters of one kind; parallel and successive ones are added up."""
    placements = placements_of(estate, spans, kind)
    readings = read_placements(source, estate, placements, kind, rules)
    own = _own_rates(readings, rules.own_rate_part)
    before = _from_the_year_before(source, estate, readings, own, kind, rules)
    outside = _from_like_homes(estate, readings, before)
    by_span: list[list[RegisterUse]] = [[] for _ in spans]
    for reading, rate in zip(readings, outside, strict=True):
        for cut, part in _divided(estate, reading, rate, kind):
            by_span[cut.span].append(part)
    hours = [
        max((each.estimated_hours for each in rows), default=_hours(estate, span.period))
        for span, rows in zip(spans, by_span, strict=True)
    ]
    use = np.array([sum(each.use for each in rows) if rows else np.nan for rows in by_span])
    return MeterUse(
        _from_metered_flats(estate, spans, kind, use),
        np.array(hours),
        _estimated_parts(estate, spans, readings),
        tuple(tuple(rows) for rows in by_span),
        tuple(map(note_of, readings)),
    )


def _estimated_parts(estate: Estate, spans: Sequence[Span], readings: Sequence[Reading]) -> Floats:
    estimated: dict[str, int] = defaultdict(int)
    hours: dict[str, int] = defaultdict(int)
    for reading in readings:
        flat = reading.placement.flat
        estimated[flat] += sum(each.outside_hours + each.broken_hours for each in reading.counts)
        hours[flat] += sum(_hours(estate, cut.days) for cut in reading.placement.cuts)
    return np.array(
        [
            min(estimated[span.flat] / hours[span.flat], 1.0) if span.flat in hours else 1.0
            for span in spans
        ]
    )


def measured_use(
    source: SampleSource,
    estate: Estate,
    spans: Sequence[Span],
    kind: DeviceKind,
    rules: BillingRules,
    *,
    edges_read: bool = False,
) -> list[float | None]:
    """Return the use in each span, None if a part was not read, or an edge that has to be."""
    readings = read_placements(source, estate, placements_of(estate, spans, kind), kind, rules)
    found: dict[int, float | None] = {}
    for reading in readings:
        for cut, count in zip(reading.placement.cuts, reading.counts, strict=True):
            before = found.get(cut.span, 0.0)
            known = before is not None and not (count.outside_hours or count.broken_hours)
            known = known and not (edges_read and count.unread)
            use = count.use * reading.placement.device.factor
            found[cut.span] = (before or 0.0) + use if known else None
    return [found.get(number) for number in range(len(spans))]


def read_common(
    source: SampleSource,
    estate: Estate,
    span: Span,
    kind: DeviceKind,
    rules: BillingRules,
    *,
    by_weather: bool,
) -> tuple[list[Reading], list[RegisterUse]]:
    """
    Read the common meters of one kind, which have no comparable homes.

    Parameters
    ----------
    source : SampleSource
    estate : Estate
        Common meters have the flat of `span`.
    span : Span
        The days.
    kind : DeviceKind
    rules : BillingRules
    by_weather : bool
        Whether their heat depends on the weather.
    """
    placements = placements_of(estate, [span], kind)
    readings = read_placements(source, estate, placements, kind, rules, by_weather=by_weather)
    own = _own_rates(readings, rules.own_rate_part)
    before = _from_the_year_before(
        source, estate, readings, own, kind, rules, by_weather=by_weather
    )
    # There are no comparable homes: a few readings are better than none.
    little = _own_rates(readings, 0.0)
    outside = [each or other for each, other in zip(before, little, strict=True)]
    uses = [
        use
        for reading, rate in zip(readings, outside, strict=True)
        for _, use in _divided(estate, reading, rate, kind)
    ]
    return readings, uses


def _own_rates(readings: Sequence[Reading], least_part: float) -> list[Outside | None]:
    """
    Return each meter's own rate, with its predecessors and successors in its place.

    None if they were read over too few of their days.
    """
    by_flat: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        by_flat[reading.placement.flat].append(reading)
    rates: list[Outside | None] = []
    for reading in readings:
        own = [
            each
            for each in by_flat[reading.placement.flat]
            if each is reading or not _side_by_side(each.placement, reading.placement)
        ]
        along = sum(each.along for each in own)
        whole = along + sum(each.outside_along for each in own)
        enough = along > 0 and along >= least_part * whole
        use = sum(each.use for each in own)
        rates.append(Outside(use / along, "own_rate") if enough else None)
    return rates


def _side_by_side(placement: Placement, other: Placement) -> bool:
    return _days_together(placement, other) > 0


def _days_together(placement: Placement, other: Placement) -> int:
    days = placement.stay.overlap(other.stay.start, other.stay.end)
    return 0 if days is None else days.days


def _is_needed(reading: Reading, outside: Outside | None) -> bool:
    return outside is None and reading.outside_along > 0


def _from_the_year_before(
    source: SampleSource,
    estate: Estate,
    readings: Sequence[Reading],
    outside: Sequence[Outside | None],
    kind: DeviceKind,
    rules: BillingRules,
    *,
    by_weather: bool = True,
) -> list[Outside | None]:
    """
    Return the rate of the same meters on the same days a year before.

    It is scaled by the change of the meters with both years, for another winter.
    """
    lacking = [_is_needed(*each) for each in zip(readings, outside, strict=True)]
    if not any(lacking):
        return list(outside)
    then = _counted_then(source, estate, readings, kind, rules, by_weather=by_weather)
    now = {
        number: reading.use for number, reading in enumerate(readings) if not reading.outside_along
    }
    both = [number for number, use in then.items() if number in now and use > 0]
    before = sum(then[number] for number in both)
    scale = sum(now[number] for number in both) / before if before else 1.0
    return [
        Outside(then[number] * scale / (reading.along + reading.outside_along), "year_before")
        if lacking[number] and number in then
        else rate
        for number, (reading, rate) in enumerate(zip(readings, outside, strict=True))
    ]


def _counted_then(
    source: SampleSource,
    estate: Estate,
    readings: Sequence[Reading],
    kind: DeviceKind,
    rules: BillingRules,
    *,
    by_weather: bool,
) -> Mapping[int, float]:
    """Return the use in each meter's place a year before, if completely read."""
    now = [reading.placement for reading in readings]
    stood = [
        (number, then)
        for number, placement in enumerate(now)
        for then in _stood_then(estate, placement, now, kind)
    ]
    found = read_placements(
        source, estate, [then for _, then in stood], kind, rules, by_weather=by_weather
    )
    uses: dict[int, float] = defaultdict(float)
    for (number, _), reading in zip(stood, found, strict=True):
        read = not reading.outside_along and not any(each.broken_hours for each in reading.counts)
        uses[number] += reading.use if read else np.nan
    return {number: use for number, use in uses.items() if np.isfinite(use)}


def _stood_then(
    estate: Estate, placement: Placement, now: Sequence[Placement], kind: DeviceKind
) -> list[Placement]:
    """Return the meters in the place of one a year before: itself, or its predecessors."""
    days, flat = a_year_before(placement.whole), placement.flat
    if placement.device.start <= days.start:
        return [_over(placement, days)]
    then = placements_of(estate, [Span("", flat, days, resident=False)], kind)
    # With parallel meters it is unknown which one it replaced.
    alone = [
        sum(_side_by_side(each, other) for other in placements) == 1
        for placements in ([other for other in now if other.flat == flat], then)
        for each in placements
    ]
    return then if all(alone) else []


def _over(placement: Placement, days: Period) -> Placement:
    cut = replace(placement.cuts[0], days=days)
    return replace(placement, stay=days, whole=days, cuts=(cut,))


def _from_like_homes(
    estate: Estate, readings: Sequence[Reading], outside: Sequence[Outside | None]
) -> list[Outside]:
    """Return the rate of all meters per m², from their readings."""
    areas_m2 = _areas_m2(estate, [reading.placement for reading in readings])
    size = sum(reading.along * area_m2 for reading, area_m2 in zip(readings, areas_m2, strict=True))
    rate = sum(reading.use for reading in readings) / size if size else np.nan
    return [
        Outside(rate * area_m2, "like_homes") if each is None else each
        for area_m2, each in zip(areas_m2, outside, strict=True)
    ]


def _areas_m2(estate: Estate, placements: Sequence[Placement]) -> list[float]:
    """Return the area that each meter serves: its flat's, shared with parallel ones."""
    by_flat: dict[str, list[Placement]] = defaultdict(list)
    for each in placements:
        by_flat[each.flat].append(each)
    return [
        _area_m2(estate, each.flat)
        * each.stay.days
        / sum(_days_together(each, other) for other in by_flat[each.flat])
        for each in placements
    ]


def _area_m2(estate: Estate, flat: str) -> float:
    return estate.flats[estate.flat_index[flat]].area_m2


def _divided(
    estate: Estate, reading: Reading, outside: Outside | None, kind: DeviceKind
) -> Iterator[tuple[Cut, RegisterUse]]:
    """Divide the use of a placement among its cuts."""
    device = reading.placement.device
    for cut, count in zip(reading.placement.cuts, reading.counts, strict=True):
        use = count.use * device.factor
        if count.outside_hours:
            use += outside.rate * count.outside_along if outside else np.nan
        yield (
            cut,
            RegisterUse(
                device=device.device,
                quantity=REGISTER_OF[kind],
                serial=device.serial,
                start_register=count.start_register,
                end_register=count.end_register,
                use=use,
                estimated_hours=count.outside_hours + count.broken_hours,
                factor=device.factor,
                method=_method(count, outside),
                interpolated_hours=count.interpolated_hours,
                breaks=tuple(_told(each, estate.building.zone) for each in count.breaks),
            ),
        )


def _told(found: Break, zone: ZoneInfo) -> RegisterBreak:
    largest, day = None, local_date(found.time_ms, zone)
    if found.kind is Step.ROLLED_OVER:
        digits = register_limits(day).fewest_digits
        largest = float(rolls_over_at(np.array(found.before), digits)) - 1
    return RegisterBreak(
        kind=KINDS[found.kind], day=day, before=found.before, after=found.after, largest=largest
    )


def _method(count: Count, outside: Outside | None) -> UseMethod:
    if count.outside_hours:
        return outside.method if outside else "own_rate"
    if count.broken_hours:
        return "own_rate"
    return "interpolated" if count.interpolated_hours else "measured"


def _from_metered_flats(
    estate: Estate, spans: Sequence[Span], kind: DeviceKind, use: Floats
) -> Floats:
    """Estimate flats without a meter by the use of the others per m² and degree-day or day."""
    metered = np.isfinite(use)
    if metered.all() or not metered.any():
        return use
    part_of = degree_days if counts_heat(REGISTER_OF[kind]) else plain_days
    size = np.array([_area_m2(estate, span.flat) * float(part_of(span.period)) for span in spans])
    return np.where(metered, use, use[metered].sum() / size[metered].sum() * size)


def _hours(estate: Estate, days: Period) -> int:
    zone = estate.building.zone
    return -(-(day_start_ms(days.end, zone) - day_start_ms(days.start, zone)) // HOUR_MS)
