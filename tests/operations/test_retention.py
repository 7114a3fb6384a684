"""After retention no store and no file holds a value past its day, and the bill recomputes."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from estate.database.engine import Base
from estate.purposes.table import purposes
from operations.database import migrate
from operations.privacy.kept import kept
from operations.privacy.records import remove_old_records
from operations.privacy.retention import run_retention
from operations.settings import read_settings
from operations.wiring import opened_database, opened_store
from telemetry.readings import Reading
from tests.support.databases import migrated_url  # noqa: F401
from tests.support.filled_rows import plant
from tests.support.small_house import BUILDING, bill_files, call, make_house

DAY_MS = 86_400_000
NOW_MS = round(datetime(2028, 6, 1, 12, tzinfo=UTC).timestamp() * 1000)
OLD_C, NEW_C = 23.456789012345678, 22.109876543210987
"""Temperatures that nobody else measures."""


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("operations.privacy.retention.now_ms", lambda: NOW_MS)
    return make_house(tmp_path / "house")


def put(config: Path, device: str, quantity: str, days_ago: float, value: float) -> None:
    time_ms = NOW_MS - round(days_ago * DAY_MS)
    with opened_store(read_settings(config)) as store:
        store.write([Reading(BUILDING, device, quantity, time_ms, value, 0, time_ms)])


def holders(config: Path, canary: bytes) -> list[Path]:
    """Return the files of the installation that hold some bytes."""
    files = (path for path in config.parent.rglob("*") if path.is_file())
    return [path for path in files if canary in path.read_bytes()]


def as_stored(value: float) -> bytes:
    return struct.pack(">d", value)


def test_no_file_holds_a_reading_past_its_day(house: Path) -> None:
    days = purposes()["own_climate"].kept_days
    put(house, "box-0101", "temperature_c", days + 1.6, OLD_C)
    put(house, "box-0101", "temperature_c", days - 1, NEW_C)
    assert holders(house, as_stored(OLD_C))
    run_retention(read_settings(house))
    assert not holders(house, as_stored(OLD_C))
    assert holders(house, as_stored(NEW_C))


def test_the_bill_of_thinned_registers_is_the_same_to_the_byte(house: Path, tmp_path: Path) -> None:
    """Readings of 2025 are more than 800 days old: of each day the first and the last stay."""
    with opened_store(read_settings(house)) as store:
        # Its air stands on the statement beside the amounts, and is past its day.
        store.forget(BUILDING, ["box-0101"], "temperature_c", 0, NOW_MS)
    midnight = datetime(2025, 12, 31, 23, tzinfo=UTC).timestamp() * 1000
    for hour in range(-30, 30):
        days_ago = (NOW_MS - midnight - hour * 3_600_000) / DAY_MS
        put(house, "64000101", "heat_kwh", days_ago, 42_180 + hour * 0.37)
    before = bill_files(house, tmp_path / "before")
    with opened_store(read_settings(house)) as store:
        count = store.count(BUILDING)
    run_retention(read_settings(house))
    with opened_store(read_settings(house)) as store:
        # The first of the year, and two of each of the four days around its end.
        left = store.samples(BUILDING, ["64000101"], "heat_kwh", 0, NOW_MS)
        assert (len(left), store.count(BUILDING)) == (9, count - 52)
    assert bill_files(house, tmp_path / "after") == before


def test_running_it_again_removes_nothing(house: Path) -> None:
    put(house, "box-0101", "temperature_c", 1000, OLD_C)
    assert any(each.number for each in run_retention(read_settings(house)))
    assert not any(each.number for each in run_retention(read_settings(house)))


def test_a_person_goes_after_the_legal_period_and_the_neighbour_stays(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call(
        "bill", BUILDING, "--period", "2025-01-01/2026-01-01", "--out", tmp_path / "approved",
        "--approve", "--by", "anna", "--config", house,
    )  # fmt: skip
    folder = house.parent / "estates" / BUILDING
    tenancies = (folder / "tenancies.csv").read_text()
    (folder / "tenancies.csv").write_text(
        tenancies.replace("2024-03-01,,", "2024-03-01,2026-02-01,")
    )
    run_retention(read_settings(house))
    assert holders(house, b"Kanarie")
    later = NOW_MS + 4 * 365 * DAY_MS
    monkeypatch.setattr("operations.privacy.retention.now_ms", lambda: later)
    run_retention(read_settings(house))
    assert not holders(house, b"Kanarie")
    assert holders(house, b"Beboer 0102")
    call("estate", "check", folder)
    # From what the ledger keeps, to the øre, years after.
    assert "as approved" in call("recompute", 1, "--config", house)


def test_letters_go_after_their_days(house: Path) -> None:
    letters = house.parent / "letters" / BUILDING
    (letters / "print").mkdir(parents=True)
    ages = {"print/old.pdf": 93, "print/new.pdf": 91, "old.pdf": 401, "new.pdf": 399}
    for name, days in ages.items():
        (letters / name).write_text("%PDF")
        at = NOW_MS / 1000 - days * 86_400
        os.utime(letters / name, (at, at))
    run_retention(read_settings(house))
    assert sorted(path.name for path in letters.rglob("*.pdf")) == ["new.pdf", "new.pdf"]


def test_every_table_has_its_days_or_a_reason_for_having_none() -> None:
    table = kept()
    under = {name for row in table.records.values() for name in row.under}
    persons = {"person", "resident_wish"}
    imports = {"estate_import", "estate_change"}
    quarantine = {name for name in Base.metadata.tables if name.startswith("quarantine")}
    told = set(table.records) | under | persons | imports | quarantine | set(table.unbounded)
    assert told == set(Base.metadata.tables)


@pytest.fixture
def engine(migrated_url: str) -> Iterator[Engine]:  # noqa: F811
    found = migrate(migrated_url)
    yield found
    found.dispose()


@pytest.mark.parametrize("name", sorted(kept().records))
def test_rows_of_every_table_go_after_their_day(engine: Engine, name: str) -> None:
    row, tables = kept().records[name], Base.metadata.tables
    under = {column: tables[child] for child, column in row.under.items()}
    border_ms = NOW_MS - row.days * DAY_MS
    with engine.begin() as connection:
        for canary, at_ms in (("canary-old", border_ms - 1), ("canary-new", border_ms)):
            plant(connection, tables[name], under, canary, **{row.time: at_ms})
    assert remove_old_records(engine, NOW_MS)[name] == 1
    with engine.connect() as connection:
        for table in (tables[name], *under.values()):
            left = str(connection.execute(select(table)).all())
            assert "canary-old" not in left
            assert "canary-new" in left or "canary" not in left
        assert len(connection.execute(select(tables[name])).all()) == 1


def test_no_file_of_the_database_holds_what_was_removed(house: Path) -> None:
    with opened_database(read_settings(house)) as engine:
        table, under = (
            Base.metadata.tables["outbox_message"],
            kept().records["outbox_message"].under,
        )
        children = {column: Base.metadata.tables[child] for child, column in under.items()}
        with engine.begin() as connection:
            for number in range(50):
                canary = f"canary-of-a-letter-{number}-" + "x" * 300
                at_ms = NOW_MS - 500 * DAY_MS
                plant(connection, table, children, canary, queued_ms=at_ms, id=f"m{number}")
    assert holders(house, b"canary-of-a-letter")
    run_retention(read_settings(house))
    assert not holders(house, b"canary-of-a-letter")


@pytest.mark.slow
def test_a_process_of_its_own_knows_every_table_that_is_named() -> None:
    """Tests import more than the command does, and with it tables."""
    program = (
        "from operations.privacy.kept import kept; from operations.privacy.records import "
        "all_tables; print(sorted(kept().records.keys() - all_tables().keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
