"""The tables of the outbox: one row a message and channel, kept as the receipt once it was sent."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from estate.database.engine import Base

ID, WORD = String(64), String(16)


class OutboxMessage(Base):
    """A message, and what became of it."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_next", "state", "channel", "next_ms"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    channel: Mapped[str] = mapped_column(WORD)
    kind: Mapped[str] = mapped_column(String(32))
    building: Mapped[str] = mapped_column(ID, index=True)
    tenancy: Mapped[str] = mapped_column(ID)
    person: Mapped[str] = mapped_column(ID)
    address: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    safety: Mapped[bool]
    instead_of: Mapped[str] = mapped_column(ID)
    queued_ms: Mapped[int] = mapped_column(BigInteger)
    due_ms: Mapped[int] = mapped_column(BigInteger)
    next_ms: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(WORD)
    attempts: Mapped[int] = mapped_column(Integer)
    attempted_ms: Mapped[int | None] = mapped_column(BigInteger)
    open_attempt: Mapped[bool]
    repeats: Mapped[int] = mapped_column(Integer)
    ended_ms: Mapped[int | None] = mapped_column(BigInteger)
    answer: Mapped[str] = mapped_column(Text)


class OutboxAttachment(Base):
    """A file that goes with a message."""

    __tablename__ = "outbox_attachment"

    message: Mapped[str] = mapped_column(ID, ForeignKey("outbox_message.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    way: Mapped[str] = mapped_column(WORD, server_default="attached")
    """How it goes with the message, as `correspondence.outbox.message.Way` names it."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
