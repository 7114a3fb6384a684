"""The air of a home: the latest values by room, with their colours, and a month of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from billing.measured.climate.colours import climate_limits, colour_codes, colour_home, side_codes
from correspondence.stairwells import by_number
from estate.periods import HOUR_MS, Period, local_date
from estate.purposes.agreement import agreed_on
from estate.purposes.table import Form
from operations.residents.clip import own_days, own_estate, shown, span_ms
from reports.monthly.advice import advice_for
from reports.monthly.climate import HomeHours, Shade, climate_month, climate_rules
from telemetry.series.box_checks import INDOOR_QUANTITIES
from telemetry.series.home_climate import home_climate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from alerts.model import AlertKind
    from estate.model import Device, Estate
    from estate.purposes.table import Reader
    from operations.serving import Serving
    from operations.visitors.roles import Home
    from reports.monthly.climate import ClimateMonth
    from telemetry.readings import Samples

LOOKED_BACK_MS = 48 * HOUR_MS
OLD_AFTER_MS = 3 * HOUR_MS
"""A box sends many times an hour: what is older is not shown as if it were new."""
ADVICE_DAYS = 7
KEPT_MS = HOUR_MS // 6
"""So long a month of air, and the advice of a home, stay the same. [ms]"""


@dataclass(frozen=True)
class Latest:
    """
    The latest value of a quantity in a room.

    Attributes
    ----------
    value : float
        [the quantity's unit]
    time_ms : int
        [ms since 1970, UTC]
    shade : Shade
    side : int
        -1 below the green band, 1 above it, else 0.
    old : bool
        Too old to count as current.
    """

    quantity: str
    value: float
    time_ms: int
    shade: Shade
    side: int
    old: bool


@dataclass(frozen=True)
class Room:
    """A room with a box; the name is empty if it has none."""

    name: str
    values: tuple[Latest, ...]


def latest_air(serving: Serving, home: Home, reader: Reader) -> list[Room]:
    """
    Return the latest air of each room of a home, from the last two days and only from its own.

    Raises
    ------
    StoreUnavailable
    """
    estate = own_estate(serving.estates().by_building[home.building], home)
    now = serving.clock()
    start_ms, end_ms = span_ms(estate, home, now - LOOKED_BACK_MS, now + 1)
    today = local_date(now, estate.building.zone)
    boxes = [
        each for each in estate.devices_of_kind("climate") if each.end is None or each.end > today
    ]
    agreed = all(agreed_on(each, today) for each in estate.tenancies)
    if start_ms >= end_ms or not boxes or not agreed:
        return []
    found: dict[str, list[Latest]] = defaultdict(list)
    for quantity in shown(reader, INDOOR_QUANTITIES, Form.READING):
        for room, time_ms, value in _latest(serving, estate, boxes, quantity, start_ms, end_ms):
            found[room].append(_coloured(quantity, value, time_ms, now))
    rooms = sorted(found.items(), key=lambda each: by_number(each[0]))
    return [Room(name, tuple(values)) for name, values in rooms]


def _latest(
    serving: Serving, estate: Estate, boxes: Sequence[Device], quantity: str, start: int, end: int
) -> Iterator[tuple[str, int, float]]:
    """Yield the newest reading of each room."""
    names = [each.device for each in boxes]
    newest: dict[str, tuple[int, float]] = {}
    with serving.store() as store:
        # Most boxes sent within the hour; two days are read only for those that did not.
        for since in (max(start, end - HOUR_MS), start):
            found = store.samples(estate.building.id, names, quantity, since, end)
            newest = _last_of_rooms(found, boxes)
            if len(newest) == len({box.room or "" for box in boxes}):
                break
    for room, (time_ms, value) in newest.items():
        yield room, time_ms, value


def _last_of_rooms(samples: Samples, boxes: Sequence[Device]) -> dict[str, tuple[int, float]]:
    good = samples.good()
    known = good.keep(~np.isnan(good.value))
    newest: dict[str, tuple[int, float]] = {}
    for number, box in enumerate(boxes):
        own = np.flatnonzero(known.device_index == number)
        if own.size:
            last = int(own[-1])
            reading = int(known.time_ms[last]), float(known.value[last])
            newest[box.room or ""] = max(reading, newest.get(box.room or "", (0, 0.0)))
    return newest


def _coloured(quantity: str, value: float, time_ms: int, now: int) -> Latest:
    band = climate_limits().bands[quantity]
    row = np.array([value])
    shade = list(Shade)[int(colour_codes(row, band)[0])]
    side = int(side_codes(row, band)[0])
    return Latest(quantity, value, time_ms, shade, side, now - time_ms > OLD_AFTER_MS)


def month_of_air(
    serving: Serving, home: Home, period: Period, reader: Reader
) -> tuple[Period, ClimateMonth] | None:
    """
    Return the air of a home over the days of a period that are its own, until now.

    Returns
    -------
    (Period, ClimateMonth) or None
        The days and their air; None if no hour is the home's own, or none may be shown.

    Raises
    ------
    StoreUnavailable
    """
    key = ("air", home, period, reader)
    return serving.kept(key, KEPT_MS, lambda: _month_of_air(serving, home, period, reader))


def _month_of_air(
    serving: Serving, home: Home, period: Period, reader: Reader
) -> tuple[Period, ClimateMonth] | None:
    days = own_days(home, period)
    quantities = shown(reader, INDOOR_QUANTITIES, Form.HOURLY)
    if days is None or not quantities:
        return None
    whole = serving.estates().by_building[home.building]
    estate = own_estate(whole, home)
    hours = days.hours(estate.building.zone)
    # What is still to come is not missing.
    past = min(hours.count, (serving.clock() - hours.start_ms) // HOUR_MS)
    if past <= 0:
        return None
    with serving.store() as store:
        climate = home_climate(store, estate, hours)
    values = {name: row[0] for name, row in climate.values.items() if name in quantities}
    coloured = colour_home(values, days.start)
    kept = np.array([_agreed(estate, day) for day in days.each()])[hours.day_index]
    own = HomeHours(values, coloured.colours, coloured.sides, coloured.worst).only(kept)
    rules = climate_rules(days.start)
    return days, climate_month(own.between(0, past), hours.day_index[:past], rules)


def advice(serving: Serving, home: Home, reader: Reader, told: set[AlertKind]) -> tuple[str, ...]:
    """Return the names of advice for the air of the last days, the most important first."""
    key = ("advice", home, reader, frozenset(told))
    return serving.kept(key, KEPT_MS, lambda: _advice(serving, home, reader, told))


def _advice(serving: Serving, home: Home, reader: Reader, told: set[AlertKind]) -> tuple[str, ...]:
    zone = serving.estates().by_building[home.building].building.zone
    today = local_date(serving.clock(), zone)
    week = Period(today - timedelta(days=ADVICE_DAYS), today + timedelta(days=1))
    found = month_of_air(serving, home, week, reader)
    chosen = advice_for(found[1] if found else None, today, told, {})
    return tuple(each.advice for each in chosen)


def _agreed(estate: Estate, day: date) -> bool:
    return all(agreed_on(each, day) for each in estate.tenancies)
