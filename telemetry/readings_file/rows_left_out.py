"""Counts the rows of a readings file that are left out, and reports the first of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from estate.files.documents import shown
from estate.findings import Finding
from telemetry.readings_file.cells import COLUMN_OF, Fault, remedy_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from telemetry.readings_file.cells import Cells
    from telemetry.readings_file.raw_readings import RawCells

NAMED_ROWS = 100
"""Number of left-out rows with a finding of their own; one finding counts the others."""


@dataclass
class LeftOut:
    """
    Rows left out of one file.

    Attributes
    ----------
    file : str
        Its name.
    findings : list of Finding
        Findings so far.
    by_column : Counter of str
        Rows left out, by the column at fault.
    """

    file: str
    findings: list[Finding] = field(default_factory=list)
    by_column: Counter[str] = field(default_factory=Counter)
    _named: int = 0
    _further: Counter[str] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """Rows left out."""
        return self.by_column.total()

    def kept(self, raw: RawCells, cells: Cells) -> npt.NDArray[np.bool_]:
        """Record the rows with a fault, and return which of (n,) rows have none."""
        wrong = np.flatnonzero((cells.fault != Fault.NONE) & (cells.fault != Fault.BLANK))
        faults, counts = np.unique(cells.fault[wrong], return_counts=True)
        for fault, count in zip(faults.tolist(), counts.tolist(), strict=True):
            self.by_column[COLUMN_OF[Fault(fault)]] += count
            self._further[COLUMN_OF[Fault(fault)]] += count
        for row in wrong[: NAMED_ROWS - self._named].tolist():
            finding = self._finding(raw, cells, row)
            self.findings.append(finding)
            self._named += 1
        kept: npt.NDArray[np.bool_] = cells.fault == Fault.NONE
        return kept

    def all_findings(self) -> tuple[Finding, ...]:
        """Return the findings, with a count of the rows that are not named."""
        return (*self.findings, *self._others())

    def _finding(self, raw: RawCells, cells: Cells, row: int) -> Finding:
        fault = Fault(cells.fault[row])
        column = COLUMN_OF[fault]
        called = raw.dialect.names.get(column, column)
        cell = raw.frame[column].iloc[row]
        value = "" if pd.isna(cell) else shown(cell)
        number = int(raw.frame.index[row]) + raw.first_row
        holds = f"holds '{value}'" if value else "is blank"
        remedy = remedy_for(fault, int(cells.quantity[row]), raw.dialect)
        return Finding(
            "readings.row.invalid",
            f"{self.file} row {number}, column {called} {holds}: {remedy}",
            {"file": self.file, "row": number, "column": called, "value": value},
        )

    def _others(self) -> Iterator[Finding]:
        others = self._further.total() - self._named
        if others > 0:
            yield Finding(
                "readings.rows.more",
                f"{self.file} has {others} more rows that are left out; correct the first ones and "
                "try again",
                {"file": self.file, "rows": others, "by_column": dict(self._further)},
            )
