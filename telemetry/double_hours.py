"""
The hour that local time has twice, when clocks go back: which of the two a row means.

Where a series has the same local time twice, the order of the file tells: the first one is the
summer's (the winter's in a file that goes back in time). A local time that stands there once could
be either, and is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from telemetry.reading_rows import Rows


def settle(rows: Rows) -> tuple[Rows, int, int]:
    """
    Decide for each row in a double hour which instant is meant, by the order of the rows.

    Returns
    -------
    rows : Rows
        Without those that could be either.
    settled, open : int
        How many rows the order decided, and how many are left out.
    """
    double = np.flatnonzero(rows.later_ms > 0)
    if not len(double):
        return rows, 0, 0
    table = pd.DataFrame({"series": rows.series[double], "time": rows.time_ms[double]})
    groups = table.groupby(["series", "time"])["time"]
    turn, times = groups.cumcount().to_numpy(), groups.transform("size").to_numpy()
    second = np.where(_backwards(rows)[double], turn == 0, turn == 1)
    shift_ms = np.zeros(len(rows.series), dtype=np.int64)
    shift_ms[double] = np.where(second, rows.later_ms[double], 0)
    kept = np.ones(len(rows.series), dtype=np.bool_)
    kept[double[times != 2]] = False
    settled = rows._replace(start_ms=rows.start_ms + shift_ms, time_ms=rows.time_ms + shift_ms)
    return settled.pick(kept), int((times == 2).sum()), int((times != 2).sum())


def double_hour_findings(file: str, settled: int, unsettled: int) -> Iterator[Finding]:
    """Say what was decided about the rows of the hour that comes twice."""
    if settled:
        yield Finding(
            "readings.time.twice",
            f"{file}: {settled} rows stand in the hour that local time has twice; of equal times "
            "the first in order of time is taken as summer time. Export with UTC times to be sure",
            {"file": file, "rows": settled, "left_out": 0},
        )
    if unsettled:
        yield Finding(
            "readings.time.twice",
            f"{file}: {unsettled} rows stand in the hour that local time has twice, and nothing "
            "says which of the two is meant; they are left out. Export with UTC times to have them",
            {"file": file, "rows": unsettled, "left_out": unsettled},
        )


def _backwards(rows: Rows) -> npt.NDArray[np.bool_]:
    """Tell for each row whether its series goes back in time in the file."""
    order = np.argsort(rows.series, kind="stable")
    series, time_ms = rows.series[order], rows.time_ms[order]
    same = np.diff(series) == 0
    falls = np.bincount(series[1:][same & (np.diff(time_ms) < 0)], minlength=series[-1] + 1)
    rises = np.bincount(series[1:][same & (np.diff(time_ms) > 0)], minlength=series[-1] + 1)
    backwards: npt.NDArray[np.bool_] = (falls > rises)[rows.series]
    return backwards
