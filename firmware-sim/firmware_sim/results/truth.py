"""The truth about simulated days: events, and the true use of each flat."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from firmware_sim.physics.tally import added

if TYPE_CHECKING:
    from datetime import date

    from firmware_sim.life.events import Event
    from firmware_sim.life.scenario import Fault
    from firmware_sim.physics.building import Simulation
    from firmware_sim.physics.tally import Sums

DIGITS = {"humidity_pct": 2, "co2_ppm": 1}
"""Decimals of a state's mean; 3 by default."""


def truth_of(simulation: Simulation) -> dict[str, Any]:
    """Return the truth as JSON-able data; flows are sums over the days, states are means."""
    months = {month: _flats(sums) for month, sums in simulation.months.items()}
    days = _flats(added(simulation.months.values()))
    return {
        "building": simulation.house.building,
        "seed": simulation.seed,
        "days": (simulation.clock.end - simulation.start).days,
        "events": [{"flat": event.flat, **_happened(event)} for event in simulation.events],
        "faults": [_happened(fault) for fault in simulation.scenario.faults],
        "flats": {
            flat: {
                "persona": simulation.households[at].name,
                **days[at],
                "months": {month: flats[at] for month, flats in months.items()},
            }
            for at, flat in enumerate(simulation.house.flats)
        },
    }


def _happened(what: Event | Fault) -> dict[str, Any]:
    return {
        "kind": str(what.kind),
        "device": what.device,
        "from": _written(what.start),
        "to": _written(what.end),
        "size": what.size,
        "unit": what.unit,
    }


def _written(instant: date) -> str:
    """Format a local day, or an instant to the second with its offset."""
    if isinstance(instant, datetime):
        return instant.isoformat(timespec="seconds")
    return instant.isoformat()


def _flats(sums: Sums) -> list[dict[str, float]]:
    """Return each flat's figures by quantity."""
    columns = {
        name: [round(value, DIGITS.get(name, 3)) for value in column.tolist()]
        for name, column in sums.means().items()
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
