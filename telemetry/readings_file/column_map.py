"""
Column maps: the meaning of the columns of another system's export, as data.

A map is a YAML or TOML file; docs/readings-file.md describes it for those who write one. The maps
of well-known portals are shipped in ``telemetry/readings_file/column_maps`` and selected by name.
"""

from __future__ import annotations

from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from estate.errors import UsageError
from estate.files.documents import DocumentRefused, load_toml, load_yaml
from estate.numbers.units import Unit, own_unit, suffixes_for, unit_written, units
from estate.quantities import quantities
from telemetry.readings_file.templates import Template

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

SHIPPED = "column_maps"
ISO, SECONDS, MILLISECONDS, SERIAL = "iso", "epoch_s", "epoch_ms", "excel"
NAMED_FORMATS = (ISO, SECONDS, MILLISECONDS, SERIAL)

ColumnName = int | str
"""A column's header, or its number from 1."""
Interval = Literal["quarter", "hour", "day", "month", "year"]
NAME = Annotated[str, Field(min_length=1, max_length=200)] | Annotated[int, Field(ge=1)]


class MapSection(BaseModel):
    """Base of every section of a map: frozen, unknown names rejected."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TimeColumn(MapSection):
    """
    Location and format of the time.

    Attributes
    ----------
    columns : tuple of column names
        One column, or those of date and time of day.
    format : tuple of str
        Tried in turn: one of `NAMED_FORMATS`, or a format of ``strptime`` (``%d-%m-%Y %H:%M``).
    zone : str
        Time zone of times without an offset, such as ``Europe/Copenhagen``.
    interval : str, optional
        A row covers an interval of this length; a register is read at its end.
    written : str
        Which end of the interval the time refers to.
    until : column name, optional
        Column of the interval's end, where intervals differ in length.
    """

    columns: tuple[NAME, ...] = Field(alias="column", min_length=1, max_length=2)
    format: tuple[Annotated[str, Field(max_length=100)], ...] = (ISO,)
    zone: str | None = None
    interval: Interval | None = None
    written: Literal["start", "end"] = "start"
    until: NAME | None = None

    @field_validator("columns", "format", mode="before")
    @classmethod
    def _one_is_a_list_of_one(cls, value: object) -> object:
        return (value,) if isinstance(value, (str, int)) else value

    @field_validator("zone")
    @classmethod
    def _zone_is_known(cls, zone: str | None) -> str | None:
        if zone is not None and zone not in available_timezones():
            raise ValueError("write it as Europe/Copenhagen")
        return zone

    @model_validator(mode="after")
    def _local_times_have_a_zone(self) -> Self:
        local = [each for each in self.format if each not in NAMED_FORMATS and "%z" not in each]
        if (local or SERIAL in self.format) and self.zone is None:
            raise ValueError("times without an offset need a zone, such as Europe/Copenhagen")
        if self.until is not None and (self.interval is not None or len(self.columns) > 1):
            raise ValueError("until goes with one column and without interval")
        return self


class DeviceColumn(MapSection):
    """
    Location of the device's id: a column, each column's header, or the file name.

    Attributes
    ----------
    names : dict of str to str
        Ids by the export's device names, where the two differ.
    """

    column: NAME | None = None
    header: Template | None = None
    file_name: Template | None = None
    id: str | None = None
    names: dict[str, str] = Field(default_factory=dict)

    @field_validator("names", mode="before")
    @classmethod
    def _ids_may_be_numbers(cls, names: object) -> object:
        if not isinstance(names, dict):
            return names
        return {str(name): str(device) for name, device in names.items()}

    @field_validator("id", mode="before")
    @classmethod
    def _an_id_may_be_a_number(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value

    @model_validator(mode="after")
    def _there_is_one_place(self) -> Self:
        places = (self.column, self.header, self.file_name, self.id)
        if sum(place is not None for place in places) != 1:
            raise ValueError("write one of column, header, file_name and id")
        for template in (self.header, self.file_name):
            if template is not None and "device" not in template.fields:
                raise ValueError("write {device} in place of the id")
        return self


class Meaning(MapSection):
    """
    Quantity and unit of a value.

    Attributes
    ----------
    quantity : str
    unit : str, optional
        Unit of the file; default: the quantity's own.
    use : bool
        Consumption in the interval rather than the register's value.
    """

    quantity: str
    unit: str | None = None
    use: bool = False

    @field_validator("quantity")
    @classmethod
    def _quantity_is_known(cls, name: str) -> str:
        if name not in quantities():
            raise ValueError(f"write one of {', '.join(quantities())}")
        return name

    @model_validator(mode="after")
    def _unit_fits(self) -> Self:
        if self.unit is not None and self.conversion(self.unit) is None:
            fitting = ", ".join(suffixes_for(self.quantity))
            raise ValueError(
                f"{self.unit} is not a unit of {self.quantity}; write one of {fitting}"
            )
        if self.use and quantities()[self.quantity].kind != "register":
            raise ValueError(f"{self.quantity} is not a register, so it has no consumption")
        return self

    @property
    def has_one_unit(self) -> bool:
        """Whether all units of the quantity are the same, so that it may be left out."""
        own = Unit(own_unit(self.quantity))
        return all(units()[suffix] == own for suffix in suffixes_for(self.quantity))

    def conversion(self, unit: str | None) -> Unit | None:
        """Return the unit of a text if it fits the quantity; the quantity's own for no text."""
        if not unit:
            return Unit(own_unit(self.quantity))
        found = unit_written(unit)
        return found if found is not None and found.to == own_unit(self.quantity) else None


