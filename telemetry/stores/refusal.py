"""Readings that no store accepts, so that all stores reject the same ones alike."""

from __future__ import annotations

from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING

from estate.model import ID_PATTERN, is_id
from telemetry.readings import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from telemetry.readings import Reading

# InfluxDB keeps nanoseconds in 64 bits: 1677 to 2262.
LATEST_MS = 2**63 // 10**6 - 1
EARLIEST_MS = -LATEST_MS
LARGEST_QUALITY = 255


def refusal(reading: Reading) -> str | None:
    """
    Return why no store accepts a reading, or None if every store does.

    An id must match ``[A-Za-z0-9._:-]{1,64}``: line protocol cannot express every text
    (a backslash at the end of a tag has no escape).
    """
    reason = _series_refusal(reading.building, reading.device, reading.quantity)
    if reason:
        return reason
    if not isfinite(reading.value):
        return f"the value {reading.value} is not a finite number"
    if not EARLIEST_MS <= reading.time_ms <= LATEST_MS:
        return f"the time {reading.time_ms} ms is outside the years 1677 to 2262"
    if not 0 <= reading.quality <= LARGEST_QUALITY:
        return f"the quality {reading.quality} is outside 0 to {LARGEST_QUALITY}"
    return None


@lru_cache(maxsize=1 << 17)
def _series_refusal(building: str, device: str, quantity: str) -> str | None:
    for role, text in (("building", building), ("device", device), ("quantity", quantity)):
        if not is_id(text):
            return f"the {role} {text!r} does not match {ID_PATTERN}"
    return None


def sort_out(readings: Iterable[Reading]) -> tuple[list[Reading], list[Rejected]]:
    """Separate the readings that a store may accept from those that none does."""
    taken: list[Reading] = []
    rejected: list[Rejected] = []
    for reading in readings:
        reason = refusal(reading)
        if reason is None:
            taken.append(reading)
        else:
            rejected.append(Rejected(reading, reason))
    return taken, rejected
