"""
Readings of a file beside an estate: the rows that may count, and a finding for what is left out.

The same rules as for readings over MQTT apply: a known device, in the building at that time, a
possible value, a time not ahead of now.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from estate.findings import Finding
from ingest.devices import device_table
from ingest.reasons import reason_texts
from ingest.validation import VERDICTS, Rules

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from estate.model import Estate
    from ingest.reasons import Reason


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
