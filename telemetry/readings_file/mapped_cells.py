"""Reads an export of another system as raw readings, by its column map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import IO, TYPE_CHECKING, NamedTuple

import pandas as pd

from estate.files.documents import DocumentRefused, shown
from telemetry.readings_file.raw_readings import (
    OWN_COLUMN,
    Dialect,
    RawCells,
    unread_column,
    unreadable,
)
from telemetry.readings_file.tables.json_tables import open_eloverblik, open_json
from telemetry.readings_file.tables.number_marks import separates_thousands, told_decimal_comma
from telemetry.readings_file.tables.table import (
    OVERFLOW,
    Layout,
    open_text_table,
)
from telemetry.readings_file.tables.workbooks import is_workbook, open_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from estate.findings import Finding
    from telemetry.readings_file.column_map import ColumnMap, ColumnName, Meaning
    from telemetry.readings_file.tables.table import Table

ENCODINGS = {"utf-8": "utf-8-sig"}


class Source(NamedTuple):
    """
    A column of values.

    Attributes
    ----------
    position : int
    device : str, optional
        Device of the values, where the column's header or the file names it.
    meaning : Meaning, optional
        Meaning of the values, where it is the same in all rows.
    quantity : int, optional
        Otherwise the index of the column that names the quantity.
    unit : int, optional
        Index of the unit column.
    """

    position: int
    device: str | None
    meaning: Meaning | None
    quantity: int | None
    unit: int | None


@dataclass(frozen=True)
class Plan:
    """The columns of a file by their role; indices from 0."""

    time: tuple[int, ...]
    until: int | None
    device: int | None
    sources: tuple[Source, ...]

    @property
    def positions(self) -> list[int]:
        """Indices of all columns that are read."""
        single = [self.until, self.device]
        of_sources = [each for source in self.sources for each in (source.quantity, source.unit)]
        some = [*single, *of_sources, *self.time, *(source.position for source in self.sources)]
        return sorted({each for each in some if each is not None})


def mapped_cells(
    path: Path, file: IO[bytes], column_map: ColumnMap, findings: list[Finding]
) -> Iterator[RawCells]:
    """
    Read an export by a column map.

    Parameters
    ----------
    path : Path
    file : binary file
        The same file, open, at its start.
    column_map : ColumnMap
    findings : list of Finding
        Findings on columns that should be devices and are not are appended here.

    Raises
    ------
    DataError
        If the file lacks a column of the map.
    DocumentRefused
        If it is not a file of the map's format.
    """
    table = _open(path, file, column_map)
    plan = _Planner(path, table.columns, column_map).plan(findings)
    decimal_comma = table.decimal_comma
    if column_map.decimal is not None and not table.typed:
        decimal_comma = column_map.decimal == ","
    for frame in table.parts(plan.positions):
        if decimal_comma is None:
            told = chain.from_iterable(frame[each.position].unique() for each in plan.sources)
            decimal_comma = told_decimal_comma(list(told))
        texts = chain.from_iterable(frame[each.position].unique() for each in plan.sources)
        thousands = column_map.thousands or ""
        dialect = Dialect(
            bool(decimal_comma), thousands, column_map.time, table.typed,
            grouped=bool(thousands) and separates_thousands(thousands, list(texts)),
            sparse=len(plan.sources) > 1,
        )  # fmt: skip
        yield from _cells(frame, plan, column_map, dialect, table.columns)


def _open(path: Path, file: IO[bytes], column_map: ColumnMap) -> Table:
    decimal_comma = column_map.decimal == ","
    if column_map.format == "eloverblik":
        return open_eloverblik(path)
    if column_map.format == "json":
        return open_json(path, column_map.rows, decimal_comma=decimal_comma)
    layout = _layout(column_map)
    if column_map.format == "xlsx":
        return open_workbook(file, layout, column_map.sheet, decimal_comma=decimal_comma)
    if is_workbook(file):
        raise DocumentRefused("is a workbook or an archive; write 'format: xlsx' in the map")
    return open_text_table(file, layout)


def _layout(column_map: ColumnMap) -> Layout:
    names = [plain(name) for name in column_map.time.columns if isinstance(name, str)]
    skip_rows = column_map.skip_rows
    if skip_rows is None and (not names or column_map.header_rows == 0):
        skip_rows = 0
    encoding = column_map.encoding
    return Layout(
        ENCODINGS.get(encoding, encoding) if encoding else None,
        "\t" if column_map.delimiter == "tab" else column_map.delimiter,
        skip_rows,
        column_map.header_rows,
        lambda cells: set(names) <= {plain(cell) for cell in cells},
    )


def plain(text: str) -> str:
    """Normalise a header for comparison: case and whitespace are ignored."""
    return " ".join(text.casefold().split())


@dataclass(frozen=True)
class _Planner:
    """Finds the columns of a map in a file."""

    path: Path
    columns: Sequence[str]
    column_map: ColumnMap

    def plan(self, findings: list[Finding]) -> Plan:
        time, device = self.column_map.time, self.column_map.device
        quantity = self.column_map.quantity
        in_column = None if quantity is None or quantity.column is None else quantity.column
        plan = Plan(
            tuple(self.position(name) for name in time.columns),
            None if time.until is None else self.position(time.until),
            None if device.column is None else self.position(device.column),
            (),
        )
        quantity_at = None if in_column is None else self.position(in_column)
        if device.header is None:
            return replace(plan, sources=tuple(self._sources(quantity_at)))
        used = {*plan.positions, quantity_at}
        return replace(plan, sources=tuple(self._device_columns(quantity_at, used, findings)))

    def position(self, name: ColumnName) -> int:
        found = self.positions(name)
        if len(found) == 1:
            return found[0]
        problem = f"has the column {name} twice" if found else f"lacks the column {name}"
        has = shown(", ".join(filter(None, self.columns)) or "none")
        raise unreadable(
            self.path.name,
            f"{problem} of the column map {self.column_map.name}; it has {has}. Correct the map, "
            "or choose another",
        )

    def positions(self, name: ColumnName) -> list[int]:
        if isinstance(name, int):
            return [name - 1] if name <= len(self.columns) else []
        return [place for place, column in enumerate(self.columns) if plain(column) == plain(name)]

    def _sources(self, quantity_at: int | None) -> Iterator[Source]:
        device = self._device_of_file()
        found = False
        for value in self.column_map.values:
            if value.column is None or (value.optional and not self.positions(value.column)):
                continue
            found = True
            unit = None if value.unit_column is None else self.position(value.unit_column)
            place = self.position(value.column)
            yield Source(place, device, value.meaning, quantity_at, unit)
        if not found:
            wanted = ", ".join(str(value.column) for value in self.column_map.values)
            raise unreadable(
                self.path.name,
                f"has none of the columns {wanted}; correct the map, or choose another",
            )

    def _device_of_file(self) -> str | None:
        device = self.column_map.device
        if device.file_name is None:
            return device.id
        found = device.file_name.match(self.path.name) or device.file_name.match(self.path.stem)
        if found is None:
            raise unreadable(
                self.path.name,
                f"is not named like {device.file_name.text}, so its device is unknown; "
                "rename it, or correct device.file_name in the map",
            )
        return device.names.get(found["device"], found["device"])

    def _device_columns(
        self, quantity_at: int | None, used: set[int | None], findings: list[Finding]
    ) -> Iterator[Source]:
        (value,), device = self.column_map.values, self.column_map.device
        assert device.header is not None  # noqa: S101  asked by the caller
        unit = None if value.unit_column is None else self.position(value.unit_column)
        none = True
        for place, column in enumerate(self.columns):
            if place in used or place == unit or not column:
                continue
            known = device.names.get(column)
            found = {"device": known} if known else device.header.match(column)
            meaning, skipped = self._header_meaning(found, value.meaning)
            if found is not None and not skipped:
                none = False
                name = device.names.get(found["device"], found["device"])
                yield Source(place, name, meaning, quantity_at, unit)
            elif not skipped and not column.startswith(OWN_COLUMN):
                findings.append(unread_column(self.path.name, column))
        if none:
            raise unreadable(
                self.path.name,
                f"has no column like {device.header.text}; correct device.header in the map",
            )

    def _header_meaning(
        self, found: Mapping[str, str] | None, meaning: Meaning | None
    ) -> tuple[Meaning | None, bool]:
        """Return the meaning of a device's column, and whether the map skips it."""
        if found is None or self.column_map.quantity is None or "quantity" not in found:
            return meaning, False
        names = _by_plain_name(self.column_map)
        text = plain(found["quantity"])
        if text not in names:
            raise unreadable(
                self.path.name,
                f"has a column of '{found['quantity']}', which the map does not define; add "
                "it to quantity.names, or null to skip it",
            )
        return names[text], names[text] is None


