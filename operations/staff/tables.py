"""The table of buildings' months: sums that name nobody, and outlive the readings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from estate.database.engine import Base


class BuildingMonth(Base):
    """The figures of a building in a month: an `operations.staff.month.MonthFigures` as JSON."""

    __tablename__ = "building_month"

    building: Mapped[str] = mapped_column(String(64), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    made_ms: Mapped[int] = mapped_column(BigInteger)
    figures: Mapped[dict[str, Any]]
