"""Stores alerts in the relational database, each once however often it is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, String, select
from sqlalchemy.orm import Mapped, mapped_column

from alerts.model import Alert, AlertKind
from estate.database.engine import Base, answering
from estate.database.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine

NO_DEVICE = ""
"""Key value for no device: NULLs are distinct, so an alert would be stored twice."""
KEY = ("building", "flat", "kind", "device", "start_ms")
CHANGED = ("end_ms", "raised_ms", "evidence")


class StoredAlert(Base):
    """One alert; building, flat, kind, device and start are its key."""

    __tablename__ = "alert"

    building: Mapped[str] = mapped_column(String(64), primary_key=True)
    flat: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    device: Mapped[str] = mapped_column(String(64), primary_key=True)
    start_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    end_ms: Mapped[int] = mapped_column(BigInteger)
    raised_ms: Mapped[int] = mapped_column(BigInteger)
    evidence: Mapped[dict[str, Any]]


@dataclass(frozen=True)
class AlertStore:
    """
    The alerts in a relational database.

    Attributes
    ----------
    engine : Engine
        A database with the table above.
    """

    engine: Engine

    def save(self, alerts: Iterable[Alert]) -> int:
        """
        Store alerts; when this returns they are durable.

        An alert with a known key is updated with the new end, time of raising and evidence.

        Returns
        -------
        int
            Number of distinct alerts.

        Raises
        ------
        StoreUnavailable
            Nothing may be assumed to be stored; repeating all of it is harmless.
        """
        by_key = {tuple(row[name] for name in KEY): row for row in map(_as_row, alerts)}
        rows = list(by_key.values())
        with answering(self.engine) as session:
            upsert(session, StoredAlert, rows, _changed)
        return len(rows)

    def list(self, building: str | None = None) -> list[Alert]:
        """
        List the alerts of one building or all, in the order of their keys.

        Raises
        ------
        StoreUnavailable
        """
        query = select(StoredAlert).order_by(*(getattr(StoredAlert, name) for name in KEY))
        if building is not None:
            query = query.where(StoredAlert.building == building)
        with answering(self.engine) as session:
            return [_as_alert(row) for row in session.scalars(query)]


def _changed(new: Any) -> dict[str, Any]:  # noqa: ANN401  a namespace of columns
    return {name: new[name] for name in CHANGED}


def _as_row(alert: Alert) -> dict[str, Any]:
    return {
        "building": alert.building,
        "flat": alert.flat,
        "kind": str(alert.kind),
        "device": alert.device or NO_DEVICE,
        "start_ms": alert.start_ms,
        "end_ms": alert.end_ms,
        "raised_ms": alert.raised_ms,
        "evidence": dict(alert.evidence),
    }


def _as_alert(row: StoredAlert) -> Alert:
    return Alert(
        building=row.building,
        flat=row.flat,
        kind=AlertKind(row.kind),
        device=row.device or None,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        raised_ms=row.raised_ms,
        evidence=row.evidence,
    )
