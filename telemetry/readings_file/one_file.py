"""Reads one readings file, or export, as numeric rows with findings."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from estate.errors import DataError, UsageError
from estate.files.documents import limits, too_large
from estate.quantities import quantities
from telemetry.readings_file.cells import parse_cells
from telemetry.readings_file.double_hours import double_hour_findings, settle
from telemetry.readings_file.mapped_cells import mapped_cells
from telemetry.readings_file.raw_readings import checked, standard_cells, unreadable
from telemetry.readings_file.reading_rows import Rows, joined
from telemetry.readings_file.rows_left_out import LeftOut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import IO

    from estate.findings import Finding
    from telemetry.readings_file.column_map import ColumnMap
    from telemetry.readings_file.raw_readings import RawCells


@dataclass(frozen=True)
class FileRows:
    """
    Contents of one file.

    Attributes
    ----------
    rows : Rows
        Device indices refer to the names that were passed in.
    findings : tuple of Finding
    left_out : int
        Rows that cannot be used.
    sha256 : str
        In hexadecimal.
    """

    rows: Rows
    findings: tuple[Finding, ...]
    left_out: int
    sha256: str


def read_file(
    path: Path,
    maps: Sequence[ColumnMap],
    devices: dict[str, int],
    on_progress: Callable[[int], None],
) -> FileRows:
    """
    Read one file.

    Parameters
    ----------
    path : Path
    maps : sequence of ColumnMap
        The first map that fits is used; without one the file is in our own format.
    devices : dict of str to int
        Index of every device seen so far; new ones are added.
    on_progress : callable
        Called with the number of bytes read.

    Raises
    ------
    DataError, UsageError
    """
    left_out = LeftOut(path.name)
    try:
        if path.stat().st_size > limits()["readings"].bytes:
            raise unreadable(path.name, str(too_large(limits()["readings"])))
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        raw_cells = _raw_cells(path, maps, left_out.findings, on_progress)
        parts = [_rows(raw, left_out, devices) for raw in raw_cells]
    except DataError as error:
        raise DataError([*left_out.all_findings(), *error.findings]) from error
    except OSError as error:
        raise no_such_file(path, error) from error
    settled = settle(joined(parts))
    left_out.by_column["time"] += len(settled.open_ms)
    said = double_hour_findings(path.name, settled)
    return FileRows(settled.rows, (*left_out.all_findings(), *said), left_out.count, sha256)


def no_such_file(path: Path, error: OSError) -> UsageError:
    """Return the error of a file that cannot be opened."""
    return UsageError(f"{path} cannot be read ({error.strerror}); check the name")


def _raw_cells(
    path: Path,
    maps: Sequence[ColumnMap],
    findings: list[Finding],
    on_progress: Callable[[int], None],
) -> Iterator[RawCells]:
    """Read by the first map that fits, else in our own format."""
    refusals: list[Finding] = []
    for column_map in (*maps, None):
        said: list[Finding] = []
        with path.open("rb") as file:
            cells = checked(_cells(path, file, column_map, said), path.name)
            try:
                first = next(cells)
            except DataError as error:
                refusals += error.findings
                continue
            findings += said
            yield first
            for each in cells:
                on_progress(0 if file.closed else file.tell())
                yield each
            return
    # The user chose a map and wants to know why it does not fit.
    raise DataError(refusals[: len(maps)] or refusals)


def _cells(
    path: Path, file: IO[bytes], column_map: ColumnMap | None, findings: list[Finding]
) -> Iterator[RawCells]:
    if column_map is None:
        return standard_cells(file, path.name, findings)
    return mapped_cells(path, file, column_map, findings)


def _rows(raw: RawCells, left_out: LeftOut, devices: dict[str, int]) -> Rows:
    cells = parse_cells(raw, devices)
    kept = left_out.kept(raw, cells)
    series = cells.device * len(quantities()) + cells.quantity
    use = np.full(len(series), raw.dialect.use)
    rows = Rows(series, cells.start_ms, cells.time_ms, cells.later_ms, cells.value, use)
    return rows if kept.all() else rows.pick(kept)
