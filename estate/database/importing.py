"""
Imports an estate folder: its changes are found, checked and written, all or none.

Imports of a building wait for one another. Nothing is deleted by omission: a row that the
folder lacks stays as it is, unless its removal is requested. Each row that is added, changed or
removed is recorded before and after, with the time, the person and the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import insert

from estate.checks import check_records
from estate.database.changes import (
    BUILDING,
    Change,
    Kept,
    Matched,
    Pair,
    change_of,
    changes_of,
    match_rows,
    merged_building,
)
from estate.database.conflicts import (
    doubled_amounts,
    explained,
    hidden_devices,
    kept_findings,
)
from estate.database.engine import answering, take_turn
from estate.database.reading import read_stored
from estate.database.tables import TABLES, EstateChange, EstateImport
from estate.database.writing import remove_rows, write_building, write_points, write_rows
from estate.errors import DataError
from estate.findings import disqualifications
from estate.points import Placement, place_devices

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from estate.database.reading import Stored
    from estate.files.folder import Folder
    from estate.findings import Finding
    from estate.points import Point
    from estate.record import Record

DEVICES = "devices"


class By(NamedTuple):
    """
    Who imports.

    Attributes
    ----------
    name : str
    source : str
        Path of the folder.
    time_ms : int
        [ms since 1970, UTC]
    """

    name: str
    source: str
    time_ms: int


@dataclass(frozen=True)
class Imported:
    """
    What an import changed, or would change.

    Attributes
    ----------
    building : str
    new : bool
        Whether the database had no such building.
    changes : tuple of Change
    findings : tuple of Finding
        They include each row that is kept although the folder lacks it.
    """

    building: str
    new: bool
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]


class _Work(NamedTuple):
    """
    What is to be written.

    Attributes
    ----------
    building : Pair
    files : mapping of str to Matched
    new_points : list of Point
    device_points : list of str
        The measuring point of each row of devices.csv.
    findings : list of Finding
    """

    building: Pair
    files: Mapping[str, Matched]
    new_points: list[Point]
    device_points: list[str]
    findings: list[Finding]


def import_folder(
    engine: Engine, folder: Folder, by: By, remove: Collection[str] = (), *, dry: bool = False
) -> Imported:
    """
    Update a building in the database to match an estate folder.

    Parameters
    ----------
    engine : Engine
    folder : Folder
    by : By
    remove : collection of str, optional
        Files, without extension, whose stored rows are removed if the folder lacks them:
        some of `estate.database.changes.REMOVABLE`.
    dry : bool, optional
        Change nothing, and return what would be changed.

    Raises
    ------
    DataError
        If folder and database together are invalid; nothing is changed.
    StoreUnavailable
        Nothing is changed.
    """
    building = folder.estate.building.id
    with answering(engine) as session:
        take_turn(session, building)
        stored = read_stored(session, building)
        work = _prepare(folder, stored, remove)
        changes = tuple(_changes(work))
        if changes and not dry:
            write_building(session, work.building, _note(session, building, by, changes))
            _write_files(session, building, work)
    return Imported(building, stored is None, changes, tuple(work.findings))


def _prepare(folder: Folder, stored: Stored | None, remove: Collection[str]) -> _Work:
    """Match the rows, and check the result of combining folder and database."""
    given = folder.estate.building
    files = {name: _match(folder, stored, name, remove) for name in TABLES}
    numbered = {name: _numbered(folder, name, matched) for name, matched in files.items()}
    known = stored.points if stored else {}
    places = place_devices(_placements(numbered[DEVICES], files[DEVICES], stored), known)
    findings = [
        *explained(check_records(numbered), numbered, files),
        *hidden_devices(files[DEVICES], numbered[DEVICES]),
        *doubled_amounts(files, numbered),
        *places.findings,
    ]
    findings = list({each.message: each for each in findings}.values())
    if disqualifications(findings):
        raise DataError(findings)
    before = Kept(0, stored.building) if stored else None
    building = Pair(before, merged_building(given, stored.building if stored else None))
    new_points = [point for name, point in places.points.items() if name not in known]
    point_of = places.point_of()
    device_points = [point_of[number] for number, _ in folder.rows[DEVICES]]
    kept = kept_findings(given, stored, files)
    return _Work(building, files, new_points, device_points, [*findings, *kept])


def _match(folder: Folder, stored: Stored | None, name: str, remove: Collection[str]) -> Matched:
    kept = stored.rows[name] if stored else ()
    given = [record for _, record in folder.rows[name]]
    matched = match_rows(name, kept, given, folder.columns[name])
    if name in remove:
        return matched._replace(missing=[], removed=matched.missing)
    return matched


def _numbered(folder: Folder, name: str, matched: Matched) -> list[tuple[int, Record]]:
    """Return the rows with their numbers in the file; rows that it lacks follow its last one."""
    numbers = [number for number, _ in folder.rows[name]]
    last = max(numbers, default=1)
    records = [pair.after for pair in matched.pairs]
    missing = enumerate((each.record for each in matched.missing), start=last + 1)
    return [*zip(numbers, records, strict=True), *missing]


def _placements(
    numbered: Sequence[tuple[int, Any]], matched: Matched, stored: Stored | None
) -> list[Placement]:
    kept = [*(pair.before for pair in matched.pairs), *matched.missing]
    point_of = stored.point_of if stored else {}
    return [
        Placement(number, record, point_of.get(each.number) if each else None)
        for (number, record), each in zip(numbered, kept, strict=True)
    ]


def _changes(work: _Work) -> Iterator[Change]:
    if work.building.changed:
        yield change_of(BUILDING, work.building.after.id, work.building)
    for name, matched in work.files.items():
        yield from changes_of(name, matched)


def _note(session: Session, building: str, by: By, changes: Sequence[Change]) -> int:
    """Record what is changed, and return the number of the import."""
    note = EstateImport(
        building=building, time_ms=by.time_ms, imported_by=by.name, source=by.source
    )
    session.add(note)
    session.flush()
    rows = [each._asdict() | {"import_number": note.number} for each in changes]
    session.execute(insert(EstateChange), rows)
    return note.number


def _write_files(session: Session, building: str, work: _Work) -> None:
    # Rows that refer to others are removed first.
    for name in reversed(TABLES):
        remove_rows(session, TABLES[name], [each.number for each in work.files[name].removed])
    for name, matched in work.files.items():
        more: Sequence[Mapping[str, Any]] = [{}] * len(matched.pairs)
        if name == DEVICES:
            write_points(session, building, work.new_points)
            more = [{"measuring_point": point} for point in work.device_points]
        write_rows(session, TABLES[name], building, matched.pairs, more)
