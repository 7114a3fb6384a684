"""
Quarantine store: keeps messages that could not become readings, with the reason.

A repeated complaint only increments its count. A message that may yet be decoded is always kept, so
that it can be replayed once the cause is fixed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from estate.database.engine import answering
from estate.periods import DAY_MS
from ingest.limits import limits
from ingest.message import Message
from ingest.quarantine.retention import Forgotten, forget_old, forget_surplus
from ingest.quarantine.rows import latest_digest, message_digest, rows_of
from ingest.quarantine.tables import (
    QuarantinedCause,
    QuarantinedComplaint,
    QuarantinedMessage,
    QuarantineShare,
)
from ingest.quarantine.writing import insert_rows, replace_rows, take_turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Set

    from sqlalchemy import ColumnElement, Engine

    from ingest.message import Entry

MESSAGES_AT_ONCE = 200


class QuarantineRow(NamedTuple):
    """One complaint for listing, with its latest message."""

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
    A stored message.

    Attributes
    ----------
    digest : bytes
        Its key in the quarantine.
    source : str
        Topic filter of its source, empty if there is none.
    intact : bool
        Whether it is as it was received: its key is derived from its content.
    """

    digest: bytes
    source: str
    message: Message
    intact: bool = True

    @property
    def whole(self) -> bool:
        """Whether the payload is complete, so that it can be decoded again."""
        return len(self.message.payload) == self.message.payload_bytes


@dataclass(frozen=True)
class Selection:
    """Selects messages with a complaint that has all of these; None matches any."""

    reason: str | None = None
    device: str | None = None
    source: str | None = None

    def condition(self) -> ColumnElement[bool]:
        """Return the condition on the table of messages."""
        complaints = (
            select(QuarantinedCause.message)
            .join(QuarantinedComplaint, QuarantinedCause.complaint == QuarantinedComplaint.digest)
            .where(QuarantinedCause.message == QuarantinedMessage.digest)
        )
        if self.reason is not None:
            complaints = complaints.where(QuarantinedComplaint.reason == self.reason)
        if self.device is not None:
            complaints = complaints.where(QuarantinedComplaint.device == self.device)
        condition: ColumnElement[bool] = complaints.exists()
        if self.source is not None:
            condition &= QuarantinedMessage.source == self.source
        return condition


ReadingKey = tuple[str, str, int]
"""Device, quantity, device time [ms since 1970, UTC]."""


