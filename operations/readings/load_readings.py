"""
Loads readings files into the store: validates the rows, and reports those left out.

The rules for readings over MQTT apply: a known device, in the building at that time, a
possible value, a time not in the future.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from estate.findings import Finding
from ingest.quarantine.refused import refused_entry
from ingest.reasons import Reason, reason_texts
from ingest.validation.devices import device_table
from ingest.validation.validation import VERDICTS, ReadingRules
from operations.readings.readings_paths import readings_paths
from telemetry.plausibility import suspicions
from telemetry.readings import Reading
from telemetry.readings_file.column_map import load_map
from telemetry.readings_file.file import nothing_usable, read_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import numpy.typing as npt
    import pandas as pd

    from estate.model import Estate
    from ingest.quarantine.store import Quarantine
    from telemetry.readings import Rejected
    from telemetry.readings_file.file import Progress, ReadingsFile
    from telemetry.stores.store import Store

READINGS_PER_WRITE = 20_000
REPLAY, READ_AGAIN = "replay the quarantine", "load the file again"
"""End of a reason's remedy for messages, and for files."""
CONTRADICTED = VERDICTS.index(Reason.KIND_CONTRADICTED)
UNKNOWN = VERDICTS.index(Reason.DEVICE_UNKNOWN)
NAMED_DEVICES = 100
NAMES = ("device", "quantity", "time_ms", "value", "quality")


@dataclass(frozen=True)
class Loaded:
    """
    Result of loading.

    Attributes
    ----------
    stored : int
        Readings stored.
    refused : int
        Readings rejected by the store; they are in quarantine.
    findings : tuple of Finding
        What was left out or rejected, and why.
    """

    stored: int
    refused: int
    findings: tuple[Finding, ...]


def load_files(
    paths: Sequence[Path],
    estate: Estate,
    store: Store,
    quarantine: Quarantine,
    column_maps: Sequence[str] = (),
    on_read: Progress = lambda _done, _total: None,
    on_stored: Progress = lambda _done, _total: None,
) -> Loaded:
    """
    Store the valid readings of files; those that the store rejects are quarantined.

    For a file of consumption, the register computed from it continues from the stored value at
    its beginning, or starts at 0 if there is none.

    Parameters
    ----------
    paths : sequence of Path
        Files, folders and patterns.
    estate : Estate
        The building of the readings.
    store : Store
    quarantine : Quarantine
    column_maps : sequence of str, optional
        Names or files of the maps that explain exports.
    on_read, on_stored : callable, optional
        Called with the number of bytes read, or readings written, and the total.

    Raises
    ------
    UsageError, StoreUnavailable
    DataError
        If no row is usable.
    """
    now_ms = round(time.time() * 1000)
    maps = [load_map(name) for name in column_maps]
    opening = partial(_stored_register, store, estate.building.id)
    file = read_all(readings_paths(paths), maps, opening, on_read)
    file = usable_readings(file, estate, now_ms)
    columns = agreed_rows(estate, file.columns())
    columns = columns.assign(quality=qualities(columns))
    refused: list[Rejected] = []
    for start in range(0, len(columns), READINGS_PER_WRITE):
        part = columns.iloc[start : start + READINGS_PER_WRITE]
        rows = zip(*(part[name].tolist() for name in NAMES), strict=True)
        rejected = store.write(
            [
                Reading(estate.building.id, device, quantity, time_ms, value, quality, now_ms)
                for device, quantity, time_ms, value, quality in rows
            ]
        )
        quarantine.put([refused_entry(each) for each in rejected])
        refused += rejected
        on_stored(start + len(part), len(columns))
    stored = len(columns) - len(refused)
    return Loaded(stored, len(refused), (*file.findings, *refused_findings(refused)))


def _stored_register(
    store: Store, building: str, device: str, quantity: str, time_ms: int
) -> float:
    found = store.samples(building, [device], quantity, time_ms, time_ms + 1).value
    return float(found[0]) if len(found) else 0.0


def usable_readings(file: ReadingsFile, estate: Estate, now_ms: int) -> ReadingsFile:
    """
    Keep the valid rows, and add findings for the others.

    Parameters
    ----------
    file : ReadingsFile
    estate : Estate
        The building of the readings.
    now_ms : int
        [ms since 1970, UTC]

    Raises
    ------
    DataError
        If no row is left; the findings of the rows come first.
    """
    columns = file.columns()
    verdicts = verdicts_on(estate, columns, now_ms)
    findings = (
        *file.findings,
        *rejected_findings(file.name, columns, verdicts),
        *contradicted_findings(estate, columns, verdicts),
    )
    if (verdicts != 0).all():
        raise nothing_usable(file.name, findings)
    return replace(file.keep(verdicts == 0), findings=findings)


