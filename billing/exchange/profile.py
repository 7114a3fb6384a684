"""
Profiles: how a file of another system is laid out, as data.

A profile is a YAML file; docs/exchange.md describes it for those who write one. Those shipped in
``billing/exchange/profiles`` are selected by name.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from billing.exchange.check_digits import CheckDigits
from billing.exchange.columns import NUMERIC, tables
from estate.errors import UsageError
from estate.files.documents import DocumentRefused, load_yaml
from estate.files.rows import remedy_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from importlib.resources.abc import Traversable

    from billing.exchange.columns import Column, Kind

Short = Annotated[str, Field(max_length=200)]
Encoding = Literal["utf-8-sig", "utf-8", "iso8859-15", "iso8859-1", "cp1252", "cp850", "cp865"]
ORE_DECIMALS = 2


class ProfileSection(BaseModel):
    """Base of every part of a profile: frozen, unknown names rejected."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Sign(ProfileSection):
    """How a negative number is marked: ``-`` before the digits by default."""

    minus: Annotated[str, Field(min_length=1, max_length=2)] = "-"
    plus: Annotated[str, Field(max_length=2)] = ""
    at: Literal["start", "end"] = "start"

    @model_validator(mode="after")
    def _the_two_differ(self) -> Self:
        if self.minus == self.plus or any(each.isdigit() for each in self.minus + self.plus):
            raise ValueError("minus and plus must differ and hold no digit")
        return self


class Check(ProfileSection):
    """Check digits over other fields, as they are written."""

    method: CheckDigits
    over: tuple[Short, ...] = Field(min_length=1)


class Parameter(ProfileSection):
    """What the caller states once for the whole file."""

    meaning: Short
    default: Short | None = None


class FieldSpec(ProfileSection):
    """
    One field of a line; exactly one of its sources is given.

    Attributes
    ----------
    name : str, optional
        Header of a column, and what messages call the field; by default that of its source.
    place : str or int, optional
        First and last position of a fixed line, counted from 1: ``58-67``, or ``1``.
    text, column, parameter : str, optional
        What it contains: a constant; a column of the table; a parameter from the caller.
    check : Check, optional
    sequence, count : bool
        The number of the record; the total number of records, in a line at the end.
    total : str, optional
        Sum of a column over all records, in a line at the end.
    needed : bool
        It may not be blank in any file.
    pad : str, optional
        How a fixed field is padded; with zeros for numbers, otherwise with blanks at the right.
    decimals : int, optional
        For amounts 2 unless given; for other numbers as many as they have.
    implied : bool
        The decimal mark is left out.
    codes : str, optional
        The table of codes that stand for the values.
    cut : bool
        A text that is too long is truncated rather than being a fault.
    """

    name: Short | None = None
    place: str | int | None = None
    text: Short | None = None
    column: Short | None = None
    parameter: Short | None = None
    check: Check | None = None
    sequence: bool = False
    count: bool = False
    total: Short | None = None
    needed: bool = False
    pad: Literal["zeros", "left", "right"] | None = None
    decimals: Annotated[int, Field(ge=0, le=9)] | None = None
    implied: bool = False
    codes: Short | None = None
    cut: bool = False
    ignored: bool = False

    @model_validator(mode="after")
    def _it_has_one_source(self) -> Self:
        sources = (self.text, self.column, self.parameter, self.check, self.total)
        given = sum(each is not None for each in sources) + self.sequence + self.count
        if given != 1:
            raise ValueError(
                "write one of text, column, parameter, check, sequence, count and total"
            )
        if self.implied and self.decimals is None:
            raise ValueError("implied needs decimals")
        self.span()
        return self

    @property
    def label(self) -> str:
        """What messages call the field."""
        source = self.column or self.parameter or self.total or self.text
        return self.name or source or f"position {self.place}"

    def span(self) -> tuple[int, int]:
        """Return where the field starts and how long it is; (0, 0) without a position."""
        if self.place is None:
            return 0, 0
        first, _, last = str(self.place).partition("-")
        if not (first.isdecimal() and (last or first).isdecimal()):
            raise ValueError("write place as 58-67, or as 1")
        start, length = int(first) - 1, int(last or first) - int(first) + 1
        if start < 0 or length < 1:
            raise ValueError("write place as 58-67, or as 1")
        return start, length


