"""Reads another system's file as records, by a profile; faults in the file become findings."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from billing.exchange.cells import CellFault, read_cell
from billing.exchange.write import check_text
from estate.files.documents import limits, shown
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from billing.exchange.columns import Record
    from billing.exchange.profile import FieldSpec, Profile

    CutLine = Callable[[Sequence[FieldSpec]], list[str]]
    """Gives the cells of a line as if it were of some kind; none where it cannot be."""

DOS_END = "\x1a"
"""What old systems put at a file's end."""
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}".encode()


@dataclass
class FileRead:
    """
    The contents of a file.

    Attributes
    ----------
    records : list of Record
        Of the lines without a fault.
    findings : list of Finding
        What is wrong, with file and row.
    parameters : dict of str to str
        What the sender states once for the file, from the last line that has it.
    """

    file: str
    records: list[Record] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    head: Record = field(default_factory=dict)
    feet: int = 0

    def find(self, name: str, row: int | None, problem: str, **data: Any) -> None:  # noqa: ANN401
        """Add a finding on a row, or on the whole file if no row is given."""
        where = self.file if row is None else f"{self.file} row {row}"
        facts = {"file": self.file} | ({} if row is None else {"row": row}) | data
        self.findings.append(Finding(name, f"{where}{problem}", facts))


def read_bytes(content: bytes, profile: Profile, file: str) -> FileRead:
    """
    Read a delimited file, or one of fixed positions.

    Parameters
    ----------
    content : bytes
    profile : Profile
    file : str
        Its name, for findings.
    """
    found = FileRead(file)
    text = _decoded(content, profile, found)
    if text is None:
        return found
    text = text.rstrip(DOS_END)
    if profile.format == "fixed":
        _read_fixed(text, profile, found)
    else:
        _read_delimited(text, profile, found)
    return _ended(profile, found)


def read_table(rows: Sequence[Sequence[str]], profile: Profile, file: str) -> FileRead:
    """Read the cells of a workbook, its header first; see `read_bytes`."""
    found = FileRead(file)
    _read_rows(list(enumerate((list(row) for row in rows), 1)), profile, found)
    return _ended(profile, found)


def _decoded(content: bytes, profile: Profile, found: FileRead) -> str | None:
    bounds = limits()["table"]
    if len(content) > bounds.bytes:
        found.find(
            "exchange.file.unreadable",
            None,
            f" is larger than {bounds.bytes >> 20} MiB; divide it, or check that it is the file",
        )
        return None
    if content.startswith(BYTE_ORDER_MARK) and not profile.encoding.startswith("utf-8"):
        found.find(
            "exchange.file.unreadable",
            None,
            f" is UTF-8, and {profile.name} is {profile.encoding}; save it in that code page, or "
            "correct encoding in the profile",
        )
        return None
    try:
        return content.decode(profile.encoding)
    except UnicodeDecodeError as error:
        found.find(
            "exchange.file.unreadable",
            error.object.count(b"\n", 0, error.start) + 1,
            f" is not {profile.encoding} at byte {error.start}; save it in that code page, or "
            "correct encoding in the profile",
            byte=error.start,
        )
        return None


def _ended(profile: Profile, found: FileRead) -> FileRead:
    if not found.records and not found.findings:
        found.find("exchange.file.unreadable", None, " holds no record; check that it is the file")
    elif profile.foot and found.feet != 1:
        found.find(
            "exchange.total.wrong",
            None,
            f" has {found.feet} lines that end it, and {profile.name} has one; it may be cut off, "
            "ask for it again",
        )
    return found


def _read_fixed(text: str, profile: Profile, found: FileRead) -> None:
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    for row, ended in enumerate(lines, 1):
        line = ended.removesuffix("\r")
        if len(line) != profile.length:
            found.find(
                "exchange.record.length",
                row,
                f" has {len(line)} characters, and a record of {profile.name} has {profile.length};"
                " it may be cut off or of another version or code page, ask for it again",
                characters=len(line),
            )
            continue
        _read_line(row, partial(_cut, line), profile, found)


def _cut(line: str, fields: Sequence[FieldSpec]) -> list[str]:
    spans = (each.span() for each in fields)
    return [line[start : start + length] for start, length in spans]


def _read_delimited(text: str, profile: Profile, found: FileRead) -> None:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=profile.delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    cells, bounds = 0, limits()["table"]
    try:
        for record in reader:
            cells += len(record)
            if len(rows) >= bounds.rows or cells > bounds.cells:
                found.find(
                    "exchange.file.unreadable", reader.line_num, " is one too many; divide the file"
                )
                return
            rows.append((reader.line_num, record))
    except csv.Error as error:
        problem = f" is no row of a table ({error}); save it as CSV again"
        found.find("exchange.file.unreadable", reader.line_num, problem)
        return
    _read_rows([(row, record) for row, record in rows if any(record)], profile, found)


