"""
Quarantine: what no reading could be made of is kept, with the reason, until somebody looks.

A message is kept once, with every reason that it gave. The same again, as a broker's redelivery
brings it, only counts up.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, Text, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from estate.database import Base
from estate.errors import StoreUnavailable
from ingest.limits import limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Set

    from sqlalchemy import Engine

    from ingest.intake import Entry

# SQLite takes at most 32,766 values in one statement.
ROWS_PER_STATEMENT = 1000


class QuarantinedMessage(Base):
    """A message of which at least one reading could not be made."""

    __tablename__ = "quarantined_message"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    payload_bytes: Mapped[int]
    arrival_ms: Mapped[int] = mapped_column(BigInteger)


class QuarantinedReading(Base):
    """One reason why, for the whole message or for one reading of it."""

    __tablename__ = "quarantined_reading"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    message: Mapped[str] = mapped_column(
        ForeignKey("quarantined_message.digest", name="fk_quarantined_reading_message"),
        index=True,
    )
    reason: Mapped[str] = mapped_column(String(64), index=True)
    detail: Mapped[str] = mapped_column(Text)
    device: Mapped[str | None] = mapped_column(Text)
    quantity: Mapped[str | None] = mapped_column(Text)
    time_ms: Mapped[int | None] = mapped_column(BigInteger)
    first_ms: Mapped[int] = mapped_column(BigInteger)
    last_ms: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int]


class QuarantineRow(NamedTuple):
    """One reason as it is listed, with the message that it came in."""

    reason: str
    detail: str
    device: str | None
    quantity: str | None
    time_ms: int | None
    source: str
    topic: str
    payload: str
    first_ms: int
    last_ms: int
    times: int


Key = tuple[str, str, int]
"""Device, quantity, device time [ms since 1970, UTC]."""
Row = dict[str, Any]
"""Values of one row of a table, by column."""


@dataclass(frozen=True)
class Quarantine:
    """
    The quarantine in a relational database.

    Attributes
    ----------
    engine : Engine
        A database with the tables above.
    """

    engine: Engine

    def put(self, entries: Sequence[Entry]) -> None:
        """
        Keep entries; when this returns they are durable.

        Raises
        ------
        StoreUnavailable
            Nothing may be taken as kept; putting all of it again is harmless.
        """
        messages: dict[str, Row] = {}
        readings: dict[str, Row] = {}
        for entry in entries:
            digest = _message_digest(entry)
            messages.setdefault(digest, _message_row(digest, entry))
            row = readings.setdefault(*_reading_item(digest, entry))
            row["count"] += 1
            row["last_ms"] = entry.message.arrival_ms
        with self._answering() as session:
            for rows in _chunks(list(messages.values())):
                session.execute(self._insert(QuarantinedMessage, rows).on_conflict_do_nothing())
            for rows in _chunks(list(readings.values())):
                session.execute(self._counting_up(rows))

    def counts(self) -> dict[str, int]:
        """Count what is kept, by reason."""
        query = select(QuarantinedReading.reason, func.sum(QuarantinedReading.count))
        with self._answering() as session:
            rows = session.execute(query.group_by(QuarantinedReading.reason)).all()
        return {reason: int(count) for reason, count in rows}

    def list_rows(self, limit: int) -> list[QuarantineRow]:
        """List what is kept, the latest first."""
        query = (
            select(QuarantinedReading, QuarantinedMessage)
            .join(QuarantinedMessage, QuarantinedReading.message == QuarantinedMessage.digest)
            .order_by(QuarantinedReading.last_ms.desc(), QuarantinedReading.digest)
            .limit(limit)
        )
        with self._answering() as session:
            return [_listed(reading, message) for reading, message in session.execute(query).all()]

    def holds(self, keys: Set[Key]) -> set[Key]:
        """Give those of some keys of readings that are kept here, of whichever building."""
        query = select(
            QuarantinedReading.device, QuarantinedReading.quantity, QuarantinedReading.time_ms
        )
        with self._answering() as session:
            kept = {tuple(row) for row in session.execute(query)}
        return {key for key in keys if key in kept}

    def _insert(self, table: type[Base], rows: list[Row]) -> sqlite.Insert | postgresql.Insert:
        if self.engine.dialect.name == "postgresql":
            return postgresql.insert(table).values(rows)
        return sqlite.insert(table).values(rows)

    def _counting_up(self, rows: list[Row]) -> sqlite.Insert | postgresql.Insert:
        insert = self._insert(QuarantinedReading, rows)
        return insert.on_conflict_do_update(
            index_elements=[QuarantinedReading.digest],
            set_={
                "count": QuarantinedReading.count + insert.excluded["count"],
                "last_ms": insert.excluded.last_ms,
            },
        )

    @contextmanager
    def _answering(self) -> Iterator[Session]:
        try:
            with Session(self.engine) as session, session.begin():
                yield session
        except DBAPIError as error:
            name = self.engine.url.render_as_string(hide_password=True)
            raise StoreUnavailable(f"database {name}", str(error.orig)) from error


def _message_digest(entry: Entry) -> str:
    message = entry.message
    digest = hashlib.sha256()
    for part in (entry.source.encode(), message.topic.encode(errors="replace"), message.payload):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _message_row(digest: str, entry: Entry) -> Row:
    message = entry.message
    return {
        "digest": digest,
        "source": entry.source,
        "topic": _plain(message.topic),
        "payload": message.payload[: limits().kept_bytes],
        "payload_bytes": message.payload_bytes,
        "arrival_ms": message.arrival_ms,
    }


def _reading_item(message_digest: str, entry: Entry) -> tuple[str, Row]:
    reject, arrival_ms = entry.reject, entry.message.arrival_ms
    parts = (message_digest, str(reject.reason), *(repr(part) for part in reject[1:]))
    digest = hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()
    return digest, {
        "digest": digest,
        "message": message_digest,
        "reason": str(reject.reason),
        "detail": _plain(reject.detail),
        "device": reject.device and _plain(reject.device),
        "quantity": reject.quantity and _plain(reject.quantity),
        "time_ms": reject.time_ms,
        "first_ms": arrival_ms,
        "last_ms": arrival_ms,
        "count": 0,
    }


def _plain(text: str) -> str:
    """Give a text that every database takes, whatever a device wrote."""
    return text if text.isprintable() else ascii(text)[1:-1]


def _listed(reading: QuarantinedReading, message: QuarantinedMessage) -> QuarantineRow:
    return QuarantineRow(
        reading.reason, reading.detail, reading.device, reading.quantity, reading.time_ms,
        message.source, message.topic, message.payload.decode(errors="replace"),
        reading.first_ms, reading.last_ms, reading.count,
    )  # fmt: skip


def _chunks(rows: list[Row]) -> Iterator[list[Row]]:
    for start in range(0, len(rows), ROWS_PER_STATEMENT):
        yield rows[start : start + ROWS_PER_STATEMENT]
