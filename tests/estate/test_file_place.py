"""A file that lies at its path no longer is noticed, and let go of with all that it holds."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from estate.database.sqlite import make_durable
from estate.errors import UsageError
from estate.files.file_place import Place, existing, in_use, is_in_use, let_go


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a file.db"
    with closing(sqlite3.connect(path)) as connection:
        make_durable(connection)
        connection.execute("CREATE TABLE number (n)")
    return path


def connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(existing(path), uri=True, isolation_level=None)


def numbers(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT n FROM number ORDER BY n")]


def move(path: Path) -> None:
    path.rename(path.with_name("moved.db"))


def replace(path: Path) -> None:
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    copy.replace(path)


def remove_log(path: Path) -> None:
    path.with_name(f"{path.name}-wal").unlink()


@pytest.mark.parametrize("change", [move, replace, Path.unlink, remove_log])
def test_every_change_of_place_is_noticed(path: Path, change: Callable[[Path], object]) -> None:
    with closing(connect(path)) as connection:
        place = Place.opened(path, connection)
        connection.execute("INSERT INTO number VALUES (1)")
        assert place.holds
        change(path)
        assert not place.holds


@pytest.mark.parametrize("change", [move, replace, Path.unlink, remove_log])
def test_it_is_noticed_behind_a_link_too(path: Path, change: Callable[[Path], object]) -> None:
    link = path.parent / "linked" / "link.db"
    link.parent.mkdir()
    link.symlink_to(path)
    with closing(connect(link)) as connection:
        place = Place.opened(link, connection)
        connection.execute("INSERT INTO number VALUES (1)")
        assert place.holds
        change(path)
        assert not place.holds


def test_link_that_leads_elsewhere_is_noticed(path: Path) -> None:
    link, other = path.with_name("link.db"), path.with_name("other.db")
    link.symlink_to(path)
    shutil.copy(path, other)
    with closing(connect(link)) as connection:
        place = Place.opened(link, connection)
        link.unlink()
        link.symlink_to(other)
        assert not place.holds


def test_a_file_that_is_moved_away_and_back_is_the_same(path: Path) -> None:
    with closing(connect(path)) as connection:
        place = Place.opened(path, connection)
        move(path)
        path.with_name("moved.db").rename(path)
        assert place.holds


def test_other_connections_that_come_and_go_change_nothing(path: Path) -> None:
    with closing(connect(path)) as connection:
        place = Place.opened(path, connection)
        connection.execute("INSERT INTO number VALUES (1)")
        program = (
            "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT * FROM number')"
        )
        subprocess.run([sys.executable, "-c", program, str(path)], check=True)
        assert place.holds


def test_what_was_committed_goes_with_the_file_and_not_into_the_next_one(path: Path) -> None:
    backup = path.with_name("backup.db")
    shutil.copy(path, backup)
    connection = connect(path)
    Place.opened(path, connection)
    connection.execute("INSERT INTO number VALUES (1)")
    move(path)
    connection.execute("INSERT INTO number VALUES (2)")
    connection.execute("BEGIN")
    connection.execute("INSERT INTO number VALUES (3)")
    backup.rename(path)
    let_go(connection)
    assert numbers(path) == []
    path.unlink()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    assert numbers(path.with_name("moved.db")) == [1, 2]


def test_a_log_that_was_removed_costs_nothing(path: Path) -> None:
    connection = connect(path)
    connection.execute("INSERT INTO number VALUES (1)")
    remove_log(path)
    connection.execute("INSERT INTO number VALUES (2)")
    let_go(connection)
    assert numbers(path) == [1, 2]


def test_no_file_is_made_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        connect(tmp_path / "absent.db")
    assert list(tmp_path.iterdir()) == []


def test_a_closed_connection_is_a_slip(path: Path) -> None:
    connection = connect(path)
    connection.close()
    with pytest.raises(sqlite3.ProgrammingError):
        let_go(connection)


def test_in_use_is_seen_by_others_until_all_have_ended(path: Path) -> None:
    assert not is_in_use(path)
    with in_use(path):
        with in_use(path):
            assert is_in_use(path)
        assert is_in_use(path)
    assert not is_in_use(path)


def test_the_mark_of_a_killed_program_ends_with_it(path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from estate.files.file_place import in_use\n"
        "with in_use(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert is_in_use(path)
        holder.kill()
        holder.wait()
    assert not is_in_use(path)


def test_nothing_starts_on_a_file_that_is_being_restored(path: Path) -> None:
    mark = path.with_name(f"{path.name}-in-use")
    command = ["flock", "--nonblock", str(mark), "sh", "-c", "echo held; sleep 60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as restorer:
        assert restorer.stdout is not None
        assert restorer.stdout.readline() == b"held\n"
        with pytest.raises(UsageError, match="being restored"), in_use(path):
            pass
        restorer.kill()
