"""Backups: whole while others write, once for each content, and readable with the key alone."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from estate.errors import FairvarmeError, UsageError
from fairvarme.doctor.examine import examine
from operations.backup.collect import _copy_bytes, copy_sqlite
from operations.backup.repository import Entry, Index, Repository
from operations.backup.restore import rehearse, restore
from operations.settings import read_settings
from operations.wiring import opened_hot_store, opened_store
from tests.support.influxdb import Influxdb
from tests.support.ingest_parts import wait_until
from tests.support.postgresql import Postgresql
from tests.support.small_house import BUILDING, PERIOD, bill_files, call, call_json, make_house

DAY_MS = 86_400_000


class House:
    """An installation, its backups and their key."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "house"
        self.backups = Repository(directory / "backups")
        self.key = directory / "house.key"
        self.recipient = call("backup", "--new-key", self.key).strip()
        self.config = make_house(self.directory)

    @property
    def identity(self) -> str:
        return self.key.read_text().strip()

    def back_up(self) -> dict[str, object]:
        return call_json(
            "backup", self.backups.directory, "--recipient", self.recipient,
            "--config", self.config,
        )  # fmt: skip

    def burn(self) -> None:
        shutil.rmtree(self.directory)

    def restore(self, *arguments: str) -> dict[str, object]:
        return call_json(
            "restore", self.backups.directory, "--key", self.key, "--into", self.directory,
            *arguments,
        )  # fmt: skip

    def doctor(self) -> tuple[str, str]:
        (found,) = [each for each in examine(self.config) if each.name == "backup"]
        return found.state, found.detail


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_machine_that_burnt_bills_to_the_byte_as_before(house: House, tmp_path: Path) -> None:
    call(
        "bill", BUILDING, "--period", PERIOD, "--out", tmp_path / "approved",
        "--approve", "--by", "anna", "--config", house.config,
    )  # fmt: skip
    before = bill_files(house.config, tmp_path / "before")
    house.back_up()
    password = (house.directory / "worker.password").read_bytes()
    house.burn()
    house.restore()
    assert bill_files(house.config, tmp_path / "after") == before
    assert "as approved" in call("recompute", 1, "--config", house.config)
    assert (house.directory / "worker.password").read_bytes() == password
    assert (house.directory / "worker.password").stat().st_mode & 0o777 == 0o600


def test_what_did_not_change_is_not_copied_again(house: House) -> None:
    first = house.back_up()
    second = house.back_up()
    assert first["new"] == first["files"]
    assert (second["new"], second["files"]) == (0, first["files"])
    (house.directory / "estates" / BUILDING / "aconto.csv").unlink()
    (house.directory / "estates" / BUILDING / "note.txt").write_text("new")
    assert house.back_up()["new"] == 1


def test_nothing_of_a_home_can_be_read_without_the_key(house: House) -> None:
    house.back_up()
    stored = [path for path in house.backups.directory.rglob("*") if path.is_file()]
    assert len(stored) > 20
    for path in stored:
        # Names of contents are digests, in which any four digits may stand.
        content = re.sub(rb"[0-9a-f]{64}", b"", path.read_bytes())
        for canary in (b"Kanarie", b"0101", b"worker.password", b"AGE-SECRET"):
            assert canary not in content.replace(path.stem.encode(), b""), path


WRITER = """\
import sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("PRAGMA journal_mode = WAL")
c.execute("CREATE TABLE t (n INTEGER, pad TEXT)")
for n in range(10**9):
    c.execute("BEGIN")
    c.executemany("INSERT INTO t VALUES (?, ?)", [(n, "x" * 500)] * 10)
    c.execute("COMMIT")
"""


