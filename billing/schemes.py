"""Schemes: dated rules by which the costs of each item are split, read from YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from billing.derivation import Derivation
from billing.shown import number as shown
from estate.errors import UsageError
from estate.files.documents import DocumentRefused, parse_yaml, read_bounded_text
from estate.model import CostKind, DeviceKind, Id, Record, Text

Key = Literal[
    "area", "equal", "volume", "shares", "heat_units", "heat_units_position", "hot_water_m3",
    "cold_water_m3", "cooling_kwh", "electricity_kwh", "degree_hours", "base_temperature",
    "own_heat_loss", "climate_bands",
]  # fmt: skip
NamedShares = Annotated[str, Field(pattern=r"^shares:[A-Za-z0-9_-]{1,32}$")]
"""A column of flats.csv that the user names, where a building has several kinds of shares."""
Tracer = Literal["co2_decay", "moisture_excess"]
"""What tells the air change of a home."""
GroupsBy = Literal["area", "main_meter"]
"""How homes with meters of several kinds are held against each other."""
CLIMATE_KEYS = frozenset({"degree_hours", "base_temperature", "own_heat_loss", "climate_bands"})
METERS: dict[str, tuple[DeviceKind, ...]] = {
    "heat_units": ("heat", "allocator"),
    "heat_units_position": ("heat", "allocator"),
    "hot_water_m3": ("hot_water",),
    "cold_water_m3": ("cold_water",),
    "cooling_kwh": ("cooling",),
    "electricity_kwh": ("electricity",),
}
"""Kinds of meters that a key counts; homes of several kinds are groups of users."""
METERED_KEYS = frozenset(METERS)
FIXED_KEYS = frozenset({"area", "equal", "volume", "shares"})
"""And ``shares:NAME``: see `Component.is_fixed`."""

COLUMNS = {"area": "area_m2", "volume": "volume_m3", "shares": "shares"}
"""Columns of flats.csv that fixed keys weigh by."""
AREA: Key = "area"

LEAP_YEAR = 2024
"""A year in which every day of a season exists."""
TOLERANCE = 1e-9
YAML_ENDINGS = (".yaml", ".yml")


def _month_day(text: str) -> str:
    try:
        date.fromisoformat(f"{LEAP_YEAR}-{text}")
    except ValueError as error:
        raise ValueError("write a day of the season as 10-01") from error
    return text


def season_days(season: tuple[str, str]) -> tuple[date, date]:
    """Return the first and the last day of a season, in a year that has every day."""
    first, end = (date.fromisoformat(f"{LEAP_YEAR}-{text}") for text in season)
    return first, end - timedelta(days=1)


MonthDay = Annotated[str, AfterValidator(_month_day)]


def base_of(key: str) -> str:
    """Return a key without its name: ``shares`` of ``shares:taps``."""
    return key.partition(":")[0]


class Component(Record):
    """
    A fraction of an item's cost, and the key by which it is split.

    Attributes
    ----------
    without_meters : str or None
        Of a metered key: the fixed one that stands in where no meter of the building tells
        anything; None: the bill stops there.
    groups : str
        Of heat: how homes with heat meters and homes with allocators are held against each other;
        by the main meter where it tells, less what the tank and the homes' heat meters counted.
    """

    key: Key | NamedShares
    fraction: Annotated[float, Field(gt=0, le=1)]
    position: bool = False
    season: tuple[MonthDay, MonthDay] | None = None
    floor_c: Annotated[float, Field(ge=-40, le=60)] | None = None
    base_c: Annotated[float, Field(ge=-40, le=60)] | None = None
    ventilation: Tracer | None = None
    groups: GroupsBy = "area"
    without_meters: Literal["area", "equal", "volume", "shares"] | None = None

    @model_validator(mode="after")
    def _parameters_fit_the_key(self) -> Self:
        climate = self.key in CLIMATE_KEYS
        if not climate and (self.position or self.season or self.floor_c is not None):
            raise ValueError(f"position, season and floor_c are no parameters of {self.key}")
        if self.base_c is not None and self.key != "base_temperature":
            raise ValueError(f"base_c is no parameter of {self.key}")
        if self.ventilation and self.key != "own_heat_loss":
            raise ValueError(f"ventilation is no parameter of {self.key}")
        if self.groups != "area" and not self.key.startswith("heat_units"):
            raise ValueError(f"groups is no parameter of {self.key}")
        if self.without_meters and self.key not in METERED_KEYS:
            raise ValueError(f"without_meters is no parameter of {self.key}")
        return self

    @property
    def is_fixed(self) -> bool:
        """Whether its key is a column of flats.csv, or 1."""
        return base_of(self.key) in FIXED_KEYS

    @property
    def by_position(self) -> bool:
        """Whether it is weighed by position factors."""
        return self.position or self.key == "heat_units_position"


class PositionCondition(Record):
    """
    At which temperatures the needs of homes are compared, never the weather of a period.

    Attributes
    ----------
    indoor_c, outdoor_c : float or None
        None: ``rules.yaml``. [°C]
    gains : bool
        Whether the homes' free gains are taken off their needs.
    """

    indoor_c: Annotated[float, Field(ge=-40, le=60)] | None = None
    outdoor_c: Annotated[float, Field(ge=-40, le=60)] | None = None
    gains: bool = False


class Apart(Record):
    """Kinds of an item's costs that are split as an item of their own."""

    source: Annotated[str, Field(alias="from")]
    kinds: tuple[CostKind, ...]


