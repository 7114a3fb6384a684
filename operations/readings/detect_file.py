"""Consumption alerts on anyone's own readings file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from alerts.detect import Meters, Outdoor, detect
from alerts.detectors.limits import limits
from estate.errors import UsageError
from estate.files.folder import read_estate
from estate.quantities import quantities
from operations.readings.climate_file import read_gauges
from telemetry.readings_file.file import read_readings
from telemetry.series.registers.register_breaks import register_limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from alerts.detectors.found import Found
    from estate.findings import Finding
    from telemetry.readings_file.file import ReadingsFile

LONG_AGO_MS, FAR_AHEAD_MS = np.iinfo(np.int64).min, np.iinfo(np.int64).max


class Detected(NamedTuple):
    """
    What a readings file shows.

    Attributes
    ----------
    alerts : list of dict
        JSON-able; by time of raising.
    findings : list of Finding
        Rows that could not be used.
    """

    alerts: list[dict[str, Any]]
    findings: list[Finding]


def detect_in_file(
    path: Path, timezone: str, outdoor: Path | None = None, estate: Path | None = None
) -> Detected:
    """
    Find anomalies in the registers of a readings file.

    Parameters
    ----------
    path : Path
    timezone : str
        Time zone of the place, which defines its days.
    outdoor : Path, optional
        File of the outdoor temperature.
    estate : Path, optional
        Folder whose devices.csv assigns meters to homes; default: a home per device.

    Raises
    ------
    DataError
        If no row of the file can be used.
    UsageError
    """
    file = read_readings(path)
    weather = None
    if outdoor is not None:
        (temperature,) = read_gauges(outdoor, "temperature_c")
        weather = Outdoor(temperature.time_ms, temperature.value)
    home_of = {} if estate is None else _homes(estate)
    found = detect(meters_of(file, home_of), _zone(timezone), limits(), weather)
    return Detected([_as_dict(device, each) for device, each in found], list(file.findings))


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise UsageError(f"--timezone {timezone!r}: write it as Europe/Copenhagen") from error


def _homes(estate: Path) -> dict[str, str]:
    return {each.device: each.flat for each in read_estate(estate).devices if each.flat is not None}


def meters_of(file: ReadingsFile, home_of: Mapping[str, str]) -> Iterator[Meters]:
    """Yield the meters of each register in a file; one without a known home has its own."""
    columns = file.columns()
    for quantity in quantities():
        if quantity not in register_limits().most_per_hour:
            continue
        devices = sorted(set(columns["device"][columns["quantity"] == quantity]))
        if devices:
            samples = file.samples("", devices, quantity, LONG_AGO_MS, FAR_AHEAD_MS)
            homes = [home_of.get(each, each) for each in devices]
            yield Meters(quantity, devices, samples, homes)


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
