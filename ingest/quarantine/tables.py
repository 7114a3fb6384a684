"""
The tables of the quarantine.

A complaint is stored once and counted: for one source and device, one reason and
one name. A message is kept if it may yet be decoded, or as the latest of its complaints. Every
sender with a log-in of its own has a share of the space.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import override

from estate.database.engine import Base

if TYPE_CHECKING:
    from sqlalchemy import Dialect

DIGEST_BYTES = 16


class Digest(LargeBinary):
    """Bytes passed to the driver as they are; every driver used here accepts them."""

    cache_ok = True

    @override
    def bind_processor(self, dialect: Dialect) -> None:
        """Convert nothing."""


class QuarantinedMessage(Base):
    """A stored message: every one that may yet be decoded, of the others the latest."""

    __tablename__ = "quarantined_message"
    __table_args__ = (Index("ix_quarantined_message_sender", "sender", "last_ms"),)

    digest: Mapped[bytes] = mapped_column(Digest(DIGEST_BYTES), primary_key=True)
    sender: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    payload_bytes: Mapped[int]
    arrival_ms: Mapped[int] = mapped_column(BigInteger)
    last_ms: Mapped[int] = mapped_column(BigInteger)
    bytes: Mapped[int]


class QuarantinedComplaint(Base):
    """A complaint with its count, times and latest message."""

    __tablename__ = "quarantined_complaint"

    digest: Mapped[bytes] = mapped_column(Digest(DIGEST_BYTES), primary_key=True)
    message: Mapped[bytes] = mapped_column(Digest(DIGEST_BYTES))
    sender: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(Text)
    device: Mapped[str | None] = mapped_column(Text)
    quantity: Mapped[str | None] = mapped_column(Text)
    first_time_ms: Mapped[int | None] = mapped_column(BigInteger)
    last_time_ms: Mapped[int | None] = mapped_column(BigInteger)
    first_ms: Mapped[int] = mapped_column(BigInteger)
    last_ms: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int] = mapped_column(BigInteger)
    bytes: Mapped[int]


class QuarantinedCause(Base):
    """Links a message to a complaint, with how often the message caused it."""

    __tablename__ = "quarantined_cause"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  SQLAlchemy reads it from the class

    message: Mapped[bytes] = mapped_column(
        ForeignKey("quarantined_message.digest", name="fk_quarantined_cause_message"),
        primary_key=True,
    )
    complaint: Mapped[bytes] = mapped_column(
        ForeignKey("quarantined_complaint.digest", name="fk_quarantined_cause_complaint"),
        primary_key=True,
        index=True,
    )
    count: Mapped[int] = mapped_column(BigInteger)


class QuarantineShare(Base):
    """Space taken by one sender."""

    __tablename__ = "quarantine_share"

    sender: Mapped[str] = mapped_column(Text, primary_key=True)
    bytes: Mapped[int] = mapped_column(BigInteger)


TABLES = (QuarantinedMessage, QuarantinedComplaint, QuarantinedCause, QuarantineShare)