class Scheme(Record):
    """
    Rules for the items of a bill.

    Attributes
    ----------
    position_condition : PositionCondition
        At which the position factors are computed of the homes that have none given.
    country : str or None
        Whose law the scheme is checked against; None: no law's.
    needs_permit : bool
        In rented homes it may be charged under a permit only.
    derive : mapping of str to Derivation
        Items that are taken out of an item of costs.csv, and how.
    kinds : mapping of str to tuple of str
        Kinds of costs that an item of costs.csv takes up; all of them where it is not named.
    estimated_area_ceiling : float or None
        Part of the area beyond which fixed keys stand in for measured ones; None: for meters as
        the law says, for climate as ``rules.yaml``.
    apart : mapping of str to Apart
        Kinds of costs that are split as an item of their own, by the name of that item.
    """

    id: Id
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    valid_from: date
    source: Text
    needs_permit: bool = False
    items: Mapping[str, tuple[Component, ...]]
    derive: Mapping[str, Derivation] = {}
    kinds: Mapping[str, tuple[CostKind, ...]] = {}
    estimated_area_ceiling: Annotated[float, Field(ge=0, le=1)] | None = None
    position_condition: PositionCondition = PositionCondition()
    apart: Mapping[str, Apart] = {}

    @model_validator(mode="after")
    def _fractions_add_to_one(self) -> Self:
        for item, components in self.items.items():
            total = sum(component.fraction for component in components)
            if abs(total - 1) > TOLERANCE:
                raise ValueError(
                    f"the fractions of {item} add to {shown(total)}; make them add to 1"
                )
        return self

    @model_validator(mode="after")
    def _derived_items_have_rules(self) -> Self:
        for item, rule in self.derive.items():
            if item not in self.items or rule.source not in self.items:
                raise ValueError(f"derive takes {item} out of {rule.source}; give both a rule")
            if item == rule.source or rule.source in self.derive:
                raise ValueError(f"{rule.source} is derived itself; take {item} out of its source")
        return self

    @model_validator(mode="after")
    def _items_apart_have_rules(self) -> Self:
        for item, rule in self.apart.items():
            if item not in self.items or item == rule.source:
                raise ValueError(f"apart takes {item} out of {rule.source}; give it a rule")
        return self

    def item_of(self, item: str, kind: CostKind) -> str:
        """Name the item under which a cost of a kind is split."""
        for name, rule in self.apart.items():
            if rule.source == item and kind in rule.kinds:
                return name
        return item

    @property
    def version(self) -> str:
        """The day from which these rules hold."""
        return str(self.valid_from)

    @property
    def components(self) -> dict[tuple[str, str], Component]:
        """Each component by its item and its name, such as ``heat-1``."""
        return {
            (item, f"{item}-{number}"): component
            for item, components in self.items.items()
            for number, component in enumerate(components, start=1)
        }

    def uses(self, keys: frozenset[str]) -> bool:
        """Whether a component is split by one of some keys."""
        return any(
            component.key in keys for components in self.items.values() for component in components
        )


def column_of(key: str) -> str | None:
    """Name the column of flats.csv that a fixed key weighs by; None: it weighs all flats alike."""
    return key if ":" in key else COLUMNS.get(key)


def fixed_key(components: Sequence[Component]) -> str:
    """Return the fixed key of the largest fraction of an item; area where it has none."""
    fixed = [each for each in components if each.is_fixed]
    return max(fixed, key=lambda each: each.fraction).key if fixed else AREA


def load_scheme(id_or_path: str, on: date | None = None) -> Scheme:
    """
    Load a shipped scheme by its id, or a scheme file.

    Parameters
    ----------
    id_or_path : str
    on : date, optional
        The day whose rules hold, of a shipped scheme; its first ones on earlier days. Without it
        the newest.

    Raises
    ------
    UsageError
        Naming the file and what is wrong in it, or the ids that there are.
    """
    if id_or_path.endswith(YAML_ENDINGS):
        try:
            text = read_bounded_text(Path(id_or_path), "yaml")
        except OSError as error:
            raise UsageError(f"{id_or_path} cannot be read: {error}. Check the name") from error
        except DocumentRefused as error:
            raise UsageError(f"{id_or_path} {error}") from error
        return parse_scheme(text, id_or_path)
    ids = shipped_schemes()
    if id_or_path not in ids:
        raise UsageError(
            f"there is no scheme '{id_or_path}'; write one of {', '.join(ids)}, or a YAML file"
        )
    first, *later = scheme_versions(id_or_path)
    in_force = (each for each in later if on is None or each.valid_from <= on)
    return max(in_force, key=lambda each: each.valid_from, default=first)


def shipped_schemes() -> list[str]:
    """Name the schemes that are shipped."""
    return sorted(entry.name for entry in shipped_folder().iterdir() if entry.is_dir())


def scheme_versions(scheme: str) -> list[Scheme]:
    """Read all versions of a shipped scheme, a file each by its first day, the oldest first."""
    files = sorted(shipped_folder().joinpath(scheme).iterdir(), key=lambda file: file.name)
    return [
        parse_scheme(file.read_text("utf-8"), f"{scheme}/{file.name}")
        for file in files
        if file.name.endswith(YAML_ENDINGS)
    ]


def shipped_folder() -> Traversable:
    """Return the folder of the shipped schemes: a folder each, a file for each version."""
    return resources.files("billing").joinpath("schemes")


def parse_scheme(text: str, name: str) -> Scheme:
    """Read a scheme; `name` stands in the error, a `UsageError`."""
    try:
        return Scheme.model_validate(parse_yaml(text))
    except DocumentRefused as error:
        raise UsageError(f"{name} {error}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'scheme'}: {fault['msg']}"
            for fault in error.errors(include_url=False)
        )
        raise UsageError(f"{name} is no scheme: {faults}. docs/heat-split.md shows one") from error
