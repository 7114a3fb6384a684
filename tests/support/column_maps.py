"""Column maps of exports, and what is read by them, as rows that a test can compare."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from estate.errors import DataError
from telemetry.readings_file.column_map import ColumnMap
from telemetry.readings_file.file import ReadingsFile, read_readings

ZONE = ZoneInfo("Europe/Copenhagen")


WIDE = """
time: {column: Dato, format: "%d-%m-%Y", zone: Europe/Copenhagen}
device: {column: Måler}
decimal: ","
values:
  - {column: Energi, quantity: heat_kwh, unit: MWh}
  - {column: Volumen, quantity: heat_volume_m3}
"""


HOURS = """
time: {column: Tid, format: "%d-%m-%Y %H:%M", zone: Europe/Copenhagen}
device: {column: Måler}
values: [{column: Energi, quantity: heat_kwh}]
"""


Reading = tuple[str, str, str, float]


def a_map(text: str, **changes: object) -> ColumnMap:
    return ColumnMap.model_validate({"name": "own"} | yaml.safe_load(text) | changes)


def local(text: str) -> str:
    """Return a Danish local time as the instant in UTC that it is."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(ZoneInfo("UTC")).isoformat()


def readings(file: ReadingsFile) -> list[Reading]:
    return [
        (datetime.fromtimestamp(ms / 1000, ZoneInfo("UTC")).isoformat(), device, quantity, value)
        for ms, device, quantity, value in file.columns().itertuples(index=False)
    ]


def read(
    directory: Path, content: str | bytes, *maps: ColumnMap, name: str = "export.csv"
) -> ReadingsFile:
    path = directory / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_readings(path, maps)


def refusal(directory: Path, content: str | bytes, *maps: ColumnMap) -> str:
    with pytest.raises(DataError) as caught:
        read(directory, content, *maps)
    assert caught.value.findings[-1].name == "readings.file.unreadable"
    return str(caught.value)


# Dialects


TABLE = [
    ["Dato", "Måler", "Energi", "Volumen"],
    ["31-01-2026", "64000101", "18,231", "1402,5"],
    ["01-02-2026", "64000101", "18,262", "1403,0"],
]


EXPECTED = [
    (local("2026-01-31 00:00"), "64000101", "heat_kwh", 18231.0),
    (local("2026-02-01 00:00"), "64000101", "heat_kwh", 18262.0),
    (local("2026-01-31 00:00"), "64000101", "heat_volume_m3", 1402.5),
    (local("2026-02-01 00:00"), "64000101", "heat_volume_m3", 1403.0),
]
