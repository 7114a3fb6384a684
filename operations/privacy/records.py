"""Removes old rows of the relational database, by ``kept.yaml``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from alerts.life import tables as alert_tables
from billing.ledger.database import tables as ledger_tables
from correspondence.outbox import tables as outbox_tables
from estate.database.engine import Base, answering
from estate.database.tables import EstateChange, EstateImport, StoredPerson, StoredTenancy
from ingest import remarks
from ingest.quarantine.store import Quarantine
from operations.access import tables as access_tables
from operations.access.tables import Identity
from operations.alerts import checkpoints as alert_checkpoints
from operations.privacy.kept import kept
from operations.sealed import record as sealed_tables
from operations.staff import tables as staff_tables
from operations.tokens import tables as token_tables
from operations.wishes import tables as wish_tables
from operations.wishes.tables import ResidentWish

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Engine, Table
    from sqlalchemy.orm import Session

    from operations.privacy.kept import Kept

WITH_TABLES = (
    alert_checkpoints,
    alert_tables,
    ledger_tables,
    outbox_tables,
    remarks,
    access_tables,
    sealed_tables,
    staff_tables,
    token_tables,
    wish_tables,
)
"""Modules that add their tables to the base."""
DAY_MS = 86_400_000
ROWS_AT_ONCE = 500
"""Rows of one transaction, so that the worker gets its turn."""


def all_tables() -> dict[str, Table]:
    """Return every table of the database by its name."""
    return {name: Base.metadata.tables[name] for name in Base.metadata.tables}


def remove_old_records(engine: Engine, now_ms: int) -> dict[str, int]:
    """
    Remove the rows of every table that are past its retention.

    Returns
    -------
    dict of str to int
        Number of rows removed, by table.
    """
    found = {
        name: _remove_old(engine, name, row, now_ms - row.days * DAY_MS)
        for name, row in kept().records.items()
    }
    found["quarantined_message"] = _tidy(engine, now_ms)
    before_ms = now_ms - kept().estate_changes.days * DAY_MS
    found["estate_change"] = _remove_changes(engine, before_ms)
    return found


def remove_old_persons(engine: Engine, before: date) -> int:
    """Remove the persons whose tenancy, or own time in it, ended by a day."""
    with answering(engine) as session:
        ended = select(StoredTenancy.building, StoredTenancy.tenancy).where(
            StoredTenancy.end <= before
        )
        number = 0
        for building, tenancy in session.execute(ended).all():
            of_it = StoredPerson.building == building, StoredPerson.tenancy == tenancy
            number += session.query(StoredPerson).where(*of_it).delete()
            for own in (ResidentWish, Identity):
                session.execute(delete(own).where(own.building == building, own.tenancy == tenancy))
        number += session.query(StoredPerson).where(StoredPerson.end <= before).delete()
    return number


def empty_log(engine: Engine) -> None:
    """Move SQLite's write-ahead log into its file, since the log still has earlier pages."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _remove_old(engine: Engine, name: str, row: Kept, before_ms: int) -> int:
    table = Base.metadata.tables[name]
    (key,) = list(table.primary_key.columns)[:1]
    number = 0
    while True:
        with answering(engine) as session:
            old = select(key).where(table.c[row.time] < before_ms).limit(ROWS_AT_ONCE)
            keys = list(session.scalars(old))
            for child, column in row.under.items():
                rows = Base.metadata.tables[child]
                session.execute(delete(rows).where(rows.c[column].in_(keys)))
            session.execute(delete(table).where(key.in_(keys), table.c[row.time] < before_ms))
        number += len(keys)
        if len(keys) < ROWS_AT_ONCE:
            return number


def _tidy(engine: Engine, now_ms: int) -> int:
    quarantine, number = Quarantine(engine), 0
    while True:
        done = quarantine.tidy(now_ms)
        number += done.old + done.surplus
        if not done.due:
            return number


def _remove_changes(engine: Engine, before_ms: int) -> int:
    with answering(engine) as session:
        return _changes_before(session, before_ms)


def _changes_before(session: Session, before_ms: int) -> int:
    old = select(EstateImport.number).where(EstateImport.time_ms < before_ms)
    removed = session.query(EstateChange).where(EstateChange.import_number.in_(old)).delete()
    session.execute(delete(EstateImport).where(EstateImport.time_ms < before_ms))
    return removed
