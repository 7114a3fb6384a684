"""
Readings of a file beside an estate: the rows that may count, and a finding for what is left out.

The same rules as for readings over MQTT apply: a known device, in the building at that time, a
possible value, a time not ahead of now.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from estate.findings import Finding
from ingest.devices import device_table
from ingest.reasons import reason_texts
from ingest.validation import VERDICTS, Rules
from telemetry.plausibility import suspicions
from telemetry.readings import Reading
from telemetry.readings_file import read_readings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt
    import pandas as pd

    from estate.model import Estate
    from ingest.reasons import Reason
    from telemetry.store import Store

READINGS_PER_WRITE = 20_000
NAMES = ("device", "quantity", "time_ms", "value", "quality")


@dataclass(frozen=True)
class Loaded:
    """How many readings were stored, and what was left out and why."""

    stored: int
    findings: tuple[Finding, ...]


def load_file(
    path: Path,
    estate: Estate,
    store: Store,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Loaded:
    """
    Store the readings of a file that the rules allow.

    Parameters
    ----------
    path : Path
    estate : Estate
        The building whose readings they are.
    store : Store
    on_progress : callable, optional
        Told the number of readings written, and of all.

    Raises
    ------
    UsageError, DataError, StoreUnavailable
    """
    file, now_ms = read_readings(path), round(time.time() * 1000)
    columns = file.columns()
    verdicts = verdicts_on(estate, columns, now_ms)
    good = columns[verdicts == 0].assign(quality=qualities)
    building, stored = estate.building.id, 0
    for start in range(0, len(good), READINGS_PER_WRITE):
        part = good.iloc[start : start + READINGS_PER_WRITE]
        rows = zip(*(part[name].tolist() for name in NAMES), strict=True)
        readings = [
            Reading(building, device, quantity, time_ms, value, quality, now_ms)
            for device, quantity, time_ms, value, quality in rows
        ]
        stored += len(readings) - len(store.write(readings))
        on_progress(start + len(part), len(good))
    return Loaded(stored, (*file.findings, *rejected_findings(columns, verdicts)))


def qualities(columns: pd.DataFrame) -> npt.NDArray[np.uint8]:
    """Give the quality of each row of a readings file, bits of `telemetry.readings.Quality`."""
    found = np.zeros(len(columns), dtype=np.uint8)
    for quantity in columns["quantity"].unique():
        rows = np.flatnonzero(columns["quantity"] == quantity)
        found[rows] = suspicions(quantity, columns["value"].to_numpy()[rows])
    return found


def verdicts_on(estate: Estate, columns: pd.DataFrame, now_ms: int) -> npt.NDArray[np.int8]:
    """
    Judge each row of a readings file.

    Parameters
    ----------
    estate : Estate
    columns : DataFrame
        ``time_ms``, ``device``, ``quantity``, ``value``.
    now_ms : int
        [ms since 1970, UTC]

    Returns
    -------
    (n,) int8 array
        Positions in `ingest.validation.VERDICTS`; 0 may count.
    """
    return Rules(device_table([estate])).verdicts(
        estate.building.id,
        columns["device"].to_numpy(dtype=object),
        columns["quantity"].to_numpy(dtype=object),
        columns["time_ms"].to_numpy(dtype=np.int64),
        columns["value"].to_numpy(dtype=np.float64),
        now_ms,
    )


def rejected_findings(columns: pd.DataFrame, verdicts: npt.NDArray[np.int8]) -> list[Finding]:
    """Give one finding for each device and reason with the number of rows left out."""
    bad = np.flatnonzero(verdicts)
    counts = Counter(
        (device, verdict)
        for device, verdict in zip(
            columns["device"].iloc[bad].tolist(), verdicts[bad].tolist(), strict=True
        )
    )
    return [
        _finding(device, VERDICTS[verdict], count)
        for (device, verdict), count in sorted(counts.items())
    ]


def _finding(device: str, reason: Reason | None, count: int) -> Finding:
    assert reason is not None  # noqa: S101  only codes above 0 come here
    text = reason_texts()[reason]
    return Finding(
        "readings.rejected",
        f"{count} readings of device {device} are left out: {text.meaning} {text.remedy}",
        {"device": device, "reason": str(reason), "readings": count},
    )
