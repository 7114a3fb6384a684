"""
The import of an estate folder: what it changes is found, checked, and written, or none of it.

Whoever imports a building waits for others that do. Nothing is deleted: a row that the folder does
not have stays as it is. Each row that is added or changed is kept as it was and as it is, with the
time, the person and the place that it came from.
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
    key_text,
    match_rows,
    merged_building,
    missing_schemes,
)
from estate.database.engine import answering, take_turn
from estate.database.reading import read_stored
from estate.database.tables import TABLES, EstateChange, EstateImport
from estate.database.writing import write_building, write_points, write_rows
from estate.errors import DataError
from estate.findings import Finding, disqualifications
from estate.periods import share_days
from estate.points import Placement, place_devices

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from estate.database.reading import Stored
    from estate.files.folder import Folder
    from estate.model import Building, Record
    from estate.points import Point

DEVICES = "devices"


class By(NamedTuple):
    """
    Who imports.

    Attributes
    ----------
    name : str
    source : str
        Where the folder lies.
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
        Among them each row that is kept though the folder does not have it.
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


def import_folder(engine: Engine, folder: Folder, by: By, *, dry: bool = False) -> Imported:
    """
    Bring a building of the database to what an estate folder says.

    Parameters
    ----------
    engine : Engine
    folder : Folder
    by : By
    dry : bool, optional
        Change nothing, and return what would be changed.

    Raises
    ------
    DataError
        Where folder and database together are not in order; nothing is changed.
    StoreUnavailable
        Nothing is changed.
    """
    building = folder.estate.building.id
    with answering(engine) as session:
        take_turn(session, building)
        stored = read_stored(session, building)
        work = _prepare(folder, stored)
        changes = tuple(_changes(work))
        if changes and not dry:
            write_building(session, work.building, _note(session, building, by, changes))
            _write_files(session, building, work)
    return Imported(building, stored is None, changes, tuple(work.findings))


def _prepare(folder: Folder, stored: Stored | None) -> _Work:
    """Match the rows, and check what comes of folder and database together."""
    given = folder.estate.building
    files = {
        name: match_rows(
            name,
            stored.rows[name] if stored else (),
            [record for _, record in folder.rows[name]],
            folder.columns[name],
        )
        for name in TABLES
    }
    numbered = {name: _numbered(folder, name, matched) for name, matched in files.items()}
    known = stored.points if stored else {}
    places = place_devices(_placements(numbered[DEVICES], files[DEVICES], stored), known)
    findings = [
        *_explained(check_records(numbered), folder, files),
        *_hidden_devices(files[DEVICES], numbered[DEVICES]),
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
    kept = _kept_findings(given, stored, files)
    return _Work(building, files, new_points, device_points, [*findings, *kept])


def _numbered(folder: Folder, name: str, matched: Matched) -> list[tuple[int, Record]]:
    """Return the rows with their numbers in the file; those that it lacks come after its last."""
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


def _explained(
    findings: Sequence[Finding], folder: Folder, files: Mapping[str, Matched]
) -> Iterator[Finding]:
    """Say of rows that a finding names and the file does not have what they are."""
    for finding in findings:
        name = finding.data["file"].removesuffix(".csv")
        last = max((number for number, _ in folder.rows[name]), default=1)
        missing = files[name].missing
        odd = {finding.data.get(each) for each in ("row", "other")}
        told = [
            f"row {last + place} is {key_text(name, each.record)}, which the database has and the "
            "folder lacks: write it there again, with its end"
            for place, each in enumerate(missing, start=1)
            if last + place in odd
        ]
        message = "; ".join([finding.message, *told])
        yield Finding(finding.name, message, finding.data)


def _hidden_devices(matched: Matched, numbered: Sequence[tuple[int, Any]]) -> Iterator[Finding]:
    """Find new devices where one stands that the folder lacks: it was renamed, or swapped."""
    for pair, (number, new) in zip(matched.pairs, numbered, strict=False):
        if pair.before is not None or new.point is not None:
            continue
        for each in matched.missing:
            old = each.record
            same = (old.kind, old.flat, old.room) == (new.kind, new.flat, new.room)
            if same and share_days(old, new):
                message = (
                    f"devices.csv row {number}: {new.device} stands where {old.device} stands, "
                    f"which the folder lacks; write the row of {old.device} again with its 'to' "
                    f"where {new.device} took its place, else name the measuring point of "
                    f"{new.device} in the column point"
                )
                data = {"file": "devices.csv", "row": number, "device": old.device}
                yield Finding("import.place_taken", message, data)


def _kept_findings(
    given: Building, stored: Stored | None, files: Mapping[str, Matched]
) -> Iterator[Finding]:
    for use in missing_schemes(given, stored.building if stored else None):
        yield _kept("building.yaml", f"scheme {use.scheme} from {use.start}")
    for name, matched in files.items():
        for each in matched.missing:
            yield _kept(f"{name}.csv", key_text(name, each.record))


def _kept(file: str, key: str) -> Finding:
    message = (
        f"{file}: {key} is in the database and not in the folder, and is kept; if it has ended, "
        "write it there with its end"
    )
    return Finding("import.kept", message, {"file": file, "key": key})


def _changes(work: _Work) -> Iterator[Change]:
    if work.building.changed:
        yield change_of(BUILDING, work.building.after.id, work.building)
    for name, matched in work.files.items():
        yield from changes_of(name, matched)


def _note(session: Session, building: str, by: By, changes: Sequence[Change]) -> int:
    """Keep what is changed, and return the number of the import."""
    note = EstateImport(
        building=building, time_ms=by.time_ms, imported_by=by.name, source=by.source
    )
    session.add(note)
    session.flush()
    rows = [each._asdict() | {"import_number": note.number} for each in changes]
    session.execute(insert(EstateChange), rows)
    return note.number


def _write_files(session: Session, building: str, work: _Work) -> None:
    for name, matched in work.files.items():
        more: Sequence[Mapping[str, Any]] = [{}] * len(matched.pairs)
        if name == DEVICES:
            write_points(session, building, work.new_points)
            more = [{"measuring_point": point} for point in work.device_points]
        write_rows(session, TABLES[name], building, matched.pairs, more)
