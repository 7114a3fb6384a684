"""
Resolves local times in the repeated hour when clocks go back.

Where a series has the same local time twice, the order of the file decides: the first is
summer time (winter time in a file in descending order). A local time that appears once could
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
    Result of resolving the rows in repeated hours.

    Attributes
    ----------
    rows : Rows
        All rows except the ambiguous ones.
    told_ms, open_ms : (n,) int64 array
        The earlier instant of each row resolved by order, and of each that is left out.
        [ms since 1970, UTC]
    """

    rows: Rows
    told_ms: npt.NDArray[np.int64]
    open_ms: npt.NDArray[np.int64]


def settle(rows: Rows) -> Settled:
    """Resolve each row in a repeated hour by the order of the rows."""
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
    """Return findings on the rows in the repeated hour."""
    told, unknown = len(settled.told_ms), len(settled.open_ms)
    if told:
        yield Finding(
            "readings.time.twice",
            f"{file}: {told} rows are in the repeated hour of local time "
            f"({_days(settled.told_ms)}); of equal times the earlier is taken as "
            "summer time. Export with UTC times to be sure",
            {"file": file, "rows": told, "left_out": 0},
        )
    if unknown:
        yield Finding(
            "readings.time.twice",
            f"{file}: {unknown} rows are in the repeated hour of local time "
            f"({_days(settled.open_ms)}), and are ambiguous; they are left out. Export "
            "with UTC times to include them",
            {"file": file, "rows": unknown, "left_out": unknown},
        )


def _days(time_ms: npt.NDArray[np.int64]) -> str:
    days = np.unique(time_ms.astype("datetime64[ms]").astype("datetime64[D]"))
    return ", ".join(map(str, days[:NAMED_DAYS])) + (" ..." if len(days) > NAMED_DAYS else "")


def _backwards(rows: Rows) -> npt.NDArray[np.bool_]:
    """Return for each row whether its series is in descending order of time."""
    order = np.argsort(rows.series, kind="stable")
    series, time_ms = rows.series[order], rows.time_ms[order]
    same = np.diff(series) == 0
    falls = np.bincount(series[1:][same & (np.diff(time_ms) < 0)], minlength=series[-1] + 1)
    rises = np.bincount(series[1:][same & (np.diff(time_ms) > 0)], minlength=series[-1] + 1)
    backwards: npt.NDArray[np.bool_] = (falls > rises)[rows.series]
    return backwards