def _by_plain_name(column_map: ColumnMap) -> dict[str, Meaning | None]:
    names = column_map.quantity.names if column_map.quantity else {}
    return {plain(name): meaning for name, meaning in names.items()}


def _cells(
    frame: pd.DataFrame,
    plan: Plan,
    column_map: ColumnMap,
    dialect: Dialect,
    columns: Sequence[str],
) -> Iterator[RawCells]:
    time = _joined([frame[place] for place in plan.time])
    names = column_map.device.names
    shared = {"time": time, OVERFLOW: frame[OVERFLOW]}
    ours = {"time": columns[plan.time[0]]}
    if plan.until is not None:
        shared["until"] = frame[plan.until]
    if plan.device is not None:
        shared["device"] = frame[plan.device].map(lambda text: names.get(text.strip(), text))
        ours["device"] = columns[plan.device]
    filled = dict(zip(frame, (frame.to_numpy() != "").any(axis=0), strict=True))
    for number, source in enumerate(plan.sources):
        if number and not filled[source.position]:
            continue
        cells = pd.DataFrame(shared | {"value": frame[source.position]})
        if source.device is not None:
            cells["device"] = source.device
        if number:
            cells[OVERFLOW] = ""  # reported once for the row
        called = ours | {"value": columns[source.position]}
        if source.quantity is not None:
            called["quantity"] = columns[source.quantity]
        yield from _by_meaning(cells, source, column_map, dialect._replace(names=called), frame)


