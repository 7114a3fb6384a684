"""Events in homes, such as leaks: drawn at random or from a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import yaml

from firmware_sim.streams import stream

if TYPE_CHECKING:
    from datetime import date

    import numpy as np

    from firmware_sim.folder import Home, House

ORDINARY_F_RSI = 0.7


class EventKind(StrEnum):
    """Kind of an event; sizes and units are in ``events.yaml``."""

    LEAK = "leak"
    BURST = "burst"
    SPIKE = "spike"
    SLOW_RISE = "slow_rise"
    MOULD_RISK = "mould_risk"
    VENTILATION_BLOCKED = "ventilation_blocked"
    HEATING_FAILED = "heating_failed"
    CISTERN = "cistern"
    COLD_WATER_SPIKE = "cold_water_spike"
    ELECTRICITY_SPIKE = "electricity_spike"
    WINDOW_LEFT_OPEN = "window_left_open"


METER_OF: Mapping[EventKind, str] = MappingProxyType(
    {
        EventKind.LEAK: "hot_water",
        EventKind.BURST: "hot_water",
        EventKind.SPIKE: "hot_water",
        EventKind.SLOW_RISE: "hot_water",
        EventKind.CISTERN: "cold_water",
        EventKind.COLD_WATER_SPIKE: "cold_water",
        EventKind.ELECTRICITY_SPIKE: "electricity",
        EventKind.HEATING_FAILED: "heat",
        EventKind.WINDOW_LEFT_OPEN: "heat",
    }
)
"""Kind of the meter that shows an event, where one does."""


@dataclass(frozen=True)
class Event:
    """
    One event in one flat.

    Attributes
    ----------
    start, end : date
        Local days, or aware instants (`datetime` is a `date`); end exclusive.
    size : float
        Size in the unit of its kind.
    device : str or None
        The meter concerned, if any.
    """

    flat: str
    kind: EventKind
    start: date
    end: date
    size: float
    device: str | None

    @property
    def unit(self) -> str:
        """Unit of the size."""
        return str(event_table()[self.kind]["unit"])


@cache
def event_table() -> Mapping[str, Any]:
    """Return the kinds of events."""
    text = resources.files("firmware_sim.life").joinpath("events.yaml").read_text("utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table


def make_event(
    house: House, kind: EventKind, flat: str, start: date, end: date, size: float | None = None
) -> Event:
    """Create an event; its size defaults to that of its kind."""
    own = event_table()[kind]["size"] if size is None else size
    device = meter_of(house, flat, METER_OF[kind]) if kind in METER_OF else None
    return Event(flat, kind, start, end, float(own), device)


def draw_events(house: House, start: date, end: date, seed: int) -> tuple[Event, ...]:
    """Draw a leak and a damp home among flats let throughout; none if there are too few."""
    rng = stream(seed, "events")
    let = _let_all(house, start, end)
    coldest = min((_f_rsi(home) for home in let), default=0.0)
    corners = [home.flat for home in let if _f_rsi(home) == coldest]
    damp = str(rng.choice(corners)) if corners else None
    metered = {device.flat for device in house.devices if device.kind == "hot_water"}
    leaking = [home.flat for home in let if home.flat != damp and home.flat in metered]
    events = []
    if damp and start.month in event_table()[EventKind.MOULD_RISK]["drawn"]["months"]:
        events.append(make_event(house, EventKind.MOULD_RISK, damp, start, end))
    if leaking:
        leak = str(rng.choice(leaking))
        events.append(make_event(house, EventKind.LEAK, leak, *_leak_days(start, end, rng)))
    return tuple(sorted(events, key=lambda event: (event.flat, event.kind)))


def _leak_days(start: date, end: date, rng: np.random.Generator) -> tuple[date, date]:
    """Draw the days of a leak that ends within the simulated days."""
    drawn = event_table()[EventKind.LEAK]["drawn"]
    length = min(drawn["days"], (end - start).days)
    latest = (end - start).days - length
    first = start + timedelta(int(rng.integers(min(drawn["from_day"], latest), latest + 1)))
    return first, first + timedelta(length)


def meter_of(house: House, flat: str, kind: str) -> str | None:
    """Return a flat's meter of a kind, if it has one."""
    meters = (d.device for d in house.devices if d.flat == flat and d.kind == kind)
    return next(meters, None)


def _let_all(house: House, start: date, end: date) -> list[Home]:
    """Return the homes that one tenancy rents on all days."""
    let = {
        stay.flat
        for stay in house.stays
        if stay.start <= start and (stay.end is None or stay.end >= end)
    }
    return [home for home in house.homes if home.flat in let]


def _f_rsi(home: Home) -> float:
    return ORDINARY_F_RSI if home.f_rsi is None else home.f_rsi
