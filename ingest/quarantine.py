"""
Quarantine: what no reading could be made of is kept, with the reason, until somebody looks.

A message is kept once, with every reason that it gave. The same again, as a broker's redelivery
brings it, only counts up.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, Text, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from estate.database import Base
from estate.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Engine

    from ingest.decoders import Reject
    from ingest.reasons import Reason

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
