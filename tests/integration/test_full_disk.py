"""A real disk without room, under the ledger and under a batch: one consistent state, then on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from billing.ledger.store import Ledger
from billing.ledger.verify import verify
from fairvarme.cli import main
from operations.database import migrate
from operations.settings import read_settings
from operations.wiring import opened_database
from tests.support.approving import FULL
from tests.support.portfolio import BY, Portfolio, contents, portfolio
from tests.support.postgresql import Postgresql
from tests.support.small_disk import MIB, SmallDisk

pytestmark = [pytest.mark.slow, pytest.mark.integration]

ROOT = Path(__file__).parents[2]
BUILDINGS = 5
KIB = 1 << 10
DISK_MIB = 24


@dataclass
class FullDisk:
    """
    A database on a small disk.

    Attributes
    ----------
    server : Postgresql or None
        It ends itself where its log of writes finds no room.
    """

    disk: SmallDisk
    url: str
    server: Postgresql | None = None

    def free(self) -> None:
        """Give room, as an administrator would, and start the server that ended itself."""
        self.disk.free()
        if self.server is not None and not self.server.answers():
            self.server.stop()
            self.server.start()


@contextmanager
def _on(place: str, disk: SmallDisk) -> Iterator[FullDisk]:
    if place == "sqlite":
        yield FullDisk(disk, f"sqlite:///{disk.path / 'fairvarme.db'}")
        return
    with closing(Postgresql(disk.path / "log" if place == "log" else None)) as server:
        server.start()
        space = server.create_tablespace(disk.path / "small") if place == "tables" else "pg_default"
        yield FullDisk(disk, server.create_database(tablespace=space), server)


@pytest.fixture
def full(
    request: pytest.FixtureRequest, small_disk: Callable[[int], SmallDisk]
) -> Iterator[FullDisk]:
    """
    Yield a migrated database on a disk that the test may fill.

    A SQLite file lies on it, or the tables of a PostgreSQL, or its log of writes alone.
    """
    with _on(request.param, small_disk(DISK_MIB)) as full:
        migrate(full.url).dispose()
        yield full


@pytest.mark.parametrize("full", ["sqlite", "tables", "log"], indirect=True)
def test_a_full_disk_leaves_approvals_whole(full: FullDisk) -> None:
    full.disk.fill(leave_bytes=2 * MIB)
    words = [sys.executable, "-m", "tests.support.approving", full.url, "house"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == FULL, done.stderr
    approved = done.stdout.count("run ")
    full.free()
    engine = migrate(full.url)
    verified, ledger = verify(engine), Ledger(engine)
    assert verified.findings == ()
    # The last one may be there without having been said.
    assert verified.entries == len(ledger.runs())
    assert len(ledger.runs()) in (approved, approved + 1)
    for draft in ledger.drafts():
        ledger.approve(draft.number, "a", 0)
    assert verify(engine).findings == ()
    engine.dispose()


@pytest.mark.parametrize("full", ["sqlite", "tables"], indirect=True)
@pytest.mark.parametrize("leave_bytes", [0, 160 * KIB])
def test_a_batch_on_a_full_disk_goes_on_once_there_is_room(
    full: FullDisk, leave_bytes: int, tmp_path: Path
) -> None:
    houses = portfolio(tmp_path, BUILDINGS, full.url)
    clean, out = tmp_path / "clean", full.disk.path / "bills"
    assert houses.run("--jobs", "1", out=clean).exit_code == 0
    if full.server is not None:
        out = houses.out  # another disk, where the server alone lacks room
    else:
        out.mkdir()
    full.disk.fill(leave_bytes)
    done = houses.run("--approve", *BY, "--jobs", "1", out=out)
    assert done.exit_code == 1, done.output
    assert "Traceback" not in done.output
    full.free()
    _verified(houses)
    # Without room for what the folder is for, it was not begun.
    resumed = ["--resume"] if (out / ".batch.json").exists() else []
    found = houses.told("--approve", *BY, *resumed, out=out)
    assert {row["state"] for row in found.values()} <= {"billed", "left"}
    assert sorted(row["number"] for row in found.values()) == list(range(1, BUILDINGS + 1))
    for name in houses.names:
        assert contents(out / name) == contents(clean / name)
    _verified(houses)
    shutil.rmtree(out)


def _verified(houses: Portfolio) -> None:
    checked = CliRunner().invoke(main, ["runs", "verify", "--config", str(houses.config)])
    assert checked.exit_code == 0, checked.output
    with opened_database(read_settings(houses.config)) as engine:
        assert Ledger(engine).drafts() == []
