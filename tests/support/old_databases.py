"""
Databases as they were stored at each step of the tables, as SQL; and how the next one is made.

::

    python -m tests.support.old_databases

walks the last one to the newest step and stores it beside the others, of SQLite and PostgreSQL.
What the step brought is empty then: add rows of it to both files by hand.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from estate.database.engine import open_database
from operations.database import migrate, newest_revision
from tests.support.postgresql import PASSWORD, Postgresql, find_program

FOLDER = Path(__file__).parents[1] / "fairvarme" / "old_databases"
NO_STATEMENT = ("--", "\\")


def stored_steps() -> list[str]:
    """Return the steps of which there is a database."""
    return sorted({path.name.partition(".")[0] for path in FOLDER.iterdir()})


def load(url: str, step: str) -> None:
    """Put what was stored of a step into an empty database."""
    address = make_url(url)
    dialect = address.get_backend_name()
    script = (FOLDER / f"{step}.{dialect}.sql").read_text("utf-8")
    if dialect == "sqlite":
        with closing(sqlite3.connect(str(address.database))) as connection:
            connection.executescript(script)
        return
    engine = open_database(url)
    with engine.begin() as server:
        server.exec_driver_sql(script)
    engine.dispose()


def dump_sqlite(path: Path) -> str:
    """Return a database as SQL."""
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump()) + "\n"


def dump_postgresql(server: Postgresql, url: str) -> str:
    """Return a database as SQL that needs no program to be read."""
    address = ["-h", server.host, "-p", str(server.port), "-U", str(make_url(url).username)]
    options = ["--inserts", "--no-owner", "--no-privileges", str(make_url(url).database)]
    done = subprocess.run(
        [find_program("pg_dump"), *address, *options],
        env=os.environ | {"PGPASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        check=True,
    )
    kept = [line for line in done.stdout.splitlines() if line and not line.startswith(NO_STATEMENT)]
    return "\n".join(kept) + "\n"


def make_next() -> None:
    """Store the newest step, made of the last one that is stored."""
    last, newest = stored_steps()[-1], newest_revision()
    with TemporaryDirectory() as directory:
        path = Path(directory) / "old.db"
        _walk(f"sqlite:///{path}", last)
        (FOLDER / f"{newest}.sqlite.sql").write_text(dump_sqlite(path), "utf-8")
    server = Postgresql()
    try:
        server.start()
        url = server.create_database()
        _walk(url, last)
        (FOLDER / f"{newest}.postgresql.sql").write_text(dump_postgresql(server, url), "utf-8")
    finally:
        server.close()


def _walk(url: str, step: str) -> None:
    load(url, step)
    migrate(url).dispose()


if __name__ == "__main__":
    make_next()
