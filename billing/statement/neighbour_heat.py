"""
Estimates heat exchange with neighbours, reported only in categories.

The home's envelope gives its heat loss; its meter the heat from its radiators. A shortfall
came from neighbours, a surplus went to them. Both are the home's own figures. The sum over
several neighbours is reported, as one of four words: with only one neighbour nothing is reported,
since the resident could infer that neighbour's temperature.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from billing.bill.explanations import NeighbourHeat
from billing.rules import billing_rules

if TYPE_CHECKING:
    from datetime import date

    from billing.measured.weighing import Weighing


def neighbour_heats(weighing: Weighing) -> list[NeighbourHeat | None]:
    """
    Return for each span whether it received heat from its neighbours or lost heat to them.

    Returns
    -------
    list of NeighbourHeat or None
        None without a heat meter that counted all hours, an envelope, a temperature measured
        over enough of the hours, or two neighbours that the home is coupled to.
    """
    evidence = weighing.evidence
    if not evidence.outdoor_known:
        return [None] * len(weighing.spans)
    meters, need_kwh = weighing.meters("heat"), evidence.climate.need_kwh[0]
    measured = evidence.hours_of_spans(evidence.climate.hours.measured)
    enough = measured >= weighing.rules.measured_part * evidence.hours_of_spans()
    neighbours = _neighbours(weighing)
    known = np.isfinite(meters.use) & (meters.estimated_hours == 0) & (need_kwh > 0) & enough
    return [
        neighbour_heat(1 - use / need, weighing.period.start)
        if sure and neighbours[span.flat] > 1
        else None
        for span, use, need, sure in zip(weighing.spans, meters.use, need_kwh, known, strict=True)
    ]


def neighbour_heat(part: float, on: date | None = None) -> NeighbourHeat:
    """
    Return the category of a fraction of the demand.

    Parameters
    ----------
    part : float
        Fraction of the home's heat loss not covered by its radiators; negative if they
        delivered more than it lost.
    on : date, optional
        The day whose limits apply; the newest by default.
    """
    rules = billing_rules(on)
    if part < -rules.neighbour_heat_some:
        return NeighbourHeat.GIVEN
    if part < rules.neighbour_heat_some:
        return NeighbourHeat.EVEN
    return NeighbourHeat.SOME if part < rules.neighbour_heat_much else NeighbourHeat.MUCH


def _neighbours(weighing: Weighing) -> Counter[str]:
    """Count the flats that each flat is coupled to."""
    pairs = [each for each in weighing.estate.neighbours if each.coupling_w_per_k > 0]
    return Counter(flat for pair in pairs for flat in (pair.flat_a, pair.flat_b))
