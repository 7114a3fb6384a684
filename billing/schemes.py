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
from estate.model import CostKind, DeviceKind, Id
from estate.record import Record, Text

Key = Literal[
    "area", "equal", "volume", "shares", "heat_units", "heat_units_position", "hot_water_m3",
    "cold_water_m3", "cooling_kwh", "electricity_kwh", "degree_hours", "base_temperature",
    "own_heat_loss", "climate_bands",
]  # fmt: skip
NamedShares = Annotated[str, Field(pattern=r"^shares:[A-Za-z0-9_-]{1,32}$")]
"""A user-named column of flats.csv, for buildings with several kinds of shares."""
Tracer = Literal["co2_decay", "moisture_excess"]
"""How the air change of a home is measured."""
GroupsBy = Literal["area", "main_meter"]
"""How groups of homes with different kinds of meters are divided."""
CLIMATE_KEYS = frozenset({"degree_hours", "base_temperature", "own_heat_loss", "climate_bands"})
METERS: dict[str, tuple[DeviceKind, ...]] = {
    "heat_units": ("heat", "allocator"),
    "heat_units_position": ("heat", "allocator"),
    "hot_water_m3": ("hot_water",),
    "cold_water_m3": ("cold_water",),
    "cooling_kwh": ("cooling",),
    "electricity_kwh": ("electricity",),
}
"""Kinds of meters of a key; homes with different kinds are groups of users."""
METERED_KEYS = frozenset(METERS)
FIXED_KEYS = frozenset({"area", "equal", "volume", "shares"})
"""And ``shares:NAME``: see `Component.is_fixed`."""

COLUMNS = {"area": "area_m2", "volume": "volume_m3", "shares": "shares"}
"""Columns of flats.csv used by fixed keys."""
AREA: Key = "area"

LEAP_YEAR = 2024
"""A leap year, in which every day of a season exists."""
TOLERANCE = 1e-9
YAML_ENDINGS = (".yaml", ".yml")


def _month_day(text: str) -> str:
    try:
        date.fromisoformat(f"{LEAP_YEAR}-{text}")
    except ValueError as error:
        raise ValueError("write a day of the season as 10-01") from error
    return text


def season_days(season: tuple[str, str]) -> tuple[date, date]:
    """Return the first and the last day of a season, in a leap year."""
    first, end = (date.fromisoformat(f"{LEAP_YEAR}-{text}") for text in season)
    return first, end - timedelta(days=1)


MonthDay = Annotated[str, AfterValidator(_month_day)]


def base_of(key: str) -> str:
    """Return the base key: ``shares`` for ``shares:taps``."""
    return key.partition(":")[0]


