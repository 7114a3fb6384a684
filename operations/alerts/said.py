"""Devices' own reports, and the worker's complaints about them, as signs that raise alerts."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml
from sqlalchemy import select

from alerts.devices.alarms import Said
from alerts.devices.faults import Fault
from alerts.model import AlertKind
from estate.database.engine import answering
from ingest.quarantine.tables import QuarantinedComplaint
from ingest.remarks import Remarks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Engine

    from ingest.remarks import WordRow


@dataclass(frozen=True)
class Row:
    """A row of ``said.yaml``; its head says what each column means."""

    kind: AlertKind
    words: Sequence[str]
    never: Sequence[str]
    source: str
    fault: Fault | None = None
    meters: Sequence[str] = ()
    common: bool = True
    drivers: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    complaints: Sequence[str] = ()

    def means(self, word: str, driver: str) -> bool:
        """Whether a word of a format is one of this row's."""
        own = self.drivers.get(driver, {})
        never, words = ([*each, *own.get(name, ())] for name, each in self._lists)
        return _fits(word, words) and not _fits(word, never)

    @property
    def _lists(self) -> tuple[tuple[str, Sequence[str]], ...]:
        return ("never", self.never), ("words", self.words)

    def said(self, device: str, first_ms: int, last_ms: int, word: str = "") -> Said:
        """Return it as a device's report."""
        return Said(
            device, self.kind, self.fault, first_ms, last_ms, word, tuple(self.meters), self.common
        )


def _fits(word: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(word.upper(), pattern) for pattern in patterns)


@cache
def said_table() -> tuple[Row, ...]:
    """Return the rows of ``said.yaml``."""
    text = resources.files("operations.alerts").joinpath("said.yaml").read_text("utf-8")
    return tuple(_row(row) for row in yaml.safe_load(text).values())


def _row(row: Mapping[str, Any]) -> Row:
    fault = row.get("fault")
    typed = {"kind": AlertKind(row["kind"]), "fault": None if fault is None else Fault(fault)}
    return Row(**{**row, **typed})


def said_of(engine: Engine, building: str, since_ms: int) -> list[Said]:
    """
    Return what was reported about a building's devices since an instant. [ms since 1970, UTC]

    A complaint names a device but no building; the caller distinguishes the building's own devices
    from others (`alerts.devices.check`).

    Raises
    ------
    StoreUnavailable
    """
    words = Remarks(engine).list_rows(building, since_ms=since_ms)
    return [*_alarms(words), *_complaints(engine, since_ms)]


def _alarms(words: Sequence[WordRow]) -> Iterator[Said]:
    for each in words:
        if each.contradicts:
            continue
        for row in said_table():
            if row.means(each.word, each.driver):
                yield row.said(each.device, each.since_ms, each.last_ms, each.word)


def _complaints(engine: Engine, since_ms: int) -> list[Said]:
    of = {reason: row for row in said_table() for reason in row.complaints}
    query = select(QuarantinedComplaint).where(
        QuarantinedComplaint.last_ms >= since_ms,
        QuarantinedComplaint.device.is_not(None),
        QuarantinedComplaint.reason.in_(of),
    )
    with answering(engine) as session:
        return [
            of[row.reason].said(row.device or "", row.first_ms, row.last_ms)
            for row in session.scalars(query)
        ]
