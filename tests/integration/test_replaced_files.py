"""A file that is replaced or removed under a worker at work costs no acknowledged message."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fairvarme.cli import main
from telemetry.stores.sqlite import SqliteStore
from tests.support.endpoints import NOT_READY, READY, Endpoints
from tests.support.ingest_parts import BUILDING, T0, payload, wait_until
from tests.support.ingest_process import ingest_process
from tests.support.shipped_broker import PASSWORD_PORT, Installation, Peer

pytestmark = pytest.mark.integration
BOX = f"{BUILDING}/box-0101"
TOPIC = f"fairvarme/v1/{BOX}/readings"
STORE, DATABASE = "readings.db", "fairvarme.db"
BEFORE, AFTER = 30, 60
ACKNOWLEDGED = "fairvarme_ingest_messages_acknowledged_total"


@pytest.fixture
def box(site: Installation) -> Iterator[Peer]:
    secret = site.password(BOX)
    broker = site.broker()
    broker.start()
    files = (str(site.credentials / "ca.crt"), None, None)
    with Peer(site.ports[PASSWORD_PORT], BOX, secret, files=files) as peer:
        yield peer
    broker.stop()


def message(file: str, number: int) -> bytes:
    """Return a message that ends in the file, told from every other one."""
    return payload(T0 + number * 60_000) if file == STORE else f"not json {number}".encode()


def send(box: Peer, file: str, numbers: range) -> None:
    for number in numbers:
        box.publish(TOPIC, message(file, number))


def held(directory: Path, file: str) -> int:
    """Count the messages that the file at its path holds."""
    if file == STORE:
        with closing(SqliteStore(directory / file)) as store:
            return store.count(BUILDING)
    # One that came again is kept once, and counted twice.
    with closing(sqlite3.connect(directory / file)) as database:
        (number,) = database.execute("SELECT count(*) FROM quarantined_message").fetchone()
    return int(number)


def copy(path: Path) -> Path:
    """Copy a database that is in use, as `.backup` does."""
    target = path.with_name("copy.db")
    with (
        closing(sqlite3.connect(path)) as source,
        closing(sqlite3.connect(target)) as made,
    ):
        source.backup(made)
    return target


def state_of(site: Installation, name: str) -> dict[str, Any]:
    done = CliRunner().invoke(main, ["doctor", "--config", str(site.settings), "--json"])
    checks: list[dict[str, Any]] = json.loads(done.stdout)["checks"]
    return next(line for line in checks if line["name"] == name)


@pytest.mark.parametrize("file", [STORE, DATABASE])
@pytest.mark.parametrize(
    ("away", "put_back"), [("moved", "the same"), ("moved", "a copy"), ("removed", "a copy")]
)
def test_nothing_is_acknowledged_until_a_good_file_lies_there(
    site: Installation, box: Peer, monitor: Endpoints, file: str, away: str, put_back: str
) -> None:
    path = site.directory / file
    with ingest_process(site.settings) as end:
        send(box, file, range(BEFORE))
        wait_until(lambda: monitor.metrics()[ACKNOWLEDGED] == BEFORE)
        backup = copy(path)
        if away == "moved":
            path.rename(path.with_name("moved.db"))
        else:
            path.unlink()
        send(box, file, range(BEFORE, AFTER))
        wait_until(lambda: monitor.get("/readyz")[0] == NOT_READY)
        part = "store" if file == STORE else "database"
        wait_until(lambda: monitor.parts()[part] != "ok")
        assert state_of(site, part)["state"] == "fault"
        assert state_of(site, "worker")["state"] == "fault"
        assert not path.exists()
        assert monitor.metrics()[ACKNOWLEDGED] == BEFORE
        (path.with_name("moved.db") if put_back == "the same" else backup).rename(path)
        wait_until(lambda: monitor.metrics()[ACKNOWLEDGED] == AFTER)
        wait_until(lambda: monitor.get("/readyz")[0] == READY)
        end()
    assert held(site.directory, file) == AFTER
    with ingest_process(site.settings) as end:
        end()
    assert held(site.directory, file) == AFTER


@pytest.mark.parametrize("file", [STORE, DATABASE])
def test_a_file_put_in_place_of_the_other_takes_what_comes(
    site: Installation, box: Peer, monitor: Endpoints, file: str
) -> None:
    path = site.directory / file
    with ingest_process(site.settings) as end:
        send(box, file, range(BEFORE))
        wait_until(lambda: monitor.metrics()[ACKNOWLEDGED] == BEFORE)
        backup = copy(path)
        # Else the log that stayed behind makes one of the other, page by page.
        with closing(sqlite3.connect(backup)) as restored:
            restored.execute("CREATE TABLE restored (n)")
        backup.replace(path)
        send(box, file, range(BEFORE, AFTER))
        wait_until(lambda: monitor.metrics()[ACKNOWLEDGED] == AFTER)
        end()
    assert held(site.directory, file) == AFTER
    with closing(sqlite3.connect(path)) as restored:
        assert restored.execute("SELECT count(*) FROM restored").fetchone() == (0,)
        assert restored.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_file_of_something_else_takes_nothing(
    site: Installation, box: Peer, monitor: Endpoints
) -> None:
    path = site.directory / STORE
    with ingest_process(site.settings) as end:
        send(box, STORE, range(BEFORE))
        wait_until(lambda: monitor.metrics()[ACKNOWLEDGED] == BEFORE)
        path.rename(path.with_name("moved.db"))
        path.touch()
        send(box, STORE, range(BEFORE, AFTER))
        wait_until(lambda: monitor.get("/readyz")[0] == NOT_READY)
        assert monitor.metrics()[ACKNOWLEDGED] == BEFORE
        path.with_name("moved.db").replace(path)
        wait_until(lambda: monitor.metrics()[ACKNOWLEDGED] == AFTER)
        end()
    assert held(site.directory, STORE) == AFTER