def _joined(columns: Sequence[pd.Series[str]]) -> pd.Series[str]:
    if len(columns) == 1:
        return columns[0]
    # A date in a workbook has a time of day too, midnight.
    day = columns[0].str.strip().str.removesuffix(" 00:00:00")
    joined: pd.Series[str] = day + " " + columns[1].str.strip()
    return joined.str.strip()


def _by_meaning(
    cells: pd.DataFrame,
    source: Source,
    column_map: ColumnMap,
    dialect: Dialect,
    frame: pd.DataFrame,
) -> Iterator[RawCells]:
    """Group rows by meaning and unit of their values."""
    blank = pd.Series("", index=frame.index)
    named = blank if source.quantity is None else frame[source.quantity].str.strip()
    units = blank if source.unit is None else frame[source.unit].str.strip()
    meanings = _by_plain_name(column_map)
    for (name, unit), rows in cells.groupby([named, units], sort=False):
        meaning = source.meaning
        if source.quantity is not None and source.meaning is None:
            if plain(str(name)) in meanings and meanings[plain(str(name))] is None:
                continue
            meaning = meanings.get(plain(str(name)))
        if meaning is None:
            yield RawCells(rows.assign(quantity=str(name)), 0, dialect)
            continue
        written = str(unit) or meaning.unit or ""
        missing = source.unit is not None and not written and not meaning.has_one_unit
        conversion = None if missing else meaning.conversion(written)
        told = dialect._replace(
            unit=conversion,
            unit_known=conversion is not None,
            written_unit=written,
            use=meaning.use,
        )
        yield RawCells(rows.assign(quantity=meaning.quantity), 0, told)