class ValueColumn(MapSection):
    """
    A column of values and their meaning.

    Attributes
    ----------
    column : column name, optional
        Omitted where each device has a column.
    unit_column : column name, optional
        Column of each row's unit.
    optional : bool
        The file may lack the column.
    """

    column: NAME | None = None
    quantity: str | None = None
    unit: str | None = None
    unit_column: NAME | None = None
    use: bool = False
    optional: bool = False

    @model_validator(mode="after")
    def _meaning_is_one(self) -> Self:
        if self.quantity is not None:
            self.meaning  # noqa: B018  raises where it is none
        if self.unit is not None and self.unit_column is not None:
            raise ValueError("write unit or unit_column, not both")
        return self

    @cached_property
    def meaning(self) -> Meaning | None:
        """Meaning of the column's values, where the map defines it for the whole column."""
        if self.quantity is None:
            return None
        return Meaning(quantity=self.quantity, unit=self.unit, use=self.use)


class QuantityColumn(MapSection):
    """
    Location of the quantity's name: in each row, or in each column's header.

    Attributes
    ----------
    column : column name, optional
        Omitted where the header's template contains ``{quantity}``.
    names : dict of str to Meaning or None
        Meaning of the export's names; None is skipped.
    """

    column: NAME | None = None
    names: dict[str, Meaning | None]


class ColumnMap(MapSection):
    """
    A complete map; omitted settings are detected from the file.

    Attributes
    ----------
    name : str
        For findings.
    skip_rows : int, optional
        Rows above the header; detected if omitted.
    header_rows : int
        Rows of the header; their texts are joined by a space.
    rows : str, optional
        Path of the list of rows in a JSON file: names joined by points.
    """

    name: str
    description: str = ""
    format: Literal["csv", "xlsx", "json", "eloverblik"] = "csv"
    encoding: Literal["utf-8", "utf-16", "latin-1", "cp1252"] | None = None
    delimiter: Literal[",", ";", "\t", "|", "tab"] | None = None
    decimal: Literal[",", "."] | None = None
    thousands: Literal[",", ".", " ", "'"] | None = None
    skip_rows: Annotated[int, Field(ge=0, le=1000)] | None = None
    header_rows: Annotated[int, Field(ge=0, le=5)] = 1
    sheet: str | Annotated[int, Field(ge=1)] | None = None
    rows: str | None = None
    time: TimeColumn
    device: DeviceColumn
    quantity: QuantityColumn | None = None
    values: tuple[ValueColumn, ...] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Self:
        if self.thousands is not None and self.thousands == self.decimal:
            raise ValueError("thousands and decimal separator are the same")
        for value in self.values:
            if (value.quantity is None) == (self.quantity is None):
                raise ValueError(
                    "define the quantity once: for each value, or in the section quantity"
                )
            if value.column is None and self.device.header is None:
                raise ValueError("each entry of values needs a column")
        if self.device.header is not None:
            self._check_header_devices(self.device.header)
        no_length = self.time.interval is None and self.time.until is None
        if no_length and any(each.use for each in self.meanings()):
            raise ValueError("use: true needs time.interval or time.until")
        return self

    def meanings(self) -> Iterator[Meaning]:
        """Yield every meaning that values may have."""
        yield from (value.meaning for value in self.values if value.meaning is not None)
        if self.quantity is not None:
            yield from (each for each in self.quantity.names.values() if each is not None)

    def _check_header_devices(self, template: Template) -> None:
        if len(self.values) != 1 or self.values[0].column is not None:
            raise ValueError("with device.header, values has one entry without a column")
        in_header = "quantity" in template.fields
        in_column = self.quantity is not None and self.quantity.column is not None
        if self.quantity is not None and in_header == in_column:
            raise ValueError("write quantity.column, or {quantity} in device.header")
        if self.quantity is None and in_header:
            raise ValueError("{quantity} in device.header needs the section quantity")


def shipped_maps() -> dict[str, Traversable]:
    """Return the shipped maps by name."""
    files = resources.files("telemetry.readings_file").joinpath(SHIPPED).iterdir()
    return {file.name.removesuffix(".yaml"): file for file in files if file.name.endswith(".yaml")}


def load_map(name: str) -> ColumnMap:
    """
    Load a shipped map by name, or a map file by path.

    Raises
    ------
    UsageError
        Names the section that is wrong.
    """
    file = shipped_maps().get(name)
    path = Path(str(file)) if file is not None else Path(name)
    try:
        document = load_toml(path) if path.suffix == ".toml" else load_yaml(path)
    except DocumentRefused as error:
        raise UsageError(f"{path.name} {error}") from error
    except OSError as error:
        known = ", ".join(sorted(shipped_maps()))
        raise UsageError(
            f"there is no column map {name} ({error.strerror}); name a file, or one of {known}"
        ) from error
    if not isinstance(document, dict):
        raise UsageError(f"{path.name} is not a column map; docs/readings-file.md shows the format")
    try:
        return ColumnMap.model_validate({"name": path.stem} | document)
    except ValidationError as error:
        raise UsageError(f"{path.name}: {_faults(error)}") from error


def _faults(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in fault['loc']) or 'the map'}: {fault['msg']}"
        for fault in error.errors(include_url=False)
    )
