"""The tables of the quarantine, and the rows that entries become."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, Text, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from estate.database import Base
from ingest.limits import limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from ingest.intake import Entry, Message

# SQLite takes at most 32,766 values in one statement.
ROWS_PER_STATEMENT = 1000
Item = TypeVar("Item")
Row = dict[str, Any]
"""Values of one row of a table, by column."""


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


def message_digest(entry: Entry) -> str:
    """Name a message by what it is, so that the same one has the same name again."""
    message = entry.message
    digest = hashlib.sha256()
    for part in (entry.source.encode(), plain(message.topic).encode(), kept_payload(message)):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def message_row(digest: str, entry: Entry) -> Row:
    """Give the row of a message, whole where it may be decoded again."""
    message = entry.message
    return {
        "digest": digest,
        "source": entry.source,
        "topic": plain(message.topic),
        "payload": kept_payload(message),
        "payload_bytes": message.payload_bytes,
        "arrival_ms": message.arrival_ms,
    }


def reading_item(message: str, entry: Entry) -> tuple[str, Row]:
    """Give digest and row of one reason, counted no time yet."""
    reject, arrival_ms = entry.reject, entry.message.arrival_ms
    parts = (message, str(reject.reason), *(repr(part) for part in reject[1:]))
    digest = hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()
    return digest, {
        "digest": digest,
        "message": message,
        "reason": str(reject.reason),
        "detail": plain(reject.detail),
        "device": reject.device and plain(reject.device),
        "quantity": reject.quantity and plain(reject.quantity),
        "time_ms": reject.time_ms,
        "first_ms": arrival_ms,
        "last_ms": arrival_ms,
        "count": 0,
    }


def kept_payload(message: Message) -> bytes:
    """Give what is kept of a payload: all, or the beginning of one that is too large to decode."""
    if message.payload_bytes > limits().payload_bytes:
        return message.payload[: limits().kept_bytes]
    return message.payload


def plain(text: str) -> str:
    """Give a text that every database takes, whatever a device wrote."""
    return text if text.isprintable() else ascii(text)[1:-1]


def delete_empty(session: Session, digests: Sequence[str]) -> int:
    """Delete those of some messages that have no reason left; returns how many."""
    deleted = 0
    reasons = select(QuarantinedReading.digest).where(
        QuarantinedReading.message == QuarantinedMessage.digest
    )
    for some in chunks(digests):
        empty = select(QuarantinedMessage.digest).where(
            QuarantinedMessage.digest.in_(some), ~reasons.exists()
        )
        gone = session.scalars(empty).all()
        session.execute(delete(QuarantinedMessage).where(QuarantinedMessage.digest.in_(gone)))
        deleted += len(gone)
    return deleted


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Give items as many at a time as one statement takes."""
    for start in range(0, len(items), ROWS_PER_STATEMENT):
        yield items[start : start + ROWS_PER_STATEMENT]
