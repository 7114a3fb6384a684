"""Writes the files of a bill: bill.csv for spreadsheets, JSON for programs, and provenance."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from billing.bill.documents import FindingsDocument, RunDocument, StatementsDocument
from billing.money import MICRO
from billing.shown import number as shown
from estate.files.spreadsheet import guarded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from billing.bill.bill import Bill, BillRow
    from billing.bill.frozen import Frozen
    from estate.findings import Finding

COLUMNS = (
    "building", "period_start", "period_end", "tenancy", "flat", "item", "component", "key",
    "fraction", "weight", "weight_total", "amount",
)  # fmt: skip
DIGITS = len(str(MICRO)) - 1
STATEMENTS, FINDINGS, RUN = "statements.json", "findings.json", "run.json"


def write_bill(directory: Path, bill: Bill, inputs: Mapping[str, str]) -> None:
    """
    Write bill.csv, statements.json, findings.json and run.json.

    Parameters
    ----------
    directory : Path
        Created if absent.
    bill : Bill
    inputs : mapping of str to str
        SHA-256 of every input file, by name.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "bill.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_csv_row(bill, row) for row in bill.rows)
    _write_json(directory / STATEMENTS, StatementsDocument.of(bill))
    _write_json(directory / RUN, RunDocument.of(bill, inputs))
    write_findings(directory, bill.findings)


def write_findings(directory: Path, findings: Iterable[Finding]) -> None:
    """Write findings.json, also without a bill."""
    directory.mkdir(parents=True, exist_ok=True)
    _write_json(directory / FINDINGS, FindingsDocument.of(findings))


def kroner(amount_ore: int) -> str:
    """Format øre as kroner with a point, such as -1234.05."""
    whole, ore = divmod(abs(amount_ore), 100)
    return f"{'-' if amount_ore < 0 else ''}{whole}.{ore:02d}"


def _csv_row(bill: Bill, row: BillRow) -> list[str]:
    return [
        guarded(bill.building),
        str(bill.period.start),
        str(bill.period.end),
        guarded(row.tenancy),
        guarded(row.flat),
        guarded(row.item),
        guarded(row.component),
        row.key,
        shown(row.fraction),
        f"{row.weight:.{DIGITS}f}",
        f"{row.weight_total:.{DIGITS}f}",
        kroner(row.amount_ore),
    ]


def _write_json(path: Path, document: Frozen) -> None:
    content = document.model_dump(mode="json", by_alias=True)
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", "utf-8")