def _read_rows(rows: list[tuple[int, list[str]]], profile: Profile, found: FileRead) -> None:
    order = list(range(len(profile.fields)))
    if not profile.head:
        header = rows.pop(0)[1] if rows else []
        placed = _columns(header, profile, found)
        if placed is None:
            return
        order = placed
    for row, cells in rows:
        _read_line(row, partial(_picked, cells, order, profile), profile, found)


def _picked(
    cells: Sequence[str], order: Sequence[int], profile: Profile, fields: Sequence[FieldSpec]
) -> list[str]:
    """Return the cells of a kind of line in the order of its fields; none if they do not fit."""
    if fields is profile.fields:
        return [cells[place] for place in order] if len(cells) == len(order) else []
    return list(cells) if len(cells) == len(fields) else []


def _columns(header: Sequence[str], profile: Profile, found: FileRead) -> list[int] | None:
    """Find each field's column by its header; None if one is missing, unknown or repeated."""
    names = [each.strip() for each in header]
    wanted = [each.label for each in profile.fields]
    missing = [each for each in wanted if each not in names]
    unknown = [each for each in names if each not in wanted]
    if missing or unknown or len(names) != len(set(names)):
        found.find(
            "exchange.file.unreadable",
            1,
            f" names {shown(', '.join(names))}, and {profile.name} wants {', '.join(wanted)}; "
            "correct the header, or take another profile",
            missing=missing,
            unknown=unknown,
        )
        return None
    return [names.index(each) for each in wanted]


def _read_line(row: int, cut: CutLine, profile: Profile, found: FileRead) -> None:
    """Identify a line by its constant fields, and read it."""
    for part in (profile.head, profile.foot, profile.fields):
        cells = cut(part) if part else []
        if cells and _is_line_of(part, cells):
            break
    else:
        found.find(
            "exchange.record.unknown",
            row,
            f" is no record of {profile.name}; look whether it is another kind of file, or another "
            "version",
        )
        return
    before = len(found.findings)
    record = _values(row, part, cells, profile, found)
    if len(found.findings) > before:
        return
    if part is profile.head:
        found.head = record
    elif part is profile.foot:
        found.feet += 1
        _check_foot(row, part, record, found)
    elif found.feet:
        found.find("exchange.record.unknown", row, " comes after the file's end; ask for it again")
    else:
        found.records.append(found.head | record)


def _is_line_of(fields: Sequence[FieldSpec], cells: Sequence[str]) -> bool:
    return all(
        each.text is None or each.ignored or cell.strip() == each.text.strip()
        for each, cell in zip(fields, cells, strict=True)
    )


def _values(
    row: int,
    fields: Sequence[FieldSpec],
    cells: Sequence[str],
    profile: Profile,
    found: FileRead,
) -> Record:
    record: Record = {}
    written = {each.label: cell for each, cell in zip(fields, cells, strict=True)}
    for each, cell in zip(fields, cells, strict=True):
        if each.text is not None:
            continue
        try:
            if each.check is not None:
                _check(each, cell, written)
                continue
            value = read_cell(cell, each, profile)
        except CellFault as fault:
            name = "exchange.check.wrong" if each.check else "exchange.value.invalid"
            problem = f", field {each.label} holds '{shown(cell.strip())}': {fault}"
            found.find(name, row, problem, field=each.label, value=shown(cell.strip()))
            continue
        if each.parameter is not None:
            found.parameters[each.parameter] = "" if value is None else str(value)
        else:
            record[_key(each)] = value
    return record


def _key(field: FieldSpec) -> str:
    if field.total:
        return f"total {field.total}"
    return field.column or ("number" if field.sequence else "number of records")


def _check(field: FieldSpec, cell: str, written: Mapping[str, str]) -> None:
    expected = check_text(field, written)
    if cell.strip() != expected:
        raise CellFault(f"the check digits are {expected}; the row was changed or mistyped")


def _check_foot(row: int, fields: Sequence[FieldSpec], told: Record, found: FileRead) -> None:
    for each, value in _totals(fields, found.records):
        if value != told.get(_key(each)):
            found.find(
                "exchange.total.wrong",
                row,
                f", {each.label} is {told.get(_key(each))}, and the records of the file give "
                f"{value}; it is incomplete or was changed, ask for it again",
                told=told.get(_key(each)),
                found=value,
            )


def _totals(
    fields: Sequence[FieldSpec], records: Sequence[Record]
) -> Iterator[tuple[FieldSpec, int | float]]:
    for each in fields:
        if each.count:
            yield each, len(records)
        elif each.total:
            values = (record.get(each.total) for record in records)
            yield each, sum(value for value in values if isinstance(value, (int, float)))
