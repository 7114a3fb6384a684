"""The record of who looked at what of whom, and of log-ins."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from estate.database.engine import answering
from operations.access.tables import AccessRecord

if TYPE_CHECKING:
    from sqlalchemy import Engine

MOST_SHOWN = 200


class AccessEvent(StrEnum):
    """What is recorded."""

    LOGGED_IN = "logged_in"
    LOGGED_OUT = "logged_out"
    REFUSED = "refused"
    LOOKED = "looked"
    CHANGED = "changed"
    ACTED_FOR = "acted_for"
    TOKEN_MADE = "token_made"  # noqa: S105  an event
    TOKEN_REVOKED = "token_revoked"  # noqa: S105


class Entry(NamedTuple):
    """One row of the record; ``building`` and ``tenancy`` are empty where it is about no home."""

    at_ms: int
    who: str
    role: str
    event: AccessEvent
    what: str
    building: str = ""
    tenancy: str = ""
    reason: str = ""


def record_access(engine: Engine, entry: Entry) -> None:
    """Add a row to the record."""
    with answering(engine) as session:
        session.add(AccessRecord(**entry._asdict()))


def who_looked(
    engine: Engine, building: str, tenancy: str, start_ms: int, end_ms: int
) -> list[Entry]:
    """Return what is recorded of a home in a span of time, the latest first. [ms]"""
    query = (
        select(AccessRecord)
        .where(
            AccessRecord.building == building,
            AccessRecord.tenancy == tenancy,
            AccessRecord.at_ms >= start_ms,
            AccessRecord.at_ms < end_ms,
        )
        .order_by(AccessRecord.at_ms.desc(), AccessRecord.number.desc())
        .limit(MOST_SHOWN)
    )
    with answering(engine) as session:
        return [_entry(row) for row in session.scalars(query)]


def _entry(row: AccessRecord) -> Entry:
    fields = {name: getattr(row, name) for name in Entry._fields}
    return Entry(**fields | {"event": AccessEvent(row.event)})
