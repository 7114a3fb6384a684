"""
Quarantine: what no reading could be made of is kept, with the reason, until somebody looks.

A message is kept once, with every reason that it gave. The same again, as a broker's redelivery
brings it, only counts up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, select

from estate.database import answering, insert_into
from ingest.intake import Message
from ingest.limits import limits
from ingest.quarantine_bounds import forget_old, forget_surplus
from ingest.quarantine_tables import (
    QuarantinedMessage,
    QuarantinedReading,
    chunks,
    delete_empty,
    message_digest,
    message_row,
    reading_item,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence, Set

    from sqlalchemy import ColumnElement, Engine
    from sqlalchemy.dialects import postgresql, sqlite

    from estate.database import Base
    from ingest.intake import Entry
    from ingest.quarantine_tables import Row

MESSAGES_AT_ONCE = 200
DAY_MS = 86_400_000


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


class KeptMessage(NamedTuple):
    """
    A message as it is kept.

    Attributes
    ----------
    digest : str
        Its name in the quarantine.
    source : str
        Topic filter of the source that took it, empty where none did.
    """

    digest: str
    source: str
    message: Message

    @property
    def whole(self) -> bool:
        """Whether all of the payload is here, so that it can be decoded again."""
        return len(self.message.payload) == self.message.payload_bytes


@dataclass(frozen=True)
class Selection:
    """Which messages are meant: those with a reading that has all of these; None is any."""

    reason: str | None = None
    device: str | None = None
    source: str | None = None

    def condition(self) -> ColumnElement[bool]:
        """Give the condition on the table of messages."""
        readings = select(QuarantinedReading.digest).where(
            QuarantinedReading.message == QuarantinedMessage.digest
        )
        if self.reason is not None:
            readings = readings.where(QuarantinedReading.reason == self.reason)
        if self.device is not None:
            readings = readings.where(QuarantinedReading.device == self.device)
        condition: ColumnElement[bool] = readings.exists()
        if self.source is not None:
            condition &= QuarantinedMessage.source == self.source
        return condition


Key = tuple[str, str, int]
"""Device, quantity, device time [ms since 1970, UTC]."""


@dataclass(frozen=True)
class Quarantine:
    """
    The quarantine in a relational database.

    Attributes
    ----------
    engine : Engine
        A database with the tables of `ingest.quarantine_tables`.
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
        messages, readings = _rows(entries)
        with answering(self.engine) as session:
            for rows in chunks(messages):
                session.execute(self._insert(QuarantinedMessage, rows).on_conflict_do_nothing())
            for rows in chunks(readings):
                session.execute(self._counting_up(rows))

    def replace(self, digests: Sequence[str], entries: Sequence[Entry]) -> None:
        """
        Put what some messages give now in the place of what they gave, in one transaction.

        A reason that a message gave before and gives again stays as it is, with its count.

        Raises
        ------
        StoreUnavailable
            Nothing is changed; doing it again is harmless.
        """
        messages, readings = _rows(entries)
        given = {row["digest"] for row in readings}
        with answering(self.engine) as session:
            before = session.scalars(
                select(QuarantinedReading.digest).where(QuarantinedReading.message.in_(digests))
            )
            for mended in chunks([digest for digest in before if digest not in given]):
                session.execute(
                    delete(QuarantinedReading).where(QuarantinedReading.digest.in_(mended))
                )
            for rows in chunks(messages):
                session.execute(self._insert(QuarantinedMessage, rows).on_conflict_do_nothing())
            for rows in chunks(readings):
                session.execute(self._insert(QuarantinedReading, rows).on_conflict_do_nothing())
            delete_empty(session, digests)

    def counts(self) -> dict[str, int]:
        """Count what is kept, by reason."""
        query = select(QuarantinedReading.reason, func.sum(QuarantinedReading.count))
        with answering(self.engine) as session:
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
        with answering(self.engine) as session:
            return [_listed(reading, message) for reading, message in session.execute(query).all()]

    def count_messages(self, selection: Selection) -> int:
        """Count the messages that are meant."""
        query = select(func.count()).select_from(QuarantinedMessage).where(selection.condition())
        with answering(self.engine) as session:
            return int(session.scalar(query) or 0)

    def messages(self, selection: Selection) -> Iterator[list[KeptMessage]]:
        """Give the messages that are meant, some at a time, each one once."""
        after = ""
        while found := self._messages_after(after, selection):
            yield found
            after = found[-1].digest

    def holds(self, keys: Set[Key]) -> set[Key]:
        """Give those of some keys of readings that are kept here, of whichever building."""
        query = select(
            QuarantinedReading.device, QuarantinedReading.quantity, QuarantinedReading.time_ms
        )
        with answering(self.engine) as session:
            kept = {tuple(row) for row in session.execute(query)}
        return {key for key in keys if key in kept}

    def tidy(self, now_ms: int) -> tuple[int, int]:
        """
        Forget what is older than the limit, then what is more than the limit.

        Returns
        -------
        tuple of int
            Messages that were too old, and messages that were too many.
        """
        old = forget_old(self.engine, now_ms - limits().quarantine_days * DAY_MS)
        return old, forget_surplus(self.engine, limits().quarantine_bytes)

    def _messages_after(self, digest: str, selection: Selection) -> list[KeptMessage]:
        query = (
            select(QuarantinedMessage)
            .where(QuarantinedMessage.digest > digest, selection.condition())
            .order_by(QuarantinedMessage.digest)
            .limit(MESSAGES_AT_ONCE)
        )
        with answering(self.engine) as session:
            return [_kept(row) for row in session.scalars(query)]

    def _insert(self, table: type[Base], rows: Sequence[Row]) -> sqlite.Insert | postgresql.Insert:
        return insert_into(self.engine, table, rows)

    def _counting_up(self, rows: Sequence[Row]) -> sqlite.Insert | postgresql.Insert:
        insert = self._insert(QuarantinedReading, rows)
        return insert.on_conflict_do_update(
            index_elements=[QuarantinedReading.digest],
            set_={
                "count": QuarantinedReading.count + insert.excluded["count"],
                "last_ms": insert.excluded.last_ms,
            },
        )


def _rows(entries: Iterable[Entry]) -> tuple[list[Row], list[Row]]:
    """Give one row for each message and for each of its reasons, counted."""
    messages: dict[str, Row] = {}
    readings: dict[str, Row] = {}
    for entry in entries:
        digest = message_digest(entry)
        messages.setdefault(digest, message_row(digest, entry))
        row = readings.setdefault(*reading_item(digest, entry))
        row["count"] += 1
        row["last_ms"] = entry.message.arrival_ms
    return list(messages.values()), list(readings.values())


def _kept(row: QuarantinedMessage) -> KeptMessage:
    message = Message(row.topic, row.payload, row.payload_bytes, row.arrival_ms)
    return KeptMessage(row.digest, row.source, message)


def _listed(reading: QuarantinedReading, message: QuarantinedMessage) -> QuarantineRow:
    beginning = message.payload[: limits().kept_bytes].decode(errors="replace")
    return QuarantineRow(
        reading.reason, reading.detail, reading.device, reading.quantity, reading.time_ms,
        message.source, message.topic, beginning, reading.first_ms, reading.last_ms, reading.count,
    )  # fmt: skip
