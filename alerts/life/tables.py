"""The tables of alerts: one row per event, all its changes, and who got which message."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from estate.database.engine import Base

ID, WORD = String(64), String(32)


class AlertCase(Base):
    """An event; see `alerts.life.case.Case`."""

    __tablename__ = "alert_case"
    __table_args__ = (
        Index("ix_alert_case_building", "building", "flat"),
        Index("ix_alert_case_state", "state"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    building: Mapped[str] = mapped_column(ID)
    flat: Mapped[str] = mapped_column(ID)
    kind: Mapped[str] = mapped_column(WORD)
    device: Mapped[str] = mapped_column(ID)
    tenancy: Mapped[str] = mapped_column(ID)
    start_ms: Mapped[int] = mapped_column(BigInteger)
    end_ms: Mapped[int] = mapped_column(BigInteger)
    raised_ms: Mapped[int] = mapped_column(BigInteger)
    found_ms: Mapped[int] = mapped_column(BigInteger)
    changed_ms: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(WORD)
    closed_ms: Mapped[int] = mapped_column(BigInteger)
    inhibited_by: Mapped[str] = mapped_column(ID)
    silenced_ms: Mapped[int] = mapped_column(BigInteger)
    label: Mapped[str] = mapped_column(Text)
    evidence: Mapped[dict[str, Any]]


class AlertChange(Base):
    """Something that happened to an event; rows are added and never changed."""

    __tablename__ = "alert_change"

    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    case: Mapped[str] = mapped_column(ID, ForeignKey("alert_case.id"), index=True)
    event: Mapped[str] = mapped_column(WORD)
    state: Mapped[str] = mapped_column(WORD)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)


class AlertNotice(Base):
    """
    A record that a message of the outbox notifies somebody of an event.

    It names a person but no address: the outbox knows where the message went, as long as it keeps
    it.
    """

    __tablename__ = "alert_notice"
    __table_args__ = (Index("ix_alert_notice_tenancy", "tenancy", "queued_ms"),)

    message: Mapped[str] = mapped_column(ID, primary_key=True)
    case: Mapped[str] = mapped_column(ID, ForeignKey("alert_case.id"), primary_key=True, index=True)
    about: Mapped[str] = mapped_column(WORD)
    tenancy: Mapped[str] = mapped_column(ID)
    person: Mapped[str] = mapped_column(ID)
    channel: Mapped[str] = mapped_column(WORD)
    queued_ms: Mapped[int] = mapped_column(BigInteger)


class AlertLink(Base):
    """A link by which the questions of a message are answered; only its digest is kept."""

    __tablename__ = "alert_link"

    digest: Mapped[str] = mapped_column(ID, primary_key=True)
    message: Mapped[str] = mapped_column(ID)
    made_ms: Mapped[int] = mapped_column(BigInteger)


TABLES: tuple[type[Base], ...] = (AlertCase, AlertChange, AlertNotice, AlertLink)