class Component(Record):
    """
    A fraction of an item's cost, and the key that splits it.

    Attributes
    ----------
    without_meters : str or None
        For a metered key: the fixed one to use if no meter of the building has usable
        readings; None: the bill stops.
    groups : str
        For heat: how homes with heat meters and homes with allocators are divided;
        by the main meter if usable, less the heat of the tank and of the homes' heat meters.
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
            raise ValueError(f"position, season and floor_c are not parameters of {self.key}")
        if self.base_c is not None and self.key != "base_temperature":
            raise ValueError(f"base_c is not a parameter of {self.key}")
        if self.ventilation and self.key != "own_heat_loss":
            raise ValueError(f"ventilation is not a parameter of {self.key}")
        if self.groups != "area" and not self.key.startswith("heat_units"):
            raise ValueError(f"groups is not a parameter of {self.key}")
        if self.without_meters and self.key not in METERED_KEYS:
            raise ValueError(f"without_meters is not a parameter of {self.key}")
        return self

    @property
    def is_fixed(self) -> bool:
        """Whether its key is a column of flats.csv, or 1."""
        return base_of(self.key) in FIXED_KEYS

    @property
    def by_position(self) -> bool:
        """Whether position factors apply."""
        return self.position or self.key == "heat_units_position"


class PositionCondition(Record):
    """
    Reference temperatures at which homes' heat demands are compared; never a period's weather.

    Attributes
    ----------
    indoor_c, outdoor_c : float or None
        None: ``rules.yaml``. [°C]
    gains : bool
        Whether internal gains are subtracted from the demands.
    """

    indoor_c: Annotated[float, Field(ge=-40, le=60)] | None = None
    outdoor_c: Annotated[float, Field(ge=-40, le=60)] | None = None
    gains: bool = False


class Apart(Record):
    """Kinds of costs that are split as a separate item."""

    source: Annotated[str, Field(alias="from")]
    kinds: tuple[CostKind, ...]


class Scheme(Record):
    """
    A scheme: rules for the items of a bill.

    Attributes
    ----------
    position_condition : PositionCondition
        Reference condition for computing position factors that are not given.
    country : str or None
        Country whose law the scheme is checked against; None: no checks.
    needs_permit : bool
        Whether it may be charged in rented homes only under a permit.
    derive : mapping of str to Derivation
        Items derived from an item of costs.csv.
    kinds : mapping of str to tuple of str
        Kinds of costs included in an item; default: all.
    estimated_area_ceiling : float or None
        Fraction of the area beyond which fixed keys replace measured ones; None: for meters as
        in the law, for climate as in ``rules.yaml``.
    apart : mapping of str to Apart
        Kinds of costs that are split as a separate item, by the name of that item.
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
        """Return the item under which a cost of a kind is split."""
        for name, rule in self.apart.items():
            if rule.source == item and kind in rule.kinds:
                return name
        return item

    @property
    def version(self) -> str:
        """The day from which the scheme is valid."""
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
        """Whether a component is split by one of the given keys."""
        return any(
            component.key in keys for components in self.items.values() for component in components
        )


def column_of(key: str) -> str | None:
    """Return the column of flats.csv of a fixed key; None: all flats are equal."""
    return key if ":" in key else COLUMNS.get(key)


def fixed_key(components: Sequence[Component]) -> str:
    """Return the fixed key of the largest fraction of an item; area if it has none."""
    fixed = [each for each in components if each.is_fixed]
    return max(fixed, key=lambda each: each.fraction).key if fixed else AREA


def load_scheme(id_or_path: str, on: date | None = None) -> Scheme:
    """
    Load a shipped scheme by its id, or a scheme file.

    Parameters
    ----------
    id_or_path : str
    on : date, optional
        For a shipped scheme, the day whose version applies; the first version on earlier days.
        Default: the newest.

    Raises
    ------
    UsageError
        Names the file and the error in it, or the known ids.
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
    """Return the ids of the shipped schemes."""
    return sorted(entry.name for entry in shipped_folder().iterdir() if entry.is_dir())


def scheme_versions(scheme: str) -> list[Scheme]:
    """Return all versions of a shipped scheme, the oldest first."""
    files = sorted(shipped_folder().joinpath(scheme).iterdir(), key=lambda file: file.name)
    return [
        parse_scheme(file.read_text("utf-8"), f"{scheme}/{file.name}")
        for file in files
        if file.name.endswith(YAML_ENDINGS)
    ]


def shipped_folder() -> Traversable:
    """Return the folder of the shipped schemes: a folder per scheme, a file per version."""
    return resources.files("billing").joinpath("schemes")


def parse_scheme(text: str, name: str) -> Scheme:
    """Parse a scheme; `name` is used in the `UsageError`."""
    try:
        return Scheme.model_validate(parse_yaml(text))
    except DocumentRefused as error:
        raise UsageError(f"{name} {error}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'scheme'}: {fault['msg']}"
            for fault in error.errors(include_url=False)
        )
        raise UsageError(
            f"{name} is not a valid scheme: {faults}. docs/heat-split.md shows one"
        ) from error