class Profile(ProfileSection):
    """
    A whole profile.

    Attributes
    ----------
    table : str
        Of `billing.exchange.columns.tables`.
    length : int, optional
        Of every line of a fixed file. [characters]
    file_name : str
        May hold ``{building}``, ``{start}``, ``{end}`` and ``{created}`` (JJJJMMTThhmmss).
    codes : mapping of str to mapping of str to str
        Tables of codes: by name, what stands for each of our values. Where two values have one
        code, reading gives the first.
    head, fields, foot : tuple of FieldSpec
        The line at the beginning (a read file may have it again, for the records below it), that
        of each record, and that at the end.
    """

    name: Short
    description: Short
    source: Annotated[str, Field(max_length=1000)] = ""
    table: Short
    format: Literal["delimited", "fixed", "xlsx"]
    encoding: Encoding = "utf-8-sig"
    line_end: Literal["crlf", "lf"] = "crlf"
    file_name: Short
    length: Annotated[int, Field(ge=1, le=10_000)] | None = None
    delimiter: Literal[",", ";", "\t", "|"] = ";"
    decimal: Literal[",", "."] = ","
    sign: Sign = Sign()
    day: Short = "%d-%m-%Y"
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    head: tuple[FieldSpec, ...] = ()
    fields: tuple[FieldSpec, ...] = Field(min_length=1, max_length=200)
    foot: tuple[FieldSpec, ...] = ()

    @field_validator("table")
    @classmethod
    def _table_is_known(cls, name: str) -> str:
        if name not in tables():
            raise ValueError(f"write one of {', '.join(tables())}")
        return name

    @model_validator(mode="after")
    def _fields_fit(self) -> Self:
        if self.format == "fixed" and self.length is None:
            raise ValueError("a fixed file needs length")
        if self.format == "xlsx" and (self.head or self.foot):
            raise ValueError("a workbook has neither head nor foot")
        for part in ("head", "fields", "foot"):
            for problem in self._problems(getattr(self, part), in_foot=part == "foot"):
                raise ValueError(f"{part}: {problem}")
        return self

    def columns(self) -> Mapping[str, Column]:
        """Return the columns of the profile's table."""
        return tables()[self.table].columns

    def kind_of(self, field: FieldSpec) -> Kind:
        """Return the kind of value in a field."""
        if field.sequence or field.count:
            return "count"
        column = field.column or field.total
        return self.columns()[column].kind if column else "text"

    def _problems(self, fields: Sequence[FieldSpec], *, in_foot: bool) -> Iterable[str]:
        for field in fields:
            yield from self._unknown_names(field, fields)
            if (field.count or field.total) and not in_foot:
                yield f"{field.label}: count and total stand in foot"
            decimals = ORE_DECIMALS if field.decimals is None else field.decimals
            if self.kind_of(field) == "amount" and decimals < ORE_DECIMALS:
                yield f"{field.label}: an amount has 2 decimals at least"
        if self.format == "fixed":
            yield from _misplaced(fields, self.length or 0)
        elif any(field.place is not None for field in fields):
            yield "place is of fixed files only"

    def _unknown_names(self, field: FieldSpec, fields: Sequence[FieldSpec]) -> Iterable[str]:
        known = self.columns()
        for column in filter(None, (field.column, field.total)):
            if column not in known:
                yield f"{column} is no column of {self.table}; write one of {', '.join(known)}"
                return
        if field.total and known[field.total].kind not in NUMERIC:
            yield f"{field.total} is no number, so that it has no total"
        if field.parameter is not None and field.parameter not in self.parameters:
            yield f"{field.parameter} is not among parameters"
        if field.codes is not None and field.codes not in self.codes:
            yield f"{field.codes} is not among codes"
        names = {each.label for each in fields}
        for name in field.check.over if field.check else ():
            if name not in names:
                yield f"check over {name}, which is no field of the line"


def _misplaced(fields: Sequence[FieldSpec], length: int) -> Iterable[str]:
    end = 0
    for field in fields:
        start, size = field.span()
        if size == 0:
            yield f"{field.label} needs its place"
        elif start < end:
            yield f"{field.label} begins before the field above it ends"
        elif start + size > length:
            yield f"{field.label} ends beyond the line's {length} characters"
        end = start + size


def shipped_profiles() -> dict[str, Traversable]:
    """Return the shipped profiles by name."""
    files = resources.files("billing.exchange").joinpath("profiles").iterdir()
    return {
        file.name.removesuffix(".yaml"): file
        for file in sorted(files, key=lambda each: each.name)
        if file.name.endswith(".yaml")
    }


def load_profile(name: str) -> Profile:
    """
    Load a shipped profile by its name, or a custom one by its path.

    Raises
    ------
    UsageError
        Naming the file and the field that is wrong.
    """
    file = shipped_profiles().get(name)
    path = Path(str(file)) if file is not None else Path(name)
    try:
        document = load_yaml(path)
    except DocumentRefused as error:
        raise UsageError(f"{path.name} {error}") from error
    except OSError as error:
        known = ", ".join(shipped_profiles())
        raise UsageError(
            f"there is no profile {name} ({error.strerror}); name a file, or one of {known}"
        ) from error
    if not isinstance(document, dict):
        raise UsageError(f"{path.name} is no profile; docs/exchange.md shows what it holds")
    try:
        # Lists of YAML are tuples here, and strictness keeps 050 from being read as 40.
        return Profile.model_validate(_tuples({"name": path.stem} | document))
    except ValidationError as error:
        raise UsageError(f"{path.name}: {_faults(error)}") from error


def profile_text(name: str) -> str:
    """
    Return a shipped profile as it is written.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    file = shipped_profiles().get(name)
    if file is None:
        known = ", ".join(shipped_profiles())
        raise UsageError(f"there is no shipped profile {name}; name one of {known}")
    return file.read_text("utf-8")


def _tuples(value: object) -> object:
    if isinstance(value, dict):
        return {key: _tuples(each) for key, each in value.items()}
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value


def _faults(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in fault['loc']) or 'the profile'}: {remedy_for(fault)}"
        for fault in error.errors(include_url=False)
    )
