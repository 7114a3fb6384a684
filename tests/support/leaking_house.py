"""A house of homes whose water runs: its files, its settings, its readings up to a moment."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from estate.periods import HOUR_MS
from telemetry.readings import Reading
from telemetry.stores.open import open_store

ZONE = ZoneInfo("Europe/Copenhagen")
HOMES = 24
DAYS = 13
USE_L, LEAK_L = 12.0, 30.0
FIRST_USE_HOUR, LAST_USE_HOUR = 6, 22
BUILDING = """id: house
name: House
address: Street 1
timezone: Europe/Copenhagen
currency: DKK
language: da
tenure: ejer
schemes: []
contacts:
  - {topic: vand, phone: "12345678", mail: drift@example.org}
"""


def installation(directory: Path, smtp_port: int, homes: int = HOMES) -> Path:
    """Write the house and its settings, and return the settings' path."""
    names = [f"f{number:02d}" for number in range(homes)]
    tables: dict[str, list[tuple[object, ...]]] = {
        "flats": [
            ("flat", "address", "area_m2"),
            *((each, f"Street 1, {each}", 70) for each in names),
        ],
        "tenancies": [
            ("tenancy", "flat", "from", "to", "delivery"),
            *((f"{each}-1", each, "2020-01-01", "", "digital") for each in names),
        ],
        "persons": [
            ("tenancy", "person", "name", "mail"),
            *((f"{each}-1", f"{each}-1a", "Resident", f"{each}@example.org") for each in names),
        ],
        "devices": [
            ("device", "kind", "flat", "from", "to"),
            *((f"w-{each}", "cold_water", each, "2020-01-01", "") for each in names),
        ],
    }  # fmt: skip
    folder = directory / "estate"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "building.yaml").write_text(BUILDING, "utf-8")
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
    path = directory / "fairvarme.toml"
    path.write_text(
        'store = "sqlite:///readings.db"\ndatabase = "sqlite:///fairvarme.db"\n'
        'estates = ["estate"]\n\n'
        f'[mail]\nhost = "127.0.0.1"\nport = {smtp_port}\nsecurity = "none"\n'
        'sender = "varme@example.org"\n\n[letters]\ndirectory = "letters"\n\n'
        '[alerts]\nstaff = ["drift@example.org"]\nprices = {cold_water_m3 = 60.0}\n',
        "utf-8",
    )
    return path


def write_readings(
    directory: Path,
    origin_ms: int,
    until_ms: int | None = None,
    homes: int = HOMES,
    *,
    leaks_end_ms: int | None = None,
    leaking: bool = True,
    corrected_ms: int = 0,
) -> None:
    """
    Write hourly registers of some days before a moment and up to another.

    The homes' leaks began on one of four days before the first.

    Parameters
    ----------
    directory : Path
    origin_ms, until_ms : int
        [ms since 1970, UTC]
    homes : int, optional
    leaks_end_ms : int, optional
        [ms since 1970, UTC]
    leaking : bool, optional
    corrected_ms : int, optional
        When these readings came in the place of others. [ms since 1970, UTC]
    """
    origin_ms -= origin_ms % HOUR_MS
    readings = []
    for home in range(homes):
        device = f"w-f{home:02d}"
        began_ms = origin_ms - (3 + home % 4) * 24 * HOUR_MS
        register = 100.0
        for time_ms in range(origin_ms - DAYS * 24 * HOUR_MS, (until_ms or origin_ms) + 1, HOUR_MS):
            arrival_ms = max(time_ms, corrected_ms)
            one = Reading("house", device, "cold_water_m3", time_ms, register, 0, arrival_ms)
            readings.append(one)
            runs = leaking and began_ms <= time_ms < (leaks_end_ms or time_ms + 1)
            register += (_used_l(time_ms, home) + (LEAK_L if runs else 0.0)) / 1000
    store = open_store(f"sqlite:///{directory / 'readings.db'}")
    store.write(readings)
    store.close()


def write_leaks(
    directory: Path, start_ms: int, end_ms: int, leaks: Sequence[tuple[int, int]]
) -> None:
    """Write hourly registers of the first home, whose water runs in some spans. [ms since 1970]"""
    register, readings = 100.0, []
    for time_ms in range(start_ms, end_ms + 1, HOUR_MS):
        readings.append(Reading("house", "w-f00", "cold_water_m3", time_ms, register, 0, time_ms))
        runs = any(first <= time_ms < last for first, last in leaks)
        register += (_used_l(time_ms, 0) + (LEAK_L if runs else 0.0)) / 1000
    store = open_store(f"sqlite:///{directory / 'readings.db'}")
    store.write(readings)
    store.close()


def _used_l(time_ms: int, home: int) -> float:
    hour = datetime.fromtimestamp(time_ms / 1000, ZONE).hour
    awake = FIRST_USE_HOUR <= hour < LAST_USE_HOUR
    return USE_L * (1 + (hour * 7 + home) % 5 / 5) if awake and (hour + home) % 3 else 0.0
