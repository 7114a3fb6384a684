"""The relational database: a file that is replaced meanwhile is let go of, and no file is made."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from estate.database.engine import answering, open_database
from estate.errors import StoreUnavailable

INSERT = text("INSERT INTO number VALUES (1)")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.db"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{path}")
    with answering(engine) as session:
        session.execute(text("CREATE TABLE number (n)"))
    yield engine
    engine.dispose()


def count(engine: Engine) -> int:
    with answering(engine) as session:
        return int(session.scalar(text("SELECT count(*) FROM number")) or 0)


def test_no_file_is_made_in_place_of_one_that_is_gone(engine: Engine, path: Path) -> None:
    path.rename(path.with_name("moved.db"))
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="unable to open"):
            count(engine)
    assert not path.exists()
    path.with_name("moved.db").rename(path)
    assert count(engine) == 0


def test_what_lies_there_next_is_opened(
    engine: Engine, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    backup = path.with_name("backup.db")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    with answering(engine) as session:
        session.execute(INSERT)
    path.rename(path.with_name("moved.db"))
    backup.rename(path)
    assert count(engine) == 0
    assert "replaced or removed" in caplog.text
    with answering(engine) as session:
        session.execute(INSERT)
    assert count(engine) == 1
    engine.dispose()
    moved = open_database(f"sqlite:///{path.with_name('moved.db')}")
    assert count(moved) == 1
    moved.dispose()


def test_what_is_committed_into_a_file_that_is_gone_is_not_taken_for_kept(
    engine: Engine, path: Path
) -> None:
    def commit_and_lose() -> None:
        with answering(engine) as session:
            session.execute(INSERT)
            path.unlink()

    with pytest.raises(StoreUnavailable, match="replaced or removed"):
        commit_and_lose()


def test_a_database_in_memory_has_no_place() -> None:
    engine = open_database("sqlite://")
    with answering(engine) as session:
        assert session.scalar(text("SELECT 1")) == 1
    engine.dispose()


def test_an_error_s_text_holds_no_value(tmp_path: Path) -> None:
    """It may go into a log, which no name or mail address shall reach."""
    engine = open_database(f"sqlite:///{tmp_path / 'own.db'}")
    with pytest.raises(DBAPIError) as raised, engine.begin() as connection:
        connection.execute(
            text("SELECT * FROM nothing WHERE mail = :mail"), {"mail": "a@b.example"}
        )
    assert "nothing" in str(raised.value)
    assert "a@b.example" not in str(raised.value)
