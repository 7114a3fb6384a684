"""Bills one building from files: reads, checks, splits, writes."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from billing.bill.files import write_bill
from billing.ledger.asked import Asked
from billing.measured.evidence_file import evidence_bytes
from billing.measured.gather import gather
from billing.schemes import load_scheme
from estate.errors import DataError, UsageError
from estate.files.folder import read_estate
from estate.findings import finding_kinds
from estate.periods import Period, local_date
from operations.readings.load_readings import usable_readings
from operations.readings.readings_paths import readings_paths
from telemetry.readings_file.column_map import load_map
from telemetry.readings_file.file import read_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from billing.bill.bill import Bill
    from billing.measured.evidence import Evidence
    from estate.model import Building
    from telemetry.readings_file.file import Progress


@dataclass(frozen=True)
class Billed:
    """A bill with everything that it was computed from."""

    building: Building
    bill: Bill
    evidence: Evidence
    asked: Asked

    @cached_property
    def evidence_bytes(self) -> bytes:
        """The serialised evidence; megabytes for a large building, so made only once."""
        return evidence_bytes(self.evidence)


def bill_files(
    estate_directory: Path,
    readings: Path | Sequence[Path],
    period: str,
    scheme: str | None,
    directory: Path,
    allowed: Iterable[str] = (),
    *,
    column_maps: Sequence[str] = (),
    with_statements: bool = False,
    issued: date | None = None,
    first_issued: date | None = None,
    first_deadline: date | None = None,
    on_computed: Callable[[Billed], None] | None = None,
    on_bill: Callable[[Billed], None] | None = None,
    on_progress: Progress | None = None,
) -> Bill:
    """
    Split the bill of an estate folder, using readings files, and write the result.

    Parameters
    ----------
    estate_directory : Path
    readings : Path or sequence of Path
        Files, folders and patterns.
    period : str
    scheme : str, optional
        Default: the building's own.
    directory : Path
        Output folder.
    allowed : iterable of str, optional
        Findings that do not stop the bill.
    column_maps : sequence of str, optional
        Names or files of column maps for exports.
    with_statements : bool, optional
        Whether to print statements too.
    issued : date, optional
        Default: today.
    first_issued : date, optional
        Day on which the corrected bill was made.
    first_deadline : date, optional
        Deadline of that bill, if it is in the ledger; otherwise it is computed again.
    on_computed : callable, optional
        Called with the bill, and what it was computed from, before anything is written; what it
        raises leaves the folder as it is.
    on_bill : callable, optional
        Called with the bill, and what it was computed from, once it is written.
    on_progress : callable, optional
        Called with the bytes of the readings read, and the total.

    Raises
    ------
    DataError
        If the data does not allow a bill.
    UsageError
        If the period or the scheme is invalid, a finding cannot be allowed, or the bill
        corrects a later one.
    """
    names = check_allowed(allowed)
    days = Period.parse(period)
    rules = load_scheme(scheme) if scheme else None
    estate = read_estate(estate_directory)
    now_ms = round(time.time() * 1000)
    maps = [load_map(name) for name in column_maps]
    file = read_all(readings_paths(readings), maps, on_progress=on_progress)
    source = usable_readings(file, estate, now_ms)
    issued = issued or local_date(now_ms, estate.building.zone)
    if first_issued and first_issued > issued:
        raise UsageError(
            f"a bill made on {issued} cannot correct statements of {first_issued}; give the day "
            "on which the first ones were made"
        )
    try:
        asked = Asked.of(estate, days, rules, names, issued, first_issued, first_deadline)
        evidence = gather(estate, source, days, rules)
        bill = asked.bill(evidence)
    except DataError as error:
        # Faults in the readings are often the cause of what the bill then lacks.
        raise DataError((*source.findings, *error.findings)) from error
    if on_computed is not None:
        on_computed(Billed(estate.building, bill, evidence, asked))
    found = (*source.findings, *bill.findings)
    if with_statements:
        # Imported only where needed: printing is slow to import.
        from reports.print_building import write_statements

        found += write_statements(directory / "statements", estate, bill).findings
    bill = bill.replace(findings=found)
    inputs = estate_digests(estate_directory) | dict(source.digests)
    write_bill(directory, bill, inputs)
    if on_bill is not None:
        on_bill(Billed(estate.building, bill, evidence, asked))
    return bill


def estate_digests(directory: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of an estate folder."""
    return {
        f"estate/{path.name}": _digest(path)
        for path in sorted(directory.iterdir())
        if path.suffix in (".csv", ".yaml") and path.is_file()
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_allowed(names: Iterable[str]) -> frozenset[str]:
    """
    Check that findings of these names may be allowed.

    Raises
    ------
    UsageError
        Lists those that may.
    """
    may = sorted(kind.name for kind in finding_kinds().values() if kind.allow)
    wanted = frozenset(names)
    for name in sorted(wanted.difference(may)):
        raise UsageError(f"'{name}' cannot be allowed; write one of {', '.join(may)}")
    return wanted
