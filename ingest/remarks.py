"""
Stores devices' status words in the database: each word once, with its count.

An unknown status word must reach somebody who can ask the manufacturer. It is shown by
`fairvarme doctor`, listed by `fairvarme devices words`, and a finding of the monthly reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, String, Text, case, delete, func, select, text, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from estate.database.engine import Base, answering
from estate.database.upsert import upsert
from estate.findings import Finding
from estate.periods import HOUR_MS
from ingest.decoders.payload.outcomes import CONTRADICTS
from ingest.decoders.payload.status_words import Meaning
from ingest.limits import limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from ingest.intake import Remark

ROWS_PER_STATEMENT = 1000
TO_BE_LOOKED_AT = (Meaning.UNUSABLE, Meaning.SUSPECT, CONTRADICTS, Meaning.UNKNOWN)
"""Meanings that require attention to the meter or a setting, the worst first."""


class DeviceWord(Base):
    """A status word of a device."""

    __tablename__ = "device_word"

    building: Mapped[str] = mapped_column(String(64), primary_key=True)
    device: Mapped[str] = mapped_column(String(64), primary_key=True)
    word: Mapped[str] = mapped_column(Text, primary_key=True)
    meaning: Mapped[str] = mapped_column(String(32))
    first_ms: Mapped[int] = mapped_column(BigInteger)
    last_ms: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int] = mapped_column(BigInteger)
    since_ms: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    driver: Mapped[str] = mapped_column(Text, server_default=text("''"))


class WordRow(NamedTuple):
    """
    A status word for listing.

    Attributes
    ----------
    meaning : str
        A `Meaning` of `ingest.decoders.payload.status_words`, or ``contradicts``; as of when the
        device last reported it.
    first_ms, last_ms : int
        Arrival of the first and the last message with it. [ms since 1970, UTC]
    times : int
        Messages; a redelivered one counts again.
    since_ms : int
        Arrival of the first message with it after a silence of `limits().word_rest_hours`.
        [ms since 1970, UTC]
    driver : str
        The format that it belongs to.
    """

    building: str
    device: str
    word: str
    meaning: str
    first_ms: int
    last_ms: int
    times: int
    since_ms: int = 0
    driver: str = ""

    @property
    def contradicts(self) -> bool:
        """Whether it is the worker's own, about a device that sends what it should not."""
        return self.meaning == CONTRADICTS


@dataclass(frozen=True)
class Remarks:
    """
    Status words of devices, in a relational database.

    Attributes
    ----------
    engine : Engine
        A database with the table of `DeviceWord`.
    """

    engine: Engine

    def keep(self, remarks: Sequence[Remark]) -> None:
        """
        Count remarks; when this returns they are durable.

        Raises
        ------
        StoreUnavailable
            Nothing may be assumed to be stored.
        """
        rows = _rows(remarks)
        with answering(self.engine) as session:
            upsert(session, DeviceWord, rows, _counted_up)
            _forget_surplus(session, sorted({(row["building"], row["device"]) for row in rows}))

    def list_rows(
        self, building: str | None = None, device: str | None = None, since_ms: int = 0
    ) -> list[WordRow]:
        """List the words reported since an instant, the latest of each device first."""
        query = select(DeviceWord).where(DeviceWord.last_ms >= since_ms)
        if building is not None:
            query = query.where(DeviceWord.building == building)
        if device is not None:
            query = query.where(DeviceWord.device == device)
        order = (DeviceWord.building, DeviceWord.device, DeviceWord.last_ms.desc(), DeviceWord.word)
        with answering(self.engine) as session:
            return [
                WordRow(
                    row.building, row.device, row.word, row.meaning,
                    row.first_ms, row.last_ms, row.count, row.since_ms, row.driver,
                )
                for row in session.scalars(query.order_by(*order))
            ]  # fmt: skip


def _rows(remarks: Iterable[Remark]) -> list[dict[str, Any]]:
    """Return one row for each device and word, counted."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for building, (device, word, meaning, driver), arrival_ms in remarks:
        row = rows.setdefault(
            (building, device, word),
            {
                "building": building,
                "device": device,
                "word": word,
                "first_ms": arrival_ms,
                "since_ms": arrival_ms,
                "count": 0,
            },
        )
        row |= {
            "meaning": meaning, "driver": driver, "last_ms": arrival_ms, "count": row["count"] + 1,
        }  # fmt: skip
    return list(rows.values())


def _counted_up(new: Any) -> dict[str, Any]:  # noqa: ANN401  a namespace of columns
    later = new.last_ms >= DeviceWord.last_ms
    rested = new.since_ms - DeviceWord.last_ms > round(limits().word_rest_hours * HOUR_MS)
    return {
        "count": DeviceWord.count + new["count"],
        "meaning": case((later, new.meaning), else_=DeviceWord.meaning),
        "last_ms": case((later, new.last_ms), else_=DeviceWord.last_ms),
        "since_ms": case((rested, new.since_ms), else_=DeviceWord.since_ms),
        "driver": case((later, new.driver), else_=DeviceWord.driver),
    }


def _forget_surplus(session: Session, devices: Sequence[tuple[str, str]]) -> None:
    """Remove the oldest words of a device that has more than the limit."""
    most = limits().words_per_device
    key = tuple_(DeviceWord.building, DeviceWord.device)
    for start in range(0, len(devices), ROWS_PER_STATEMENT):
        crowded = session.execute(
            select(DeviceWord.building, DeviceWord.device)
            .where(key.in_(devices[start : start + ROWS_PER_STATEMENT]))
            .group_by(DeviceWord.building, DeviceWord.device)
            .having(func.count() > most)
        ).all()
        for building, device in crowded:
            its = (DeviceWord.building == building) & (DeviceWord.device == device)
            kept = (
                select(DeviceWord.word).where(its)
                .order_by(DeviceWord.last_ms.desc(), DeviceWord.word).limit(most)
            )  # fmt: skip
            session.execute(delete(DeviceWord).where(its, DeviceWord.word.not_in(kept)))


def word_findings(rows: Iterable[WordRow]) -> Iterator[Finding]:
    """Yield a finding for each word that requires attention to the meter or a setting."""
    for row in rows:
        if row.contradicts:
            yield Finding(
                "device.kind.contradicted",
                f"device {row.device} sent {row.times} times {row.word}; inspect the meter, "
                "correct devices.csv, or set the source's kind_from to the one that counts",
                _numbers(row),
            )
        elif row.meaning in TO_BE_LOOKED_AT:
            yield Finding(
                "device.status.told",
                f"device {row.device} reported {row.word} {row.times} times ({row.meaning}: "
                f"{EFFECT[Meaning(row.meaning)]}); ask the manufacturer what it means, and set it "
                "in the source's statuses",
                _numbers(row),
            )


EFFECT = {
    Meaning.UNKNOWN: "its values count",
    Meaning.SUSPECT: "its values are treated as missing",
    Meaning.UNUSABLE: "its values are in quarantine",
}


def _numbers(row: WordRow) -> dict[str, Any]:
    return {
        "device": row.device, "word": row.word, "meaning": str(row.meaning), "times": row.times,
        "first_ms": row.first_ms, "last_ms": row.last_ms,
    }  # fmt: skip
