"""Consumption alerts on anyone's own readings file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from alerts.detect import Meters, detect
from alerts.detectors.limits import limits
from estate.quantities import quantities
from telemetry.readings_file.file import read_readings
from telemetry.series.registers.register_breaks import register_limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alerts.detectors.found import Found
    from telemetry.readings_file.file import ReadingsFile

LONG_AGO_MS, FAR_AHEAD_MS = np.iinfo(np.int64).min, np.iinfo(np.int64).max


def detect_in_file(path: Path) -> list[dict[str, Any]]:
    """
    Find what the registers in a readings file show.

    Returns
    -------
    list of dict
        JSON-able; by time of raising.

    Raises
    ------
    DataError
        Where no row of the file can be used.
    UsageError
    """
    file = read_readings(path)
    found = detect(meters_of(file), limits())
    return [_as_dict(device, each) for device, each in found]


def meters_of(file: ReadingsFile) -> Iterator[Meters]:
    """Yield the meters of each register in a file."""
    columns = file.columns()
    for quantity in quantities():
        if quantity not in register_limits().most_per_hour:
            continue
        devices = sorted(set(columns["device"][columns["quantity"] == quantity]))
        if devices:
            samples = file.samples("", devices, quantity, LONG_AGO_MS, FAR_AHEAD_MS)
            yield Meters(quantity, devices, samples)


def _as_dict(device: str, found: Found) -> dict[str, Any]:
    return {
        "device": device,
        "kind": str(found.kind),
        "from": _written(found.start_ms),
        "to": _written(found.end_ms),
        "raised": _written(found.raised_ms),
        "evidence": found.evidence,
    }


def _written(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat().replace("+00:00", "Z")
