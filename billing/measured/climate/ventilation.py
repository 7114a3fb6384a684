r"""
Air change of homes by tracer decay. Pure functions of hourly means, (homes, hours).

The tracer is carbon dioxide or water vapour: what people release leaves with the
air, so its excess over the outdoor air decays as :math:`e^{-n t}` without a source.
Single zone: a home is one well-mixed volume of air.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from estate.numbers.arrays import Bools, Floats
from estate.numbers.values import load_values
from telemetry.series.humidity import water_g_per_m3

if TYPE_CHECKING:
    from datetime import date

    from billing.schemes import Tracer
    from telemetry.series.home_climate import HomeClimate


FAST_POINTS = 2
"""With an open window the excess is gone before a third hour."""


@dataclass(frozen=True)
class VentilationLimits:
    """Limits; units and sources are in ``ventilation.yaml``."""

    included_per_h: float
    most_per_h: float
    air_wh_per_m3_k: float
    outdoor_co2_ppm: float
    decay_points: int
    decay_r2: float
    decay_part: float
    fast_part: float
    usual_hours: int
    co2_start_ppm: float
    co2_end_ppm: float
    water_start_g_per_m3: float
    water_end_g_per_m3: float
    window_fall_k_per_h: float
    window_co2_per_h: float
    window_water_g_per_m3: float


def ventilation_limits(on: date | None = None) -> VentilationLimits:
    """Return the limits valid on a day; the newest by default."""
    return load_values(VentilationLimits, "billing.measured.climate", "ventilation.yaml", on)


@dataclass(frozen=True)
class Gate:
    """
    Criteria for a decay of a tracer.

    Attributes
    ----------
    points : int
        Number of hours.
    start, end : float
        Least excess in the first hour, and in each hour. [the tracer's unit]
    r2 : float
        Least coefficient of determination of the logarithm over time.
    part : float
        Largest ratio of the last hour's excess to the first's. A climate that settles while
        somebody is at home looks like a slow decay too; that of an empty home falls further.
    """

    points: int
    start: float
    end: float
    r2: float
    part: float


def air_change_per_h(excess: Floats, hours: Floats) -> tuple[Floats, Floats]:
    r"""
    Fit the decay of a tracer.

    Parameters
    ----------
    excess : (..., points) array
        Above the outdoor air, above 0; NaN = gap. [the tracer's unit]
    hours : (points,) array
        [h]

    Returns
    -------
    air_change : (...) array
        :math:`n`, minus the slope of :math:`\ln(C - C_o)` over time; NaN with a gap. [1/h]
    r2 : (...) array
        Coefficient of determination; NaN if the excess is constant.

    References
    ----------
    .. [1] Decay method of ISO 12569; 1400 to 800 ppm at 420 ppm outdoors in 2 h is 0.4737 /h.
    """
    logarithm = np.log(excess)
    centred = hours - hours.mean()
    spread = float((centred**2).sum())
    slope = logarithm @ centred / spread
    varied = ((logarithm - logarithm.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1)
    r2 = np.full(slope.shape, np.nan)
    np.divide(slope**2 * spread, varied, out=r2, where=varied > 0)
    return np.asarray(-slope), r2


def decays(excess: Floats, undisturbed: Bools, gate: Gate) -> Floats:
    """
    Return the air change in the hours of decays, the mean of those that include an hour.

    Parameters
    ----------
    excess : (homes, hours) array
        Of the tracer over the outdoor air; NaN = gap.
    undisturbed : (homes, hours) bool array
        No window was open.
    gate : Gate

    Returns
    -------
    (homes, hours) array
        NaN in hours without a decay. [1/h]
    """
    points = gate.points
    sums, counts = np.zeros(excess.shape), np.zeros(excess.shape)
    if excess.shape[1] >= points:
        usable = np.where((excess >= gate.end) & undisturbed, excess, np.nan)
        count = usable.shape[1] - points + 1
        windows = np.stack([usable[:, each : each + count] for each in range(points)], axis=2)
        change, r2 = air_change_per_h(windows, np.arange(points, dtype=np.float64))
        first, last = usable[:, : 1 - points], usable[:, points - 1 :]
        taken = (r2 >= gate.r2) & (first > gate.start) & (last <= gate.part * first)
        for shift in range(points):
            hours = slice(shift, shift + taken.shape[1])
            sums[:, hours] += np.where(taken, change, 0.0)
            counts[:, hours] += taken
    found = np.full(excess.shape, np.nan)
    np.divide(sums, counts, out=found, where=counts > 0)
    return found


def open_windows(
    temperature_c: Floats, water: Floats, co2_excess_ppm: Floats, limits: VentilationLimits
) -> Floats:
    """
    Return the air change in the hours of an open window.

    A window opens when temperature, carbon dioxide and absolute humidity fall fast within one hour.
    It is open until temperature or carbon dioxide rises by as much as counts as a fall.

    Parameters
    ----------
    temperature_c, water, co2_excess_ppm : (homes, hours) arrays
        Water in the air, and carbon dioxide over the outdoor air; NaN = gap. [°C], [g/m³], [ppm]
    limits : VentilationLimits

    Returns
    -------
    (homes, hours) array
        Air change by the carbon dioxide lost in the first hour, at most `most_per_h`; NaN in hours
        without an open window. [1/h]
    """
    fall_k = -np.diff(temperature_c, axis=1, prepend=np.nan)
    fall_g = -np.diff(water, axis=1, prepend=np.nan)
    left = np.maximum(co2_excess_ppm, 1.0)
    rate = -np.diff(np.log(left), axis=1, prepend=np.nan)
    opens = (
        (fall_k >= limits.window_fall_k_per_h)
        & (fall_g >= limits.window_water_g_per_m3)
        & (rate >= limits.window_co2_per_h)
    )
    still = (fall_k > -limits.window_fall_k_per_h) & (co2_excess_ppm <= limits.co2_start_ppm)
    found = np.full(temperature_c.shape, np.nan)
    lasting = np.full(len(found), np.nan)
    for hour in range(temperature_c.shape[1]):
        first = np.minimum(rate[:, hour], limits.most_per_h)
        lasting = np.where(opens[:, hour], first, np.where(still[:, hour], lasting, np.nan))
        found[:, hour] = lasting
    return found


def home_air_change(
    climate: HomeClimate, temperature_c: Floats, tracer: Tracer, limits: VentilationLimits
) -> Floats:
    """
    Return the air change of homes in the hours in which it can be determined.

    Parameters
    ----------
    climate : HomeClimate
    temperature_c : (flats, hours) array
        As measured, NaN if missing or opted out. [°C]
    tracer : {'co2_decay', 'moisture_excess'}
    limits : VentilationLimits

    Returns
    -------
    (flats, hours) array
        NaN if unknown. [1/h]
    """
    known = np.isfinite(temperature_c)
    outdoor = water_g_per_m3(climate.outdoor["temperature_c"], climate.outdoor["humidity_pct"])
    water = water_g_per_m3(temperature_c, climate.values["humidity_pct"])
    co2_ppm = np.where(known, climate.values["co2_ppm"], np.nan) - limits.outdoor_co2_ppm
    windows = open_windows(temperature_c, water, co2_ppm, limits)
    by_co2 = tracer == "co2_decay"
    start = limits.co2_start_ppm if by_co2 else limits.water_start_g_per_m3
    end = limits.co2_end_ppm if by_co2 else limits.water_end_g_per_m3
    found = windows
    for points, nearer in ((limits.decay_points, 1.0), (FAST_POINTS, limits.fast_part)):
        gate = Gate(points, start * nearer, end * nearer, limits.decay_r2, limits.decay_part)
        decay = decays(co2_ppm if by_co2 else water - outdoor, np.isnan(windows), gate)
        found = np.where(np.isfinite(found), found, decay)
    return found


def usual_where_unknown(
    air_change: Floats, least_hours: int, included_per_h: float, quantile: float
) -> Floats:
    """
    Fill unknown hours with the home's own median.

    Parameters
    ----------
    air_change : (homes, hours) array
        NaN = not known. [1/h]
    least_hours : int
        A home with fewer known hours gets the quantile of the others' medians.
    included_per_h : float
        Used if no home has enough hours. [1/h]
    quantile : float
        An upper quantile, so that a home gains nothing by missing data.
    """
    known = np.isfinite(air_change)
    telling = known.sum(axis=1) >= least_hours
    usual = np.full(len(air_change), included_per_h)
    if telling.any():
        usual[telling] = np.nanmedian(air_change[telling], axis=1)
        usual[~telling] = np.quantile(usual[telling], quantile)
    return np.where(known & telling[:, None], air_change, usual[:, None])


def charged_w_per_k(air_change: Floats, volume_m3: Floats, limits: VentilationLimits) -> Floats:
    r"""
    Return the heat loss of the air change beyond that included in the envelope's loss.

    Parameters
    ----------
    air_change : (homes, hours) array
        [1/h]
    volume_m3 : (homes,) array
        [m³]
    limits : VentilationLimits

    Returns
    -------
    (homes, hours) array
        :math:`0.34 \max(n - n_0, 0) V`, never below 0, so that a home that never airs is not
        rewarded with damp. [W/K]
    """
    beyond = np.maximum(np.minimum(air_change, limits.most_per_h) - limits.included_per_h, 0.0)
    return np.asarray(limits.air_wh_per_m3_k * beyond * volume_m3[:, None])
