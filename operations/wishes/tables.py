"""The tables of wishes and of reported faults."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Double, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from estate.database.engine import Base
from estate.database.tables import RowNumber

ID, WORD = String(64), String(32)


class ResidentWish(Base):
    """A person's wishes in the portal; empty or None values are as in the estate."""

    __tablename__ = "resident_wish"

    building: Mapped[str] = mapped_column(ID, primary_key=True)
    tenancy: Mapped[str] = mapped_column(ID, primary_key=True)
    person: Mapped[str] = mapped_column(ID, primary_key=True)
    language: Mapped[str] = mapped_column(String(2))
    channels: Mapped[str] = mapped_column(Text)
    mail: Mapped[str] = mapped_column(String(320))
    phone: Mapped[str] = mapped_column(WORD)
    paper: Mapped[bool | None] = mapped_column(Boolean)
    pdf: Mapped[str] = mapped_column(WORD, server_default=text("''"))
    goal_kwh: Mapped[float | None] = mapped_column(Double)
    day_limit_kwh: Mapped[float | None] = mapped_column(Double)
    day_limit_l: Mapped[float | None] = mapped_column(Double)
    case_until_ms: Mapped[int | None] = mapped_column(BigInteger)
    changed_ms: Mapped[int] = mapped_column(BigInteger)


class FaultReport(Base):
    """A fault that a resident reported."""

    __tablename__ = "fault_report"
    __table_args__ = (Index("ix_fault_report_building", "building", "at_ms"),)

    number: Mapped[RowNumber]
    building: Mapped[str] = mapped_column(ID)
    tenancy: Mapped[str] = mapped_column(ID)
    flat: Mapped[str] = mapped_column(ID)
    case: Mapped[str] = mapped_column(ID)
    """The alert that it is about; empty for none."""
    at_ms: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)
    done_ms: Mapped[int | None] = mapped_column(BigInteger)


TABLES: tuple[type[Base], ...] = (ResidentWish, FaultReport)
