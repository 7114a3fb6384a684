"""Consistency checks of an estate folder: ids, references, order of days, overlaps. Pure."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from estate.findings import Finding
from estate.points import Placement, place_devices

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping

    Rows = list[tuple[int, Any]]
    RecordsWithRows = Mapping[str, Rows]
    """Records of each file, each with its row number; keyed by file name without extension."""

UNIQUE: dict[str, Callable[[Any], Hashable]] = {
    "flats": lambda row: row.flat,
    "tenancies": lambda row: row.tenancy,
    "persons": lambda row: (row.tenancy, row.person),
    "neighbours": lambda row: tuple(sorted((row.flat_a, row.flat_b))),
    "costs": lambda row: row.id,
}
"""The unique key of a row; None: the row has none."""

REFERENCES = (
    ("tenancies", "flat", "flats", "flat"),
    ("devices", "flat", "flats", "flat"),
    ("neighbours", "flat_a", "flats", "flat"),
    ("neighbours", "flat_b", "flats", "flat"),
    ("persons", "tenancy", "tenancies", "tenancy"),
    ("aconto", "tenancy", "tenancies", "tenancy"),
    ("costs", "replaces", "costs", "id"),
)
"""File and column that name a row of another file, by its column."""

SPANS = (
    ("tenancies", "start", "end", "from", "to"),
    ("tenancies", "climate_from", "climate_to", "climate_from", "climate_to"),
    ("persons", "start", "end", "from", "to"),
    ("devices", "start", "end", "from", "to"),
    ("costs", "period_start", "period_end", "period_start", "period_end"),
    ("aconto", "period_start", "period_end", "period_start", "period_end"),
)
"""File, fields and columns of a first day and of the day after the last."""

ALONE = (("tenancies", "flat"), ("devices", "device"))
"""File and column of which no two rows may share a day."""


NOTHING: Mapping[str, frozenset[str] | None] = {}


def check_records(
    records: RecordsWithRows, unread: Mapping[str, frozenset[str] | None] = NOTHING
) -> list[Finding]:
    """
    Return a finding for every row that contradicts another row or itself.

    Parameters
    ----------
    records : mapping of str to list
    unread : mapping of str to frozenset of str or None, optional
        Cells of rows that could not be read, by file; None if none of the file could. References
        to them are not reported too, or one wrong area would be reported for every device.
    """
    return [
        *_duplicates(records),
        *_unknown_references(records, unread),
        *_wrong_order(records),
        *_overlaps(records),
        *_own_neighbours(records["neighbours"]),
        *_circles(records["costs"]),
        *_points(records["devices"]),
    ]


def _duplicates(records: RecordsWithRows) -> Iterator[Finding]:
    for name, key_of in UNIQUE.items():
        first: dict[Hashable, int] = {}
        for number, row in records[name]:
            key = key_of(row)
            if key is None:
                continue
            if key in first:
                problem = f"repeats '{_shown(key)}', as row {first[key]} does; remove one of them"
                yield _finding("duplicate", name, number, problem, id=_shown(key), other=first[key])
            first.setdefault(key, number)


def _unknown_references(
    records: RecordsWithRows, unread: Mapping[str, frozenset[str] | None]
) -> Iterator[Finding]:
    for name, column, other, key in REFERENCES:
        there = unread.get(other, frozenset())
        if there is None:
            continue
        known = there | {getattr(row, key) for _, row in records[other]}
        for number, row in records[name]:
            named = getattr(row, column)
            for value in named if isinstance(named, tuple) else (named,):
                if value is not None and value not in known:
                    problem = (
                        f"column {column} holds '{value}', which no row of {other}.csv has; "
                        "add it there, or correct it here"
                    )
                    yield _finding("unknown", name, number, problem, column=column, value=value)


def _wrong_order(records: RecordsWithRows) -> Iterator[Finding]:
    for name, start, end, first, last in SPANS:
        for number, row in records[name]:
            begins, ends = getattr(row, start), getattr(row, end)
            if begins is not None and ends is not None and ends <= begins:
                problem = (
                    f"{last} {ends} is not after {first} {begins}; "
                    f"{last} is the day after the last one; correct one of them"
                )
                data = {first: str(begins), last: str(ends)}
                yield _finding("order", name, number, problem, **data)


def _overlaps(records: RecordsWithRows) -> Iterator[Finding]:
    for name, column in ALONE:
        groups: dict[str, Rows] = defaultdict(list)
        for number, row in records[name]:
            groups[getattr(row, column)].append((number, row))
        for key, rows in groups.items():
            yield from _overlaps_within(name, f"{column} {key}", rows)


def _overlaps_within(name: str, whom: str, rows: Rows) -> Iterator[Finding]:
    rows = sorted(rows, key=lambda each: (each[1].start, each[0]))
    latest_number, latest = rows[0]
    for number, row in rows[1:]:
        if row.start < (latest.end or date.max):
            problem = (
                f"{whom} also has days from {row.start} on in row {latest_number}; "
                "end that row by then, or start this one later"
            )
            yield _finding(
                "overlap", name, number, problem, other=latest_number, start=str(row.start)
            )
        if (row.end or date.max) > (latest.end or date.max):
            latest_number, latest = number, row


def _own_neighbours(rows: Rows) -> Iterator[Finding]:
    for number, row in rows:
        if row.flat_a == row.flat_b:
            problem = f"flat {row.flat_a} is its own neighbour; correct flat_b"
            yield _finding("neighbour", "neighbours", number, problem, flat=row.flat_a)


def _circles(rows: Rows) -> Iterator[Finding]:
    """Find rows of costs.csv that replace themselves, directly or through others."""
    numbers = {row.id: number for number, row in rows if row.id}
    try:
        TopologicalSorter({row.id: row.replaces for _, row in rows if row.id}).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        problem = f"{' replaces '.join(reversed(circle))}; correct one of these"
        yield _finding("circle", "costs", numbers[circle[0]], problem, ids=circle)


def _points(rows: Rows) -> list[Finding]:
    """Find devices that contradict each other in the measuring points that they name."""
    named = [Placement(number, row) for number, row in rows if row.point is not None]
    return place_devices(named, {}).findings


def _finding(fault: str, name: str, number: int, problem: str, **data: object) -> Finding:
    file = f"{name}.csv"
    message = f"{file} row {number}: {problem}"
    return Finding(f"estate.rows.{fault}", message, {"file": file, "row": number, **data})


def _shown(key: Hashable) -> str:
    return " and ".join(key) if isinstance(key, tuple) else str(key)
