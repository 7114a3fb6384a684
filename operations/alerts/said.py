"""What devices say of themselves, and what the worker complained of, as faults of devices."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml
from sqlalchemy import select

from alerts.devices.check import Said
from alerts.devices.faults import Fault
from alerts.life.kinds import DAY_MS
from estate.database.engine import answering
from ingest.quarantine.tables import QuarantinedComplaint
from ingest.remarks import Remarks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine

LATELY_MS = 2 * DAY_MS
"""What was last said before that is over."""


@cache
def _table() -> Mapping[Fault, Mapping[str, Sequence[str]]]:
    text = resources.files("operations.alerts").joinpath("said.yaml").read_text("utf-8")
    return {Fault(name): row for name, row in yaml.safe_load(text).items()}


def said_of(engine: Engine, building: str, now_ms: int) -> list[Said]:
    """
    Return what was said of a building's devices in the last days.

    A complaint names a device and no building; the building's own devices are told from others by
    who is asked for (`alerts.devices.check`).

    Raises
    ------
    StoreUnavailable
    """
    since_ms = now_ms - LATELY_MS
    words = Remarks(engine).list_rows(building, since_ms=since_ms)
    found = [
        Said(each.device, fault, each.first_ms, each.last_ms)
        for fault, row in _table().items()
        for each in words
        if any(fnmatchcase(each.word.upper(), pattern) for pattern in row["words"])
    ]
    return found + _complaints(engine, since_ms)


def _complaints(engine: Engine, since_ms: int) -> list[Said]:
    of = {reason: fault for fault, row in _table().items() for reason in row["complaints"]}
    query = select(QuarantinedComplaint).where(
        QuarantinedComplaint.last_ms >= since_ms,
        QuarantinedComplaint.device.is_not(None),
        QuarantinedComplaint.reason.in_(of),
    )
    with answering(engine) as session:
        return [
            Said(row.device or "", of[row.reason], row.first_ms, row.last_ms)
            for row in session.scalars(query)
        ]
