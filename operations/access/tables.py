"""Tables of access: sessions, tokens, staff accounts, attempts, and the record of who looked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from estate.database.engine import Base
from estate.database.tables import Json, RowNumber

HASH, ID, WORD = String(64), String(64), String(32)


class LoginSession(Base):
    """A person who is logged in with one browser; the browser's token is kept as a hash."""

    __tablename__ = "login_session"
    __table_args__ = (Index("ix_login_session_subject", "subject"),)

    token: Mapped[str] = mapped_column(HASH, primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    staff: Mapped[str] = mapped_column(ID)
    """The staff account whose second factor was shown; empty for none."""
    acting_for: Mapped[Json | None]
    """Building, tenancy and person that staff acts for, and why."""
    form_token: Mapped[str] = mapped_column(HASH)
    started_ms: Mapped[int] = mapped_column(BigInteger)
    seen_ms: Mapped[int] = mapped_column(BigInteger)
    ends_ms: Mapped[int] = mapped_column(BigInteger)
    way: Mapped[str] = mapped_column(WORD, server_default=text("''"))
    """The log-in service that proved the person; empty for a link, a code or a letter."""


class Identity(Base):
    """
    A proof other than address and letter, bound to a resident or to staff.

    For a log-in service it is a digest of issuer and ``sub``: enough to recognise somebody.
    """

    __tablename__ = "login_identity"
    __table_args__ = (Index("ix_login_identity_home", "building", "tenancy"),)

    number: Mapped[RowNumber]
    way: Mapped[str] = mapped_column(WORD)
    proof: Mapped[str] = mapped_column(HASH, index=True)
    staff: Mapped[str] = mapped_column(ID)
    building: Mapped[str] = mapped_column(ID)
    tenancy: Mapped[str] = mapped_column(ID)
    person: Mapped[str] = mapped_column(ID)
    made_ms: Mapped[int] = mapped_column(BigInteger)
    used_ms: Mapped[int] = mapped_column(BigInteger)
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """Of a passkey its public key and count."""


class AccessToken(Base):
    """A secret that opens something: a one-time link, a letter's code, a file."""

    __tablename__ = "access_token"
    __table_args__ = (Index("ix_access_token_subject", "kind", "subject"),)

    token: Mapped[str] = mapped_column(HASH, primary_key=True)
    kind: Mapped[str] = mapped_column(WORD)
    subject: Mapped[str] = mapped_column(Text)
    request: Mapped[str] = mapped_column(HASH, index=True, default="")
    """What the browser that asked for it keeps; empty where that is nobody's matter."""
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_ms: Mapped[int] = mapped_column(BigInteger)
    ends_ms: Mapped[int] = mapped_column(BigInteger)
    used_ms: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(Integer, default=0)

    def is_open(self, now_ms: int) -> bool:
        """Whether it is neither used nor expired. [ms since 1970, UTC]"""
        return self.used_ms is None and now_ms < self.ends_ms


class StaffAccount(Base):
    """An account of somebody who works for the landlord: roles, buildings and second factor."""

    __tablename__ = "staff_account"

    name: Mapped[str] = mapped_column(ID, primary_key=True)
    mail: Mapped[str] = mapped_column(String(320), unique=True)
    roles: Mapped[Json]
    buildings: Mapped[Json | None]
    """Ids; None for every building."""
    otp_secret: Mapped[str] = mapped_column(Text)
    otp_step: Mapped[int] = mapped_column(BigInteger)
    """The last time step whose code was used, so that none is used twice."""
    active: Mapped[bool] = mapped_column(Boolean)
    made_ms: Mapped[int] = mapped_column(BigInteger)


class AccessRecord(Base):
    """Who looked at whose data, or logged in; rows are added and never changed."""

    __tablename__ = "access_record"
    __table_args__ = (Index("ix_access_record_home", "building", "tenancy", "at_ms"),)

    number: Mapped[RowNumber]
    at_ms: Mapped[int] = mapped_column(BigInteger)
    who: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(WORD)
    event: Mapped[str] = mapped_column(WORD)
    what: Mapped[str] = mapped_column(Text)
    building: Mapped[str] = mapped_column(ID)
    tenancy: Mapped[str] = mapped_column(ID)
    reason: Mapped[str] = mapped_column(Text)


class AttemptCount(Base):
    """How often something was tried in a window of time; who or what is kept only as a hash."""

    __tablename__ = "attempt_count"

    key: Mapped[str] = mapped_column(HASH, primary_key=True)
    window_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    count: Mapped[int] = mapped_column(Integer)


TABLES: tuple[type[Base], ...] = (
    LoginSession, Identity, AccessToken, StaffAccount, AccessRecord, AttemptCount,
)  # fmt: skip
