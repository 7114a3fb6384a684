"""
The hour that local time has twice, when clocks go back: which of the two a row means.

Where a series has the same local time twice, the order of the file tells: the first one is the
summer's (the winter's in a file that goes back in time). A local time that stands there once could
be either, and is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from telemetry.readings_file.reading_rows import Rows

NAMED_DAYS = 5


class Settled(NamedTuple):
    """
    What became of the rows in double hours.

    Attributes
    ----------
    rows : Rows
        All rows but those that could be either.
    told_ms, open_ms : (n,) int64 array
        The earlier instant of each row that the order decided, and of each that is left out.
        [ms since 1970, UTC]
    """

    rows: Rows
    told_ms: npt.NDArray[np.int64]
    open_ms: npt.NDArray[np.int64]


def settle(rows: Rows) -> Settled:
    """Decide for each row in a double hour which instant is meant, by the order of the rows."""
    double = np.flatnonzero(rows.later_ms > 0)
    if not len(double):
        return Settled(rows, rows.time_ms[double], rows.time_ms[double])
    table = pd.DataFrame({"series": rows.series[double], "time": rows.time_ms[double]})
    groups = table.groupby(["series", "time"])["time"]
    turn, times = groups.cumcount().to_numpy(), groups.transform("size").to_numpy()
    second = np.where(_backwards(rows)[double], turn == 0, turn == 1)
    shift_ms = np.zeros(len(rows.series), dtype=np.int64)
    shift_ms[double] = np.where(second, rows.later_ms[double], 0)
    kept = np.ones(len(rows.series), dtype=np.bool_)
    kept[double[times != 2]] = False
    settled = rows._replace(start_ms=rows.start_ms + shift_ms, time_ms=rows.time_ms + shift_ms)
    earlier_ms = rows.time_ms[double]
    return Settled(settled.pick(kept), earlier_ms[times == 2], earlier_ms[times != 2])


def double_hour_findings(file: str, settled: Settled) -> Iterator[Finding]:
    """Say what was decided about the rows of the hour that comes twice."""
    told, unknown = len(settled.told_ms), len(settled.open_ms)
    if told:
        yield Finding(
            "readings.time.twice",
            f"{file}: {told} rows stand in the hour that local time has twice "
            f"({_days(settled.told_ms)}); of equal times the first in order of time is taken as "
            "summer time. Export with UTC times to be sure",
            {"file": file, "rows": told, "left_out": 0},
        )
    if unknown:
        yield Finding(
            "readings.time.twice",
            f"{file}: {unknown} rows stand in the hour that local time has twice "
            f"({_days(settled.open_ms)}), and nothing says which of the two is meant; they are "
            "left out. Export with UTC times to have them",
            {"file": file, "rows": unknown, "left_out": unknown},
        )


def _days(time_ms: npt.NDArray[np.int64]) -> str:
    days = np.unique(time_ms.astype("datetime64[ms]").astype("datetime64[D]"))
    return ", ".join(map(str, days[:NAMED_DAYS])) + (" ..." if len(days) > NAMED_DAYS else "")


def _backwards(rows: Rows) -> npt.NDArray[np.bool_]:
    """Tell for each row whether its series goes back in time in the file."""
    order = np.argsort(rows.series, kind="stable")
    series, time_ms = rows.series[order], rows.time_ms[order]
    same = np.diff(series) == 0
    falls = np.bincount(series[1:][same & (np.diff(time_ms) < 0)], minlength=series[-1] + 1)
    rises = np.bincount(series[1:][same & (np.diff(time_ms) > 0)], minlength=series[-1] + 1)
    backwards: npt.NDArray[np.bool_] = (falls > rises)[rows.series]
    return backwards
