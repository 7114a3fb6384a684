"""Alerts that are raised on a day, last while days are high, and end once some days are calm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alerts.detectors.found import Found
from estate.periods import DAY_MS

if TYPE_CHECKING:
    from alerts.detectors.limits import Limits
    from alerts.model import AlertKind
    from estate.numbers.arrays import Bools


class Episodes:
    """
    The alerts of one kind of some meters, at most one of each open at a time.

    Parameters
    ----------
    meters : int
    kind : AlertKind
    limits : Limits
    """

    def __init__(self, meters: int, kind: AlertKind, limits: Limits) -> None:
        self._kind, self._limits = kind, limits
        self._found: list[Found] = []
        self._last: dict[int, Found] = {}
        self.is_open = np.zeros(meters, dtype=np.bool_)
        self._calm_days, self._open_days = (np.zeros(meters, dtype=np.int64) for _ in range(2))

    def raise_(
        self, row: int, start_ms: int, end_ms: int, raised_ms: int, evidence: dict[str, float]
    ) -> None:
        """Raise an alert, or reopen the last one if it ended only a few days ago."""
        last = self._last.get(row)
        if last is not None and start_ms - last.end_ms <= self._limits.reopen_days * DAY_MS:
            last.end_ms = max(last.end_ms, end_ms)
        else:
            found = Found(row, self._kind, start_ms, end_ms, raised_ms, dict(evidence))
            self._last[row] = found
            self._found.append(found)
        self.is_open[row] = True
        self._calm_days[row] = self._open_days[row] = 0

    def step(self, high: Bools, known: Bools, end_ms: int) -> None:
        """Take a day of each meter: high days prolong what is open, several calm ones end it."""
        for row in np.flatnonzero(self.is_open & high).tolist():
            self._last[row].end_ms = max(self._last[row].end_ms, end_ms)
        self._calm_days = np.where(high, 0, self._calm_days + known)
        self._open_days += self.is_open
        self.is_open &= self._calm_days < self._limits.calm_days

    def close_long(self) -> Bools:
        """Close what has been open for weeks, and return where."""
        stays = self.is_open & (self._open_days >= self._limits.spike_longest_days)
        self.is_open &= ~stays
        return stays

    def found(self) -> list[Found]:
        """Return everything that was raised, in the order of days."""
        return self._found
