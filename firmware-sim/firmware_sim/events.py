"""What goes wrong in homes, drawn or from a scenario, with everything about it known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from firmware_sim.folder import House

ORDINARY_F_RSI = 0.7


class EventKind(StrEnum):
    """What can go wrong; sizes and units stand in ``events.yaml``."""

    LEAK = "leak"
    BURST = "burst"
    SPIKE = "spike"
    SLOW_RISE = "slow_rise"
    MOULD_RISK = "mould_risk"
    VENTILATION_BLOCKED = "ventilation_blocked"
    HEATING_FAILED = "heating_failed"


WATER = frozenset({EventKind.LEAK, EventKind.BURST, EventKind.SPIKE, EventKind.SLOW_RISE})
"""Kinds that a hot-water meter shows."""


@dataclass(frozen=True)
class Event:
    """
    One event in one flat, on whole local days.

    Attributes
    ----------
    start, end : date
        End exclusive.
    size : float
        In the unit of its kind.
    device : str or None
        The meter that shows it, where it is one.
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
    """Read the kinds of events."""
    text = resources.files("firmware_sim").joinpath("events.yaml").read_text("utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table


def make_event(
    house: House, kind: EventKind, flat: str, start: date, end: date, size: float | None = None
) -> Event:
    """Make an event of its kind's own size unless one is given."""
    own = event_table()[kind]["size"] if size is None else size
    device = water_meter(house, flat) if kind in WATER else None
    return Event(flat, kind, start, end, float(own), device)


def draw_events(
    house: House, start: date, end: date, rng: np.random.Generator
) -> tuple[Event, ...]:
    """Draw a leak and a damp home among flats that are let all the time; none where too few are."""
    let = [flat for flat in house.flats if _let_all(house, flat, start, end)]
    coldest = min((_f_rsi(house, flat) for flat in let), default=0.0)
    corners = [flat for flat in let if _f_rsi(house, flat) == coldest]
    events = []
    damp = str(rng.choice(corners)) if corners else None
    if damp:
        events.append(_drawn(house, EventKind.MOULD_RISK, damp, start, end))
    leaking = [flat for flat in let if flat != damp and water_meter(house, flat)]
    if leaking:
        events.append(_drawn(house, EventKind.LEAK, str(rng.choice(leaking)), start, end))
    return tuple(sorted(events, key=lambda event: (event.flat, event.kind)))


def water_meter(house: House, flat: str) -> str | None:
    """Give the hot-water meter of a flat, if it has one."""
    meters = (d.device for d in house.devices if d.flat == flat and d.kind == "hot_water")
    return next(meters, None)


def _drawn(house: House, kind: EventKind, flat: str, start: date, end: date) -> Event:
    drawn = event_table()[kind]["drawn"]
    first = start + timedelta(days=drawn["from_day"])
    last = min(first + timedelta(days=drawn["days"]), end) if "days" in drawn else end
    return make_event(house, kind, flat, first, last)


def _let_all(house: House, flat: str, start: date, end: date) -> bool:
    return any(
        stay.flat == flat and stay.start <= start and (stay.end is None or stay.end >= end)
        for stay in house.stays
    )


def _f_rsi(house: House, flat: str) -> float:
    home = house.homes[house.flats.index(flat)]
    return ORDINARY_F_RSI if home.f_rsi is None else home.f_rsi
