"""Writes records as the bytes of a file, laid out by a profile. Pure."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.exchange.cells import CellFault, write_cell
from billing.exchange.check_digits import METHODS
from estate.errors import DataError, UsageError
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from billing.exchange.columns import Record, Value
    from billing.exchange.profile import FieldSpec, Profile

LINE_ENDS = {"crlf": "\r\n", "lf": "\n"}
CREATED = "%Y%m%d%H%M%S"
SHOWN_FAULTS = 100


@dataclass(frozen=True)
class _Line:
    """What one line is made of."""

    record: Record
    number: int
    records: Sequence[Record]


def file_text(
    records: Sequence[Record], profile: Profile, parameters: Mapping[str, str] | None = None
) -> str:
    """
    Lay records out as the text of a file, delimited or of fixed positions.

    Parameters
    ----------
    records : sequence of Record
    profile : Profile
    parameters : mapping of str to str, optional
        The caller's parameters, by their names in the profile.

    Raises
    ------
    DataError
        Lists every value that does not fit its field.
    UsageError
        If a parameter is missing or unknown.
    """
    cells = cell_rows(records, profile, parameters)
    end = LINE_ENDS[profile.line_end]
    if profile.format == "fixed":
        return "".join(_fixed_line(fields, row, profile) + end for fields, row in cells)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=profile.delimiter, lineterminator=end)
    if not profile.head:
        writer.writerow([field.label for field in profile.fields])
    writer.writerows(row for _, row in cells)
    return text.getvalue()


def file_bytes(
    records: Sequence[Record], profile: Profile, parameters: Mapping[str, str] | None = None
) -> bytes:
    """Lay records out as the bytes of a file; see `file_text`."""
    return file_text(records, profile, parameters).encode(profile.encoding)


def cell_rows(
    records: Sequence[Record], profile: Profile, parameters: Mapping[str, str] | None = None
) -> list[tuple[Sequence[FieldSpec], list[str]]]:
    """Write every cell of every line, each line with its fields; see `file_text`."""
    told = told_parameters(profile, parameters or {})
    faults: list[Finding] = []
    first: Record = records[0] if records else {}
    lines: list[tuple[Sequence[FieldSpec], _Line]] = [
        (profile.fields, _Line(each, n, records)) for n, each in enumerate(records, 1)
    ]
    if profile.head:
        lines.insert(0, (profile.head, _Line(first, 0, records)))
    if profile.foot:
        lines.append((profile.foot, _Line(first, len(records) + 1, records)))
    cells = [(fields, _cells(fields, line, profile, told, faults)) for fields, line in lines]
    if faults:
        raise DataError(faults[:SHOWN_FAULTS])
    return cells


def told_parameters(profile: Profile, given: Mapping[str, str]) -> dict[str, str]:
    """
    Return the parameters with their defaults.

    Raises
    ------
    UsageError
        Names those that are missing, or unknown to the profile.
    """
    unknown = [name for name in given if name not in profile.parameters]
    if unknown:
        known = ", ".join(profile.parameters) or "none"
        raise UsageError(f"{profile.name} has no parameter {', '.join(unknown)}; it has {known}")
    told = {name: each.default for name, each in profile.parameters.items()} | dict(given)
    missing = [name for name, value in told.items() if value is None]
    if missing:
        meanings = ", ".join(f"{name} ({profile.parameters[name].meaning})" for name in missing)
        raise UsageError(f"{profile.name} needs {meanings}; add --set {missing[0]}=...")
    return {name: value for name, value in told.items() if value is not None}


def file_name(profile: Profile, record: Record, created: datetime) -> str:
    """Return the name of the file, from the profile's template."""
    return profile.file_name.format(
        building=record.get("building", ""),
        start=record.get("period_start", ""),
        end=record.get("period_end", ""),
        created=created.strftime(CREATED),
    )


def _cells(
    fields: Sequence[FieldSpec],
    line: _Line,
    profile: Profile,
    told: Mapping[str, str],
    faults: list[Finding],
) -> list[str]:
    written: dict[str, str] = {}
    cells = []
    for field in fields:
        value = None
        try:
            value = _value(field, line, told, written)
            text = write_cell(value, field, profile)
            text.encode(profile.encoding)
            if field.needed and text.strip() == "":
                raise CellFault("is not known; fill it in where it comes from")  # noqa: TRY301
        except CellFault as fault:
            faults.append(_unfit(line, field, value, str(fault)))
            text = ""
        except UnicodeEncodeError as error:
            sign = error.object[error.start : error.end]
            problem = f"holds '{sign}', which {profile.encoding} has not; write it in another way"
            faults.append(_unfit(line, field, value, problem))
            text = ""
        written[field.label] = text
        cells.append(text)
    return cells


def _value(
    field: FieldSpec, line: _Line, told: Mapping[str, str], written: Mapping[str, str]
) -> Value:
    if field.column is not None:
        return line.record.get(field.column)
    if field.parameter is not None:
        return told[field.parameter]
    if field.total is not None:
        # Amounts are whole øre, so that their sum is exact.
        return sum(_number(each.get(field.total)) for each in line.records)
    if field.check is not None:
        return check_text(field, written)
    if field.sequence:
        return line.number
    return len(line.records) if field.count else field.text


def check_text(field: FieldSpec, written: Mapping[str, str]) -> str:
    """
    Compute the check digits of a field over others, as they are written.

    Raises
    ------
    CellFault
        If those contain anything but digits.
    """
    if field.check is None:
        return ""
    digits = "".join(written[name] for name in field.check.over)
    if not (digits.isascii() and digits.isdecimal()):
        raise CellFault(f"cannot be computed over '{digits}'; only digits have check digits")
    return METHODS[field.check.method](digits)


def _number(value: Value) -> int | float:
    return value if isinstance(value, (int, float)) else 0


def _fixed_line(fields: Sequence[FieldSpec], cells: Sequence[str], profile: Profile) -> str:
    line = ""
    for field, cell in zip(fields, cells, strict=True):
        start, _ = field.span()
        line = line.ljust(start) + cell
    return line.ljust(profile.length or 0)


def _unfit(line: _Line, field: FieldSpec, value: Value, problem: str) -> Finding:
    tenancy = line.record.get("tenancy")
    where = f"record {line.number}" + (f" (tenancy {tenancy})" if tenancy else "")
    shown = "" if value is None else f" '{value}'"
    return Finding(
        "exchange.value.unfit",
        f"{where}, field {field.label}{shown}: {problem}",
        {"record": line.number, "tenancy": tenancy, "field": field.label, "value": str(value)},
    )