def test_a_copy_holds_whole_transactions_while_another_process_writes(tmp_path: Path) -> None:
    source = tmp_path / "busy.db"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(source)])
    try:
        wait_until(lambda: source.exists() and source.stat().st_size > 0, 30)
        for number in range(5):
            copy = tmp_path / f"copy-{number}.db"
            wait_until(lambda: _rows(source) > 0, 30)
            copy_sqlite(source, copy)
            assert writer.poll() is None
            with closing(sqlite3.connect(copy)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                split = "SELECT count(*) FROM (SELECT n FROM t GROUP BY n HAVING count(*) != 10)"
                assert connection.execute(split).fetchone() == (0,)
            assert not copy.with_name(copy.name + "-wal").exists()
    finally:
        writer.kill()
        writer.wait()


def test_a_copy_of_a_damaged_file_holds_what_stood_in_its_log_alone(tmp_path: Path) -> None:
    source, copy = tmp_path / "damaged.db", tmp_path / "copies" / "copy.db"
    copy.parent.mkdir()
    with closing(sqlite3.connect(source, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE kept (text TEXT)")
        connection.execute("CREATE TABLE torn (text TEXT)")
        connection.executemany("INSERT INTO torn VALUES (?)", [("x" * 3000,)] * 20)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        # The last page is of the torn table; its header is no longer that of a page.
        with source.open("r+b") as file:
            file.seek(-4096, 2)
            file.write(b"\xff" * 4096)
        connection.execute("INSERT INTO kept VALUES ('written last')")
        assert b"written last" not in source.read_bytes()
        _copy_bytes(source, copy)
    assert b"written last" in copy.read_bytes()
    assert [each.name for each in copy.parent.iterdir()] == ["copy.db"]


def test_a_copy_of_a_file_whose_head_is_lost_is_that_file(tmp_path: Path) -> None:
    source, copy = tmp_path / "lost.db", tmp_path / "copies" / "copy.db"
    copy.parent.mkdir()
    source.write_bytes(b"lost" * 2000)
    source.with_name("lost.db-wal").write_bytes(b"of nothing" * 500)
    copy_sqlite(source, copy)
    assert copy.read_bytes() == source.read_bytes()
    assert [each.name for each in copy.parent.iterdir()] == ["copy.db"]


def _rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM t").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def objects(house: House) -> list[Path]:
    return sorted(house.backups.directory.glob("objects/*/*.age"))


@pytest.mark.slow
@pytest.mark.parametrize("where", [0, 60, -1])
def test_a_flipped_bit_is_found(house: House, where: int) -> None:
    house.back_up()
    damaged = max(objects(house), key=lambda path: path.stat().st_size)
    content = bytearray(damaged.read_bytes())
    content[where] ^= 1
    damaged.write_bytes(content)
    with pytest.raises(FairvarmeError, match="restore an earlier one"):
        rehearse(house.backups, house.identity)
    assert house.doctor()[0] == "warning"


def test_a_missing_content_is_found(house: House) -> None:
    house.back_up()
    objects(house)[0].unlink()
    with pytest.raises(FairvarmeError, match="is missing"):
        rehearse(house.backups, house.identity)


def test_another_key_opens_nothing(house: House, tmp_path: Path) -> None:
    house.back_up()
    call("backup", "--new-key", tmp_path / "other.key")
    with pytest.raises(FairvarmeError, match="cannot be decrypted"):
        rehearse(house.backups, (tmp_path / "other.key").read_text().strip())
    with pytest.raises(UsageError, match="no key of age"):
        rehearse(house.backups, "not a key")


def test_what_is_there_is_not_overwritten(house: House) -> None:
    house.back_up()
    changed = house.directory / "estates" / BUILDING / "costs.csv"
    changed.write_text("newer")
    said = call(
        "restore", house.backups.directory, "--key", house.key, "--into", house.directory, code=2
    )
    assert "differs from the backup" in said
    assert changed.read_text() == "newer"


@pytest.mark.parametrize("name", ["../outside.txt", "{elsewhere}/outside.txt"])
def test_a_hostile_backup_writes_nowhere_else(house: House, tmp_path: Path, name: str) -> None:
    (source := tmp_path / "payload").write_text("hostile")
    digest, size = house.backups.keep(source, [house.recipient])
    place = name.format(elsewhere=tmp_path / "elsewhere")
    entry = Entry(name=place, kind="file", sha256=digest, size=size)
    index = Index(settings="fairvarme.toml", entries=[entry])
    house.backups.add("2999", 0, index, [house.recipient])
    with pytest.raises(UsageError, match="lay outside"):
        restore(house.backups, house.identity, tmp_path / "new")
    assert not list(tmp_path.rglob("outside.txt"))


def test_old_backups_go_and_the_newest_never(house: House) -> None:
    names = []
    for number in range(3):
        (house.directory / "estates" / BUILDING / "note.txt").write_text(f"note {number}")
        names.append(house.back_up()["name"])
    held = len(objects(house))
    made_ms = house.backups.listing(str(names[1])).made_ms
    assert house.backups.forget(made_ms) == names[:1]
    assert len(objects(house)) == held - 2  # its note and its list
    assert house.backups.forget(made_ms + 365 * DAY_MS) == names[1:2]
    assert house.backups.names() == names[2:]
    rehearse(house.backups, house.identity)


@pytest.mark.slow
def test_the_doctor_asks_for_a_backup_and_its_rehearsal(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house.doctor() == ("warning", "the settings name none")
    text = house.config.read_text()
    table = f'[backup]\ndirectory = "{house.backups.directory}"\nrecipients = ["{house.recipient}"]'
    house.config.write_text(text.replace("[letters]", f"{table}\n\n[letters]"))
    assert house.doctor()[0] == "fault"
    call("backup", "--config", house.config)
    state, detail = house.doctor()
    assert (state, detail.endswith("last rehearsed never")) == ("warning", True)
    call("restore", house.backups.directory, "--key", house.key, "--rehearse")
    assert house.doctor()[0] == "ok"
    made_ms = house.backups.listing().made_ms
    monkeypatch.setattr("time.time_ns", lambda: (made_ms + 3 * DAY_MS) * 1_000_000)
    assert house.doctor()[0] == "fault"


def test_a_key_that_is_none_makes_no_backup(house: House) -> None:
    said = call(
        "backup", house.backups.directory, "--recipient", "age1", "--config", house.config, code=2
    )
    assert "no public key of age" in said
    assert house.backups.names() == []


def arrivals(config: Path) -> dict[str, list[int]]:
    """Return when the registers of each meter arrived. [ms since 1970]"""
    with opened_hot_store(read_settings(config), create=False) as store:
        devices = store.devices(BUILDING, "heat_kwh")
        records = [store.records(BUILDING, each, "heat_kwh", 0, 1 << 50) for each in devices]
    return {each: found.arrival_ms.tolist() for each, found in zip(devices, records, strict=True)}


@pytest.mark.integration
def test_a_postgresql_and_an_influxdb_come_back(
    tmp_path: Path, postgresql: Postgresql, influxdb: Influxdb, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, store = postgresql.create_database(), influxdb.create_database()
    monkeypatch.setenv("FAIRVARME_DATABASE", database)
    monkeypatch.setenv("FAIRVARME_STORE", f"influxdb://127.0.0.1:{influxdb.port}/{store}")
    house = House(tmp_path)
    call(
        "bill", BUILDING, "--period", PERIOD, "--out", tmp_path / "approved",
        "--approve", "--by", "anna", "--config", house.config,
    )  # fmt: skip
    before, arrived = bill_files(house.config, tmp_path / "before"), arrivals(house.config)
    assert any(arrived.values())
    first = house.back_up()
    assert int(str(house.back_up()["new"])) <= 1  # the dump of the database tells its time
    house.burn()
    new = influxdb.create_database()
    monkeypatch.setenv("FAIRVARME_DATABASE", postgresql.create_database())
    monkeypatch.setenv("FAIRVARME_STORE", f"influxdb://127.0.0.1:{influxdb.port}/{new}")
    done = house.restore()
    assert done["readings"] == 5
    assert first["files"] == done["files"]
    with opened_store(read_settings(house.config)) as opened:
        assert opened.count(BUILDING) == 5
    assert arrivals(house.config) == arrived
    assert bill_files(house.config, tmp_path / "after") == before
    assert "as approved" in call("recompute", 1, "--config", house.config)
