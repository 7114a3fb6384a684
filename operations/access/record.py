"""The record of who looked at whose data, and of log-ins."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, or_, select

from estate.database.engine import answering
from operations.access.tables import AccessRecord

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Engine

MOST_SHOWN = 200
DAY_MS = 86_400_000
OF_ALL_HOMES = frozenset(
    {
        "all_addresses", "all_alerts", "all_consumption", "all_devices", "all_faults",
        "all_on_paper", "all_statements", "all_visits",
    }
)  # fmt: skip
"""Looks at every home of a building at once, which each of them is told of."""


class AccessEvent(StrEnum):
    """The kinds of events recorded."""

    LOGGED_IN = "logged_in"
    LOGGED_OUT = "logged_out"
    REFUSED = "refused"
    LOOKED = "looked"
    CHANGED = "changed"
    ACTED_FOR = "acted_for"
    TOKEN_MADE = "token_made"  # noqa: S105  an event
    TOKEN_REVOKED = "token_revoked"  # noqa: S105


class Entry(NamedTuple):
    """One row of the record; ``building`` and ``tenancy`` are empty if it concerns no home."""

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


def record_daily(engine: Engine, entry: Entry, buildings: Collection[str]) -> None:
    """
    Add a row for each building unless the same was recorded less than a day ago.

    For programs, which ask often, and for lists of all homes of buildings, whose ``tenancy``
    is empty.
    """
    same = (
        AccessRecord.building.in_(buildings),
        AccessRecord.tenancy == entry.tenancy,
        AccessRecord.at_ms > entry.at_ms - DAY_MS,
        AccessRecord.who == entry.who,
        AccessRecord.what == entry.what,
        AccessRecord.event == entry.event,
    )
    with answering(engine) as session:
        known = set(session.scalars(select(AccessRecord.building).where(*same)))
        for name in sorted(set(buildings) - known):
            session.add(AccessRecord(**entry._asdict() | {"building": name}))


def who_looked(
    engine: Engine, building: str, tenancy: str, start_ms: int, end_ms: int
) -> list[Entry]:
    """
    Return what is recorded about a home in a span of time, the latest first. [ms]

    It includes those who looked at all homes of its building at once.
    """
    of_all = and_(
        AccessRecord.tenancy == "",
        AccessRecord.event == AccessEvent.LOOKED,
        AccessRecord.what.in_(OF_ALL_HOMES),
    )
    query = (
        select(AccessRecord)
        .where(
            AccessRecord.building == building,
            or_(AccessRecord.tenancy == tenancy, of_all),
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
