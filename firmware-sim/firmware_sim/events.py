"""What goes wrong: a leak in one flat, a damp home in another, with everything about them known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from firmware_sim.folder import House

LEAK, MOULD_RISK = "leak", "mould_risk"
ORDINARY_F_RSI = 0.7


@dataclass(frozen=True)
class Event:
    """
    One event in one flat, on whole local days.

    Attributes
    ----------
    size : float
        In `unit`: of a leak its flow, of a damp home the water that it adds to the air.
    """

    flat: str
    kind: str
    start: date
    end: date
    size: float
    unit: str
    device: str | None


@cache
def event_table() -> Mapping[str, Any]:
    """Read what happens in a month with events."""
    text = resources.files("firmware_sim").joinpath("events.yaml").read_text("utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table


def draw_events(
    house: House, start: date, end: date, rng: np.random.Generator
) -> tuple[Event, ...]:
    """Draw a leak and a damp home among flats that are let all month; none where too few are."""
    let = [flat for flat in house.flats if _let_all(house, flat, start, end)]
    coldest = min((_f_rsi(house, flat) for flat in let), default=0.0)
    corners = [flat for flat in let if _f_rsi(house, flat) == coldest]
    events = []
    damp = str(rng.choice(corners)) if corners else None
    if damp:
        events.append(_damp_home(damp, start, end))
    leaking = [flat for flat in let if flat != damp and _water_meter(house, flat)]
    if leaking:
        flat = str(rng.choice(leaking))
        events.append(_leak(flat, _water_meter(house, flat), start, end))
    return tuple(sorted(events, key=lambda event: (event.flat, event.kind)))


def _let_all(house: House, flat: str, start: date, end: date) -> bool:
    return any(
        stay.flat == flat and stay.start <= start and (stay.end is None or stay.end >= end)
        for stay in house.stays
    )


def _f_rsi(house: House, flat: str) -> float:
    home = house.homes[house.flats.index(flat)]
    return ORDINARY_F_RSI if home.f_rsi is None else home.f_rsi


def _water_meter(house: House, flat: str) -> str | None:
    meters = (d.device for d in house.devices if d.flat == flat and d.kind == "hot_water")
    return next(meters, None)


def _damp_home(flat: str, start: date, end: date) -> Event:
    row = event_table()[MOULD_RISK]
    first = start + timedelta(days=row["from_day"])
    return Event(flat, MOULD_RISK, first, end, row["moisture_g_per_m3"], row["unit"], None)


def _leak(flat: str, device: str | None, start: date, end: date) -> Event:
    row = event_table()[LEAK]
    first = start + timedelta(days=row["from_day"])
    last = min(first + timedelta(days=row["days"]), end)
    return Event(flat, LEAK, first, last, row["litres_per_hour"], row["unit"], device)
