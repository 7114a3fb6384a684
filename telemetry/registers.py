"""Cumulative registers: their value at an instant, and what was used in each hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from estate.periods import Hours
    from telemetry.readings import Samples

    Floats = npt.NDArray[np.float64]
    Times = npt.NDArray[np.int64]

UNKNOWN = -1
"""Distance of an instant that no two readings enclose."""


def register_at(samples: Samples, devices: int, instants_ms: npt.ArrayLike) -> tuple[Floats, Times]:
    """
    Give each register's value at some instants.

    Between two readings the register is taken to rise evenly. Where it falls between them (a swapped
    meter, a fault) its value there is not known.

    Parameters
    ----------
    samples : Samples
        One register quantity; suspect values count as missing.
    devices : int
        Number of devices that were asked for.
    instants_ms : (k,) or (devices, k) array of int
        [ms since 1970, UTC]

    Returns
    -------
    value : (devices, k) float64 array
        NaN before the first reading, after the last one and within a fall. [the quantity's unit]
    gap_ms : (devices, k) int64 array
        Time between the two readings around the instant, 0 where one is exactly there, -1 where
        the value is NaN. [ms]
    """
    instants = np.asarray(instants_ms, dtype=np.int64)
    instants = np.broadcast_to(instants, (devices, instants.shape[-1]))
    values = np.full(instants.shape, np.nan)
    gaps = np.full(instants.shape, UNKNOWN, dtype=np.int64)
    valid = samples.good()
    edges = np.searchsorted(valid.device_index, np.arange(devices + 1))
    for device in range(devices):
        rows = slice(edges[device], edges[device + 1])
        found = _between(valid.time_ms[rows], valid.value[rows], instants[device])
        values[device], gaps[device] = found
    return values, gaps


def hourly_use(samples: Samples, devices: int, hours: Hours) -> Floats:
    """
    Give what each register counted in each hour.

    Parameters
    ----------
    samples : Samples
        One register quantity, with readings at the edges of the hours; suspect values count as
        missing.
    devices : int
        Number of devices that were asked for.
    hours : Hours

    Returns
    -------
    (devices, hours) float64 array
        NaN where the register has no reading at either edge of the hour, or falls within it.
        [the quantity's unit]
    """
    instants = np.append(hours.starts_ms, hours.end_ms)
    values, gaps = register_at(samples, devices, instants)
    use = np.diff(np.where(gaps == 0, values, np.nan), axis=1)
    return np.where(use >= 0, use, np.nan)


def _between(time_ms: Times, value: Floats, instants: Times) -> tuple[Floats, Times]:
    """Interpolate one register, shapes (n,), (n,) and (k,)."""
    if not len(time_ms):
        return np.full(len(instants), np.nan), np.full(len(instants), UNKNOWN)
    after = np.searchsorted(time_ms, instants, side="left")
    known = (after < len(time_ms)) & (instants >= time_ms[0])
    after = np.minimum(after, len(time_ms) - 1)
    exact = time_ms[after] == instants
    before = np.where(exact, after, np.maximum(after - 1, 0))
    span = time_ms[after] - time_ms[before]
    rise = value[after] - value[before]
    part = (instants - time_ms[before]) / np.where(span > 0, span, 1)
    known &= rise >= 0
    found = np.where(known, value[before] + part * rise, np.nan)
    return found, np.where(known, span, UNKNOWN)
