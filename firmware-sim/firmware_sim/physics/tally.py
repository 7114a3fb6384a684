"""Sums and means of results by month and flat, for the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firmware_sim.arrays import Floats
from firmware_sim.parameters import parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from firmware_sim.physics.building import Part


WATTS_PER_KW = 1000.0
LITRES_PER_M3 = 1000.0
FLOWS = ("heat", "gains", "loss", "infiltration", "airing", "to_neighbours", "electricity")
"""Recorded in kWh, from W in the course."""
WATERS = ("hot_water", "cold_water")
"""Recorded in m³, from litres in the course."""
STATES = ("temperature_c", "humidity_pct", "co2_ppm")


@dataclass(frozen=True)
class Sums:
    """
    Sums over some steps, by quantity, each of shape (flats,).

    Attributes
    ----------
    steps : int
    sums : mapping of str to array
        Flows in kWh, water in m³, and states summed over the steps.
    """

    steps: int
    sums: Mapping[str, Floats]

    def means(self) -> dict[str, Floats]:
        """Return flows as sums and states as means."""
        return {
            name: column / self.steps if name in STATES else column
            for name, column in self.sums.items()
        }


def added(parts: Iterable[Sums]) -> Sums:
    """Add up sums of different steps, in order."""
    steps, total = 0, dict[str, Floats]()
    for part in parts:
        steps += part.steps
        total = {name: total.get(name, 0.0) + column for name, column in part.sums.items()}
    return Sums(steps, total)


class Tally:
    """Adds up days to months; `months` has them by name, such as ``2026-01``."""

    def __init__(self) -> None:
        self.months: dict[str, Sums] = {}

    def add(self, part: Part) -> None:
        """Add a part's days one by one, so that results do not depend on the parts."""
        for day, steps in part.days():
            month, sums = f"{day:%Y-%m}", _sums(part, steps)
            known = self.months.get(month)
            self.months[month] = added([known, sums]) if known else sums


def _sums(part: Part, steps: slice) -> Sums:
    kwh_per_w = parameters().step_hours / WATTS_PER_KW

    def total(name: str) -> Floats:
        column: Floats = getattr(part.course, name)[steps].sum(axis=0)
        return column

    sums = {f"{name}_kwh": total(f"{name}_w") * kwh_per_w for name in FLOWS}
    sums |= {f"{name}_m3": total(f"{name}_l") / LITRES_PER_M3 for name in WATERS}
    sums |= {name: total(name) for name in STATES}
    return Sums(len(range(*steps.indices(part.clock.steps))), sums)
