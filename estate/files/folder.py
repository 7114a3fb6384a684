"""
Reads and validates the estate folder of one building; reports all errors at once.

docs/estate-folder.md describes the files for those who write them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from pydantic import ValidationError

from estate.checks import check_records
from estate.errors import DataError
from estate.files.documents import DocumentRefused, load_yaml, own_file, shown
from estate.files.rows import parse_rows, remedy_for
from estate.files.tables import TableUnreadable, read_table
from estate.findings import Finding, disqualifications
from estate.model import Aconto, Building, Cost, Device, Estate, Flat, Neighbour, Person, Tenancy
from estate.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from estate.checks import RecordsWithRows
    from estate.files.tables import Table

BUILDING_FILE = "building.yaml"


@dataclass(frozen=True)
class FileKind:
    """
    One file of rows.

    Attributes
    ----------
    needed : frozenset of str
        Columns that must exist though their cells may be blank: otherwise a misspelt
        header would mean that nobody ever moved.
    """

    name: str
    model: type[Record]
    required: bool = False
    needed: frozenset[str] = frozenset()

    @property
    def file(self) -> str:
        """Name of the file."""
        return f"{self.name}.csv"


FILES = (
    FileKind("flats", Flat, required=True),
    FileKind("neighbours", Neighbour),
    FileKind("tenancies", Tenancy, required=True, needed=frozenset({"to"})),
    FileKind("persons", Person),
    FileKind("devices", Device, required=True, needed=frozenset({"flat", "to"})),
    FileKind("costs", Cost),
    FileKind("aconto", Aconto),
)


@dataclass(frozen=True)
class Folder:
    """
    A valid estate folder.

    Attributes
    ----------
    estate : Estate
    rows : mapping of str to list
        The records of each file with their row numbers, by the file's name without ending.
    columns : mapping of str to frozenset of str
        The columns that each file has; a missing file has none.
    """

    estate: Estate
    rows: RecordsWithRows
    columns: Mapping[str, frozenset[str]]


def read_estate(directory: Path) -> Estate:
    """
    Read and validate an estate folder.

    Raises
    ------
    DataError
        With all findings: missing files and columns, invalid cells, contradictory rows.
    """
    return read_folder(directory).estate


def read_folder(directory: Path) -> Folder:
    """Read and validate an estate folder, and keep what its files have; see `read_estate`."""
    findings: list[Finding] = []
    building = _read_building(directory, findings)
    tables = {kind.name: _read_table(directory, kind, findings) for kind in FILES}
    records: RecordsWithRows = {
        kind.name: parse_rows(table, kind.model, findings, kind.needed) if table else []
        for kind in FILES
        for table in [tables[kind.name]]
    }
    unread = {name: _unread(table, records[name]) for name, table in tables.items()}
    findings += check_records(records, unread)
    if building is None or disqualifications(findings):
        raise DataError(findings)
    estate = Estate.of(building, {name: [row for _, row in rows] for name, rows in records.items()})
    columns = {name: frozenset(table.columns if table else ()) for name, table in tables.items()}
    return Folder(estate, records, columns)


def _unread(table: Table | None, read: list[tuple[int, Any]]) -> frozenset[str] | None:
    """Return the cells of the rows that could not be read; None if none could."""
    if table is None or (table.rows and not read):
        return None
    numbers = {number for number, _ in read}
    return frozenset(
        cell for row in table.rows if row.number not in numbers for cell in row.cells.values()
    )


def read_building(directory: Path) -> Building:
    """Read building.yaml alone; raises as `read_estate`."""
    findings: list[Finding] = []
    building = _read_building(directory, findings)
    if building is None:
        raise DataError(findings)
    return building


def _read_table(directory: Path, kind: FileKind, findings: list[Finding]) -> Table | None:
    try:
        path = own_file(directory, kind.file)
        table = read_table(path) if path else None
    except DocumentRefused as error:
        findings.append(_unreadable(kind.file, str(error)))
        return None
    except TableUnreadable as error:
        findings.append(error.finding)
        return None
    if table is None and kind.required:
        findings.append(_missing_file(directory, kind.file))
    return table


def _missing_file(directory: Path, file: str) -> Finding:
    return Finding(
        "estate.file.missing",
        f"{file} is missing in {directory}; docs/estate-folder.md shows what it holds",
        {"file": file},
    )


def _read_building(directory: Path, findings: list[Finding]) -> Building | None:
    try:
        path = own_file(directory, BUILDING_FILE)
        if path is None:
            findings.append(_missing_file(directory, BUILDING_FILE))
            return None
        building = Building.model_validate(load_yaml(path))
    except DocumentRefused as error:
        findings.append(_unreadable(BUILDING_FILE, str(error)))
    except ValidationError as error:
        findings += [_wrong_value(detail) for detail in error.errors(include_url=False)]
    else:
        findings += _building_faults(building)
        return building
    return None


@cache
def _timezones() -> set[str]:
    # It looks through a folder of the system.
    return available_timezones()


def _building_faults(building: Building) -> list[Finding]:
    faults = []
    if building.timezone not in _timezones():
        faults.append(("timezone", building.timezone, "write it as Europe/Copenhagen"))
    for number, use in enumerate(building.schemes):
        if use.permit and use.permit.end <= use.permit.start:
            place = f"schemes.{number}.permit.to"
            faults.append((place, str(use.permit.end), "write a day after the permit's 'from'"))
    return [_value_finding(place, value, remedy) for place, value, remedy in faults]


def _wrong_value(detail: Any) -> Finding:  # noqa: ANN401  pydantic's ErrorDetails, a typed dict
    place = ".".join(str(part) for part in detail["loc"]) or "the file"
    value = None if detail["type"] == "missing" else shown(detail["input"])
    return _value_finding(place, value, remedy_for(detail))


def _value_finding(place: str, value: str | None, remedy: str) -> Finding:
    holds = "is missing" if value is None else f"is '{value}'"
    return Finding(
        "estate.building.invalid",
        f"{BUILDING_FILE}: {place} {holds}: {remedy}",
        {"file": BUILDING_FILE, "field": place, "value": value},
    )


def _unreadable(file: str, problem: str) -> Finding:
    return Finding("estate.file.unreadable", f"{file} {problem}", {"file": file})
