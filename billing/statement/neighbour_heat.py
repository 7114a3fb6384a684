"""
Whether a home's heat came through its walls, told in words alone.

The home's own envelope says what it lost; its meter says what its radiators gave. What is missing
came from neighbours, what is left over went to them. Both are the home's own figures. The sum over
several neighbours is told, as one of four words: with one neighbour alone nothing is told, since
the home could work out how warm that one lives.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from billing import keys
from billing.bill.explanations import NeighbourHeat
from billing.rules import billing_rules

if TYPE_CHECKING:
    from datetime import date

    from billing.measured.building import BuildingMonth

    Floats = npt.NDArray[np.float64]


def own_need_kwh(month: BuildingMonth) -> Floats:
    """Return the heat that each span's own envelope lost beyond its gains, NaN where not known."""
    rows = month.flat_rows
    return keys.own_heat_loss(
        month.of_flats("heat_loss_w_per_k")[rows],
        month.of_flats("gains_w")[rows],
        month.temperature_c[rows],
        month.outdoor_c,
        month.counted,
        month.climate.hours.day_index,
    )


def neighbour_heats(month: BuildingMonth) -> list[NeighbourHeat | None]:
    """
    Tell for each span whether it took heat from its neighbours or gave it.

    Returns
    -------
    list of NeighbourHeat or None
        None without a heat meter that counted all hours, an envelope, a temperature measured
        over enough of the hours, or two neighbours that the home is coupled to.
    """
    if not np.isfinite(month.outdoor_c).all():
        return [None] * len(month.spans)
    meters, need_kwh = month.meters("heat"), own_need_kwh(month)
    enough = month.measured_hours >= month.rules.measured_part * month.counted.sum(axis=1)
    neighbours = _neighbours(month)
    known = np.isfinite(meters.use) & (meters.estimated_hours == 0) & (need_kwh > 0) & enough
    return [
        neighbour_heat(1 - use / need, month.period.start)
        if sure and neighbours[span.flat] > 1
        else None
        for span, use, need, sure in zip(month.spans, meters.use, need_kwh, known, strict=True)
    ]


def neighbour_heat(part: float, on: date | None = None) -> NeighbourHeat:
    """
    Name a part of the need.

    Parameters
    ----------
    part : float
        Of the home's own heat loss that did not come from its radiators; negative where they
        gave more than it lost.
    on : date, optional
        The day whose limits hold; without it the newest.
    """
    rules = billing_rules(on)
    if part < -rules.neighbour_heat_some:
        return NeighbourHeat.GIVEN
    if part < rules.neighbour_heat_some:
        return NeighbourHeat.EVEN
    return NeighbourHeat.SOME if part < rules.neighbour_heat_much else NeighbourHeat.MUCH


def _neighbours(month: BuildingMonth) -> Counter[str]:
    """Count the flats that each flat is coupled to."""
    pairs = [each for each in month.estate.neighbours if each.coupling_w_per_k > 0]
    return Counter(flat for pair in pairs for flat in (pair.flat_a, pair.flat_b))
