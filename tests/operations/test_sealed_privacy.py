"""Planted values are found in every store before, and in none after erasure or their day."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from ingest.message import Message
from ingest.quarantine.refused import refused_entry
from ingest.quarantine.store import Quarantine
from operations.backup.repository import Repository
from operations.privacy.retention import run_retention
from operations.readings.seal import seal_months
from operations.settings import read_settings
from operations.wiring import opened_database, opened_store
from telemetry.readings import Reading, Rejected
from telemetry.stores.sealed.files.hours import HoursFile
from telemetry.stores.sealed.files.readings import ReadingsFile
from tests.support.sealed_house import DAY_MS, HOUR_MS, START_MS, make_sealed_house
from tests.support.small_house import BUILDING, bill_files, call, call_json

OWN, OTHER = 23.456789, 22.109876
"""Temperatures that nobody else measures."""
WHO = f"{BUILDING}/0101-1/0101-1a"
PLACES = {"sealed": 40, "sealed again": 41, "hot": 350}
"""Days of the year in which the values are planted."""


def plant(config: Path, device: str, value: float, day: int, minute: int) -> None:
    # Within an hour that has no other reading, so that its hourly mean is the value.
    time_ms = START_MS + day * DAY_MS + 90 * 60_000 + minute * 60_000
    with opened_store(read_settings(config)) as store:
        store.write([Reading(BUILDING, device, "temperature_c", time_ms, value, 0, time_ms)])


def refuse(config: Path, device: str, value: float) -> None:
    """Put a reading into quarantine, as one that the store refused."""
    time_ms = START_MS + 50 * DAY_MS
    reading = Reading(BUILDING, device, "temperature_c", time_ms, value, 0, time_ms)
    with opened_database(read_settings(config)) as engine:
        Quarantine(engine).put([refused_entry(Rejected(reading, "canary"))])


def seal_until(config: Path, day: int, monkeypatch: pytest.MonkeyPatch) -> None:
    now_ms = START_MS + day * DAY_MS
    monkeypatch.setattr("operations.readings.seal.now_ms", lambda: now_ms)
    seal_months(read_settings(config))


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A year of which half is sealed, with values planted of two homes."""
    config = make_sealed_house(tmp_path / "house")
    for minute, (device, value) in enumerate((("box-0101", OWN), ("box-0102", OTHER))):
        plant(config, device, value, PLACES["sealed"], minute)
        plant(config, device, value, PLACES["hot"], minute)
        refuse(config, device, value)
    seal_until(config, 240, monkeypatch)
    for minute, (device, value) in enumerate((("box-0101", OWN), ("box-0102", OTHER))):
        plant(config, device, value, PLACES["sealed again"], minute)
    seal_until(config, 241, monkeypatch)
    return config


def holders(folder: Path, value: float) -> set[str]:
    """Return the kinds of files that hold a value, as a number or as text."""
    forms = (struct.pack(">d", value), struct.pack("<d", value), repr(value).encode())
    found = set()
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix == ".parquet":
            if np.isin(value, parquet_values(path)):
                found.add("means" if "-hours-" in path.name else "sealed")
        elif path.is_file() and any(form in path.read_bytes() for form in forms):
            found.add(path.name.removesuffix("-wal"))
    return found


def parquet_values(path: Path) -> np.ndarray:
    if "-hours-" in path.name:
        opened = HoursFile(path)
        return np.concatenate([rows.mean for _, rows in opened.read(list(opened.devices))])
    return np.concatenate([records.value for _, records in ReadingsFile(path).each()])


EVERYWHERE = {"sealed", "means", "readings.db", "fairvarme.db"}


def test_what_is_sealed_and_quarantined_is_told(house: Path, tmp_path: Path) -> None:
    assert holders(house.parent, OWN) >= EVERYWHERE
    call("access-request", WHO, "--out", tmp_path / "out", "--config", house)
    document = json.loads((tmp_path / "out" / "access-request.json").read_text())
    (home,) = document["homes"]
    told = [each for each in home["readings"] if each["value"] == OWN]
    assert len(told) == len(PLACES)
    assert [repr(OWN) in each["payload"] for each in home["quarantined"]] == [True]
    with opened_store(read_settings(house)) as store:
        count = sum(
            len(store.samples(BUILDING, [device], quantity, 0, 2**60))
            for device, quantity in (("box-0101", "temperature_c"), ("64000101", "heat_kwh"))
        )
    assert len(home["readings"]) == count
    assert repr(OTHER) not in json.dumps(document)