def agreed_rows(estate: Estate, columns: pd.DataFrame) -> pd.DataFrame:
    """Remove climate readings from days on which the resident has not agreed to them."""
    rules = ReadingRules(device_table([estate]))
    if not rules.unagreed:
        return columns
    names = columns["device"], columns["quantity"], columns["time_ms"]
    keys = zip(*(each.tolist() for each in names), strict=True)
    return columns[[not rules.is_unagreed(estate.building.id, *key) for key in keys]]


def qualities(columns: pd.DataFrame) -> npt.NDArray[np.uint8]:
    """Return the quality of each row of a readings file, bits of `telemetry.readings.Quality`."""
    found = np.zeros(len(columns), dtype=np.uint8)
    for quantity in columns["quantity"].unique():
        rows = np.flatnonzero(columns["quantity"] == quantity)
        found[rows] = suspicions(quantity, columns["value"].to_numpy()[rows])
    return found


def verdicts_on(estate: Estate, columns: pd.DataFrame, now_ms: int) -> npt.NDArray[np.int8]:
    """
    Validate each row of a readings file.

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
        Positions in `ingest.validation.validation.VERDICTS`; 0 may count.
    """
    return ReadingRules(device_table([estate])).verdicts(
        estate.building.id,
        columns["device"].to_numpy(dtype=object),
        columns["quantity"].to_numpy(dtype=object),
        columns["time_ms"].to_numpy(dtype=np.int64),
        columns["value"].to_numpy(dtype=np.float64),
        now_ms,
    )


def rejected_findings(
    file: str, columns: pd.DataFrame, verdicts: npt.NDArray[np.int8]
) -> list[Finding]:
    """
    Return one finding for each device and reason with the number of rows left out.

    Of unknown devices, which may be many, the first are named and the others
    counted.
    """
    bad = np.flatnonzero((verdicts != 0) & (verdicts != CONTRADICTED))
    devices = columns["device"].iloc[bad].tolist()
    counts = Counter(zip(devices, verdicts[bad].tolist(), strict=True))
    known = sorted(each for each in counts if each[1] != UNKNOWN)
    unknown = sorted(each for each in counts if each[1] == UNKNOWN)
    named = [*known, *unknown[:NAMED_DEVICES]]
    findings = [
        _finding(device, VERDICTS[verdict], counts[device, verdict]) for device, verdict in named
    ]
    if others := unknown[NAMED_DEVICES:]:
        findings.append(_others_finding(file, len(others), sum(counts[each] for each in others)))
    return findings


def contradicted_findings(
    estate: Estate, columns: pd.DataFrame, verdicts: npt.NDArray[np.int8]
) -> list[Finding]:
    """Return one finding for each device whose readings are another register than its own."""
    kinds = ReadingRules(device_table([estate])).kinds.get(estate.building.id, {})
    rows = columns.iloc[np.flatnonzero(verdicts == CONTRADICTED)]
    counts = Counter(zip(rows["device"].tolist(), rows["quantity"].tolist(), strict=True))
    return [
        Finding(
            "readings.kind.contradicted",
            f"{count} readings of device {device} are left out: they are {quantity}, and "
            f"devices.csv has kind {kinds[device]}; correct the one that is wrong",
            {"device": device, "quantity": quantity, "kind": kinds[device], "readings": count},
        )
        for (device, quantity), count in sorted(counts.items())
    ]


def refused_findings(refused: Iterable[Rejected]) -> list[Finding]:
    """Return one finding for each series with readings rejected by the store, with its reason."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for reading, reason in refused:
        reasons.setdefault((reading.device, reading.quantity), []).append(reason)
    text = reason_texts()[Reason.STORE_REFUSED]
    return [
        Finding(
            "load.refused",
            f"{len(given)} readings of {quantity} of device {device} are rejected by the "
            f"store ({given[0]}) and kept in quarantine. {text.remedy}",
            {"device": device, "quantity": quantity, "readings": len(given), "reason": given[0]},
        )
        for (device, quantity), given in sorted(reasons.items())
    ]


def _finding(device: str, reason: Reason | None, count: int) -> Finding:
    assert reason is not None  # noqa: S101  only codes above 0 come here
    text = reason_texts()[reason]
    # Rows of a file are left out, not quarantined.
    remedy = text.remedy.replace(REPLAY, READ_AGAIN)
    return Finding(
        "readings.rejected",
        f"{count} readings of device {device} are left out: {text.meaning} {remedy}",
        {"device": device, "reason": str(reason), "readings": count},
    )


def _others_finding(file: str, devices: int, rows: int) -> Finding:
    return Finding(
        "readings.rows.more",
        f"{file} has {rows} more readings, of {devices} devices unknown in the building, which "
        "are left out; add the first ones to devices.csv, or check that it is the right file",
        {"file": file, "rows": rows, "devices": devices},
    )
