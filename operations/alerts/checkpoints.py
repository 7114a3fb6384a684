"""What daily alert runs keep for the hourly runs after them: one row per building."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, LargeBinary, String, select
from sqlalchemy.orm import Mapped, mapped_column

from alerts.hourly.checkpoint import as_bytes, from_bytes
from alerts.hourly.state import Unfit
from estate.database.engine import Base, answering
from estate.database.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from alerts.hourly.checkpoint import Checkpoint


class AlertCheckpoint(Base):
    """A building's checkpoint as bytes; if it is lost, the next run is a full one."""

    __tablename__ = "alert_checkpoint"

    building: Mapped[str] = mapped_column(String(64), primary_key=True)
    made_ms: Mapped[int] = mapped_column(BigInteger)
    content: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class Checkpoints:
    """
    The checkpoints of an installation.

    Attributes
    ----------
    engine : Engine
        A database with the table of `AlertCheckpoint`.
    """

    engine: Engine

    def read(self, building: str) -> Checkpoint | None:
        """
        Return a building's checkpoint; None if there is none that can be read.

        Raises
        ------
        StoreUnavailable
        """
        query = select(AlertCheckpoint.content).where(AlertCheckpoint.building == building)
        with answering(self.engine) as session:
            content = session.scalar(query)
        try:
            return None if content is None else from_bytes(content)
        except Unfit:
            return None

    def write(self, building: str, checkpoint: Checkpoint) -> None:
        """
        Store a building's checkpoint in place of the previous one.

        Raises
        ------
        StoreUnavailable
        """
        row = {
            "building": building, "made_ms": checkpoint.made_ms, "content": as_bytes(checkpoint),
        }  # fmt: skip
        with answering(self.engine) as session:
            upsert(
                session, AlertCheckpoint, [row],
                lambda new: {"made_ms": new.made_ms, "content": new.content},
            )  # fmt: skip