@pytest.mark.slow
def test_after_erasure_nothing_holds_it_and_the_bill_recomputes(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, backups = tmp_path / "house.key", tmp_path / "backups"
    public = call("backup", "--new-key", key).strip()
    options = ("backup", backups, "--recipient", public, "--config", house)
    call(*options)
    before = bill_files(house, tmp_path / "before")["bill.csv"]
    others = holders(house.parent, OTHER)
    done = call_json("erase", WHO, "--by", "anna", "--reason", "asked", "--config", house)
    assert done["removed"]["temperature_c"] == 365 * 8 + len(PLACES) + 1
    assert done["removed"]["quarantined_message"] == 1
    assert holders(house.parent, OWN) == set()
    assert holders(house.parent, OTHER) == others
    assert bill_files(house, tmp_path / "after")["bill.csv"] == before
    # In what was sealed later too, and in backups once the older ones are gone.
    seal_until(house, 500, monkeypatch)
    assert holders(house.parent, OWN) == set()
    call(*options)
    repository = Repository(backups)
    repository.forget(repository.listing().made_ms)
    assert len(repository.names()) == 1
    kept = {path.stem for path in backups.glob("objects/*/*")}
    assert kept == set(repository.listing().objects)
    shutil.rmtree(house.parent)
    call("restore", backups, "--key", key, "--into", house.parent)
    assert holders(house.parent, OWN) == set()
    assert bill_files(house, tmp_path / "restored")["bill.csv"] == before


@pytest.mark.slow
def test_after_its_day_nothing_holds_it_and_the_bill_recomputes(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bill_files(house, tmp_path / "before")["bill.csv"]
    now_ms = START_MS + (PLACES["hot"] + 402) * DAY_MS
    monkeypatch.setattr("operations.privacy.retention.now_ms", lambda: now_ms)
    run_retention(read_settings(house))
    assert holders(house.parent, OWN) == holders(house.parent, OTHER) == set()
    assert bill_files(house, tmp_path / "after")["bill.csv"] == before
    seal_until(house, 900, monkeypatch)
    assert holders(house.parent, OWN) == holders(house.parent, OTHER) == set()


@pytest.mark.slow
def test_what_a_killed_run_left_is_removed_by_the_next(house: Path) -> None:
    folder = read_settings(house).sealed_directory
    assert folder is not None
    (sealed,) = folder.rglob("2025-02/temperature_c-[!h]*.parquet")
    left = [sealed.with_name("temperature_c.new"), sealed.with_name("temperature_c-0.parquet")]
    for path in left:
        shutil.copy(sealed, path)
    call("erase", WHO, "--by", "anna", "--reason", "asked", "--config", house)
    assert not [path for path in left if path.exists()]
    assert holders(house.parent, OWN) == set()


def test_a_box_that_was_in_another_home_before_loses_its_own_days_alone(house: Path) -> None:
    devices = house.parent / "estates" / BUILDING / "devices.csv"
    text = devices.read_text()
    moved = "box-0101,climate,0102,2024-12-01,2025-03-01\nbox-0101,climate,0101,2025-03-01,\n"
    devices.write_text(text.replace("box-0101,climate,0101,2024-12-01,\n", moved))
    call("erase", WHO, "--by", "anna", "--reason", "asked", "--config", house)
    march_ms = START_MS + 59 * DAY_MS
    with opened_store(read_settings(house)) as store:
        left = store.samples(BUILDING, ["box-0101"], "temperature_c", 0, 2**60)
    assert len(left) == 59 * 8 + 2
    assert march_ms - 4 * HOUR_MS < int(left.time_ms[-1]) < march_ms


def test_a_message_that_another_sent_too_stays_and_is_told(house: Path) -> None:
    entry = refused_entry(
        Rejected(Reading(BUILDING, "box-0101", "co2_ppm", 1, 1.0, 0, START_MS), "canary")
    )
    other = refused_entry(
        Rejected(Reading(BUILDING, "box-0102", "co2_ppm", 1, 1.0, 0, START_MS), "canary")
    )
    payload = json.dumps(
        Reading(BUILDING, "both", "co2_ppm", 1, OWN, 0, START_MS)._asdict()
    ).encode()
    shared = Message("", payload, len(payload), START_MS + DAY_MS)
    with opened_database(read_settings(house)) as engine:
        Quarantine(engine).put(
            [each._replace(message=shared, sender="cellar") for each in (entry, other)]
        )
    done = call_json("erase", WHO, "--by", "anna", "--reason", "asked", "--config", house)
    assert "1 hold what others sent too" in done["kept"]["quarantined_message"]