@dataclass(frozen=True)
class Quarantine:
    """
    The quarantine in a relational database.

    Attributes
    ----------
    engine : Engine
        A database with the tables of `ingest.quarantine.tables`.
    most_bytes : int
        Largest size on disk. [byte]
    """

    engine: Engine
    most_bytes: int = field(default_factory=lambda: limits().quarantine_bytes)

    def put(self, entries: Sequence[Entry]) -> None:
        """
        Store entries; when this returns they are durable.

        Raises
        ------
        StoreUnavailable
            Nothing may be assumed to be stored; repeating all of it is harmless.
        """
        with answering(self.engine) as session:
            take_turn(session)
            insert_rows(session, rows_of(entries))

    def replace(self, digests: Sequence[bytes], entries: Sequence[Entry]) -> None:
        """
        Replace the entries of some messages by new ones, in one transaction.

        A complaint that a message causes again stays as it is, with its count.

        Raises
        ------
        StoreUnavailable
            Nothing is changed; repeating it is harmless.
        """
        with answering(self.engine) as session:
            take_turn(session)
            replace_rows(session, digests, rows_of(entries))

    def counts(self) -> dict[str, int]:
        """Count entries, by reason."""
        query = select(QuarantinedComplaint.reason, func.sum(QuarantinedComplaint.count))
        with answering(self.engine) as session:
            rows = session.execute(query.group_by(QuarantinedComplaint.reason)).all()
        return {reason: int(count) for reason, count in rows}

    def list_rows(self, limit: int) -> list[QuarantineRow]:
        """List complaints, the latest first."""
        query = (
            select(QuarantinedComplaint, QuarantinedMessage)
            .join(QuarantinedMessage, QuarantinedComplaint.message == QuarantinedMessage.digest)
            .order_by(QuarantinedComplaint.last_ms.desc(), QuarantinedComplaint.digest)
            .limit(limit)
        )
        with answering(self.engine) as session:
            return [_listed(*row) for row in session.execute(query)]

    def count_messages(self, selection: Selection) -> int:
        """Count the selected messages."""
        query = select(func.count()).select_from(QuarantinedMessage).where(selection.condition())
        with answering(self.engine) as session:
            return int(session.scalar(query) or 0)

    def messages(self, selection: Selection) -> Iterator[list[KeptMessage]]:
        """Yield the messages selected now, some at a time, each once."""
        query = select(QuarantinedMessage.digest).where(selection.condition())
        with answering(self.engine) as session:
            # Fixed before the first is yielded: a replay's replacements would be yielded too.
            digests = session.scalars(query.order_by(QuarantinedMessage.digest)).all()
        for start in range(0, len(digests), MESSAGES_AT_ONCE):
            yield self._kept(digests[start : start + MESSAGES_AT_ONCE])

    def devices_since(self, reason: str, since_ms: int) -> set[str]:
        """Name the devices with a complaint of a reason since a time of arrival. [ms since 1970]"""
        query = select(QuarantinedComplaint.device).where(
            QuarantinedComplaint.reason == reason, QuarantinedComplaint.last_ms >= since_ms
        )
        with answering(self.engine) as session:
            return {device for device in session.scalars(query) if device is not None}

    def devices_of(self, digest: bytes) -> set[str]:
        """Name the devices that complaints of a message are about."""
        query = (
            select(QuarantinedComplaint.device)
            .join(QuarantinedCause, QuarantinedCause.complaint == QuarantinedComplaint.digest)
            .where(QuarantinedCause.message == digest)
        )
        with answering(self.engine) as session:
            return {device for device in session.scalars(query) if device is not None}

    def count_damaged(self) -> int:
        """Count the messages that are not as they were received."""
        return sum(not kept.intact for some in self.messages(Selection()) for kept in some)

    def holds(self, keys: Set[ReadingKey]) -> set[ReadingKey]:
        """
        Return those of some reading keys that are in quarantine, for any building.

        Keys of a device and quantity within a complaint's time span count as kept, at most
        as many as the complaint's count.
        """
        columns = QuarantinedComplaint
        query = select(
            columns.device, columns.quantity,
            columns.first_time_ms, columns.last_time_ms, columns.count,
        )  # fmt: skip
        by_name: dict[tuple[str | None, str | None], list[ReadingKey]] = {}
        for key in sorted(keys):
            by_name.setdefault(key[:2], []).append(key)
        held: set[ReadingKey] = set()
        with answering(self.engine) as session:
            for device, quantity, first_ms, last_ms, count in session.execute(query):
                if first_ms is not None and last_ms is not None:
                    named = by_name.get((device, quantity), [])
                    held.update([key for key in named if first_ms <= key[2] <= last_ms][:count])
        return held

    def ping(self) -> None:
        """Raise `StoreUnavailable` unless the database answers, from the file at its path."""
        with answering(self.engine) as session:
            session.execute(select(1))

    def taken_bytes(self) -> int:
        """Return the accounted size. [byte]"""
        with answering(self.engine) as session:
            return int(session.scalar(select(func.sum(QuarantineShare.bytes))) or 0)

    def tidy(self, now_ms: int) -> Forgotten:
        """
        Remove some of what exceeds the age and size limits.

        The work is bounded; the result shows whether there is more to do.
        """
        with answering(self.engine) as session:
            old, more_old = forget_old(session, now_ms - limits().quarantine_days * DAY_MS)
            surplus, more = forget_surplus(session, self.most_bytes)
        return Forgotten(old, surplus, more_old or more)

    def _kept(self, digests: Sequence[bytes]) -> list[KeptMessage]:
        query = select(QuarantinedMessage).where(QuarantinedMessage.digest.in_(digests))
        with answering(self.engine) as session:
            rows = list(session.scalars(query.order_by(QuarantinedMessage.digest)))
            causes: dict[bytes, list[bytes]] = {}
            link = select(QuarantinedCause.message, QuarantinedCause.complaint)
            for message, complaint in session.execute(
                link.where(QuarantinedCause.message.in_(digests))
            ):
                causes.setdefault(message, []).append(complaint)
            return [_kept(row, causes.get(row.digest, [])) for row in rows]


def _kept(row: QuarantinedMessage, complaints: Sequence[bytes]) -> KeptMessage:
    message = Message(row.topic, row.payload, row.payload_bytes, row.arrival_ms)
    texts = (row.sender, row.source, row.topic)
    # For a message kept as the latest of many, the complaints are the key.
    keys = (message_digest(texts, row.payload), latest_digest(texts, complaints))
    return KeptMessage(row.digest, row.source, message, row.digest in keys)


def _listed(complaint: QuarantinedComplaint, message: QuarantinedMessage) -> QuarantineRow:
    beginning = message.payload[: limits().kept_bytes].decode(errors="replace")
    return QuarantineRow(
        complaint.reason, complaint.detail, complaint.device, complaint.quantity,
        complaint.last_time_ms, complaint.source, complaint.topic, beginning,
        complaint.first_ms, complaint.last_ms, complaint.count,
    )  # fmt: skip
