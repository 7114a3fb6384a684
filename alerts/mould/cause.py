"""Whether a surface is damp because of its wall or of moisture in the room. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from alerts.mould.mould import surface_conditions
from telemetry.series.humidity import PERCENT, water_g_per_m3

if TYPE_CHECKING:
    from alerts.rules import AlertRules
    from estate.numbers.arrays import Floats

NO_EXCESS_FROM_C, ALL_EXCESS_TO_C = 20.0, 0.0
"""Between these outdoor temperatures the usual moisture excess falls to nothing."""
SATURATED_PCT = 100.0


class Cause(NamedTuple):
    """
    What makes a surface damp.

    Attributes
    ----------
    moisture_excess_g_per_m3 : float
        Mean water in the room's air above the outdoor air's.
    wall_share : float or None
        Of the reduction of the surface's humidity by a sound wall and usual moisture, the wall's
        part; the rest is that of moisture. None if neither would reduce it. [1]
    """

    moisture_excess_g_per_m3: float
    wall_share: float | None


def cause_of(
    temperature_c: Floats,
    humidity_pct: Floats,
    outdoor_c: Floats,
    outdoor_pct: Floats,
    f_rsi: float,
    rules: AlertRules,
) -> Cause | None:
    """
    Compare hours with the same hours behind a sound wall, and with usual moisture.

    Parameters
    ----------
    temperature_c, humidity_pct, outdoor_c, outdoor_pct : (hours,) array
        NaN if unknown. [°C], [%]
    f_rsi : float
        Of the wall. [1]
    rules : AlertRules
        Its `f_rsi_sound` and `usual_moisture_excess_g_per_m3`.

    Returns
    -------
    Cause or None
        None if there is no hour with data on both sides.
    """
    known = np.isfinite(temperature_c + humidity_pct + outdoor_c + outdoor_pct)
    if not known.any():
        return None
    room_c, room_pct, out_c = temperature_c[known], humidity_pct[known], outdoor_c[known]
    outdoor_water = water_g_per_m3(out_c, outdoor_pct[known])
    excess = water_g_per_m3(room_c, room_pct) - outdoor_water
    mild = np.clip((NO_EXCESS_FROM_C - out_c) / (NO_EXCESS_FROM_C - ALL_EXCESS_TO_C), 0.0, 1.0)
    usual = np.minimum(excess, rules.usual_moisture_excess_g_per_m3 * mild)
    full = water_g_per_m3(room_c, np.full_like(room_c, SATURATED_PCT))
    usual_pct = np.clip((outdoor_water + usual) / full * PERCENT, 0.0, room_pct)
    sound = max(f_rsi, rules.f_rsi_sound)
    as_it_is, with_usual, with_sound = (
        float(surface_conditions(room_c, each_pct, out_c, wall).humidity_pct.mean())
        for each_pct, wall in ((room_pct, f_rsi), (usual_pct, f_rsi), (room_pct, sound))
    )
    moisture, wall = as_it_is - with_usual, as_it_is - with_sound
    share = wall / (moisture + wall) if moisture + wall > 0 else None
    return Cause(float(excess.mean()), share)
