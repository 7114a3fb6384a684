"""What a home used: by month over years, and by day over a month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from estate.periods import HOUR_MS, day_start_ms, local_date
from estate.purposes.table import Form
from operations.residents.clip import own_estate, shown
from telemetry.series.registers.one_register import fitting_samples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from estate.model import Device, DeviceKind, Estate
    from estate.numbers.arrays import Floats, Integers
    from estate.purposes.table import Reader
    from operations.serving import Serving
    from operations.visitors.roles import Home
    from operations.wishes.store import Wish

METERS: Mapping[DeviceKind, str] = {
    "heat": "heat_kwh", "allocator": "allocator_units", "hot_water": "hot_water_m3",
    "cold_water": "cold_water_m3", "electricity": "electricity_kwh",
}  # fmt: skip
"""The register of each kind of meter that a home pays by."""
LITRES_PER_M3 = 1000
KEPT_MS = 600_000
"""So long what was used is not counted again. [ms]"""
LATE_MS = 36 * HOUR_MS
"""An edge this far from the nearest reading is not measured."""


@dataclass(frozen=True)
class Used:
    """
    The use from one day to another.

    Attributes
    ----------
    start : date
    value : float or None
        None if nothing was measured. [the quantity's unit]
    whole : bool
        Whether it was measured on all of its past days.
    """

    start: date
    value: float | None
    whole: bool


def use_between(
    serving: Serving, home: Home, edges: Sequence[date], reader: Reader
) -> dict[str, list[Used]]:
    """
    Return a home's use between days, by quantity: only what its meters counted on its own days.

    Parameters
    ----------
    serving : Serving
    home : Home
    edges : sequence of date
        First day of each span, and the end of the last.
    reader : Reader

    Raises
    ------
    StoreUnavailable
    """
    key = ("use", home, tuple(edges), reader)
    return serving.kept(key, KEPT_MS, lambda: _use_between(serving, home, edges, reader))


def _use_between(
    serving: Serving, home: Home, edges: Sequence[date], reader: Reader
) -> dict[str, list[Used]]:
    estate = own_estate(serving.estates().by_building[home.building], home)
    zone = estate.building.zone
    tomorrow = local_date(serving.clock(), zone) + timedelta(days=1)
    found: dict[str, list[Used]] = {}
    for kind, quantity in METERS.items():
        places = estate.devices_of_kind(kind)
        if places and shown(reader, [quantity], Form.READING):
            counts = [_counted(serving, estate, each, quantity, edges, tomorrow) for each in places]
            found[quantity] = _added(counts, edges)
    return found


def months_of(year: int) -> list[date]:
    """Return the first days of a year's months, and of the next year."""
    return [date(year, month, 1) for month in range(1, 13)] + [date(year + 1, 1, 1)]


@dataclass(frozen=True)
class _Count:
    """One meter's count between edges, and whether it covers all days that are its own."""

    used: Floats
    whole: Sequence[bool]


def _counted(
    serving: Serving,
    estate: Estate,
    device: Device,
    quantity: str,
    edges: Sequence[date],
    tomorrow: date,
) -> _Count:
    zone = estate.building.zone
    stay = device.start, min(device.end or tomorrow, tomorrow)
    first, last = max(edges[0], stay[0]), min(edges[-1], stay[1])
    nothing = _Count(np.full(len(edges) - 1, np.nan), [True] * (len(edges) - 1))
    if last <= first:
        return nothing
    start_ms, end_ms = day_start_ms(first, zone), day_start_ms(last, zone)
    with serving.store() as store:
        samples = store.samples(estate.building.id, [device.device], quantity, start_ms, end_ms + 1)
    fitting = fitting_samples(samples, 1, quantity)
    if len(fitting.value) < 1:
        return _Count(nothing.used, [False] * (len(edges) - 1))
    factor = device.factor if quantity == "allocator_units" else 1.0
    own = [min(max(each, first), last) for each in edges]
    times = np.array([day_start_ms(each, zone) for each in own])
    return _between(times, fitting.time_ms, fitting.value * factor, serving.clock())


def _between(edges_ms: Integers, time_ms: Integers, value: Floats, now_ms: int) -> _Count:
    """Count between edges; a register that falls was replaced, and the fall counts as 0."""
    rising = np.append(0.0, np.add.accumulate(np.maximum(np.diff(value), 0.0)))
    at = np.interp(edges_ms, time_ms, rising)
    used = np.diff(at)
    used[np.diff(edges_ms) == 0] = np.nan
    wanted = np.minimum(edges_ms, now_ms)
    late = np.abs(wanted - np.clip(wanted, time_ms[0], time_ms[-1])) > LATE_MS
    unread = (edges_ms[1:] <= time_ms[0]) | (edges_ms[:-1] >= time_ms[-1])
    used[unread] = np.nan
    return _Count(used, [not (a or b) for a, b in pairwise(late)])


def _added(counts: Sequence[_Count], edges: Sequence[date]) -> list[Used]:
    used = np.array([each.used for each in counts])
    known = ~np.isnan(used)
    total = np.where(known, used, 0.0).sum(axis=0)
    return [
        Used(
            start,
            float(total[number]) if known[:, number].any() else None,
            all(each.whole[number] for each in counts),
        )
        for number, start in enumerate(edges[:-1])
    ]


class Above(NamedTuple):
    """A day's use above a limit of the person's own. [kWh of heat, l of hot water]"""

    quantity: str
    used: float
    limit: float


def above_limits(serving: Serving, home: Home, wish: Wish, reader: Reader) -> list[Above]:
    """Return where yesterday's use exceeded a person's own limits; nothing without limits."""
    limits = {"heat_kwh": wish.day_limit_kwh, "hot_water_m3": wish.day_limit_l}
    if not any(limits.values()):
        return []
    zone = serving.estates().by_building[home.building].building.zone
    today = local_date(serving.clock(), zone)
    used = use_between(serving, home, [today - timedelta(days=1), today], reader)
    found = []
    for quantity, limit in limits.items():
        value = next((each.value for each in used.get(quantity, ()) if each.whole), None)
        if limit is None or value is None:
            continue
        value *= LITRES_PER_M3 if quantity == "hot_water_m3" else 1
        if value > limit:
            found.append(Above(quantity, value, limit))
    return found


def used_of_goal(
    serving: Serving, home: Home, wish: Wish, reader: Reader, year: int
) -> float | None:
    """Return the heat used so far this year; None without a goal or a measurement. [kWh]"""
    if wish.goal_kwh is None:
        return None
    months = use_between(serving, home, months_of(year), reader).get("heat_kwh", ())
    heat = [each.value for each in months if each.value is not None]
    return sum(heat) if heat else None
