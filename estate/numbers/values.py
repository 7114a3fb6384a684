"""
Dated tables of values: each with unit, source and first day of validity.

::

    valid_from: 2000-01-01                 # of rows without a day of their own
    least_hours:
      {value: 48, unit: h, source: "two days show how a home follows the weather"}
    ceiling:                               # versions: the latest valid on the day is used
      - {value: 0.25, unit: "1", source: "the ordinance of 2009", from: 2009-01-01}
      - {value: 0.20, unit: "1", source: "the ordinance of 2027", from: 2027-01-01}

A table that changes as a whole is several YAML documents, each with a ``valid_from``. If a
source names no day, the day is 2000-01-01.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from estate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

Values = TypeVar("Values")

HEAD = "valid_from"
ROW = frozenset({"value", "unit", "source", "meaning", "from"})
UNITS = {
    "_c": ("°C",), "_k": ("K",), "_pct": ("%",), "_ppm": ("ppm",), "_kwh": ("kWh",),
    "_hours": ("h",), "_days": ("d", "days"), "_bytes": ("byte",), "_ms": ("ms",),
}  # fmt: skip
"""Unit suffix of a name, and the units that its value may have."""


class TableFault(ValueError):
    """A packaged table has the wrong structure; names the file and the place."""


def load_values(cls: type[Values], package: str, file: str, on: date | None = None) -> Values:
    """
    Return the values valid on a day.

    Parameters
    ----------
    cls : type
        A dataclass with a field for each value of the table. A field's default is used on
        days before its value is valid.
    package, file : str
        The table.
    on : date, optional
        Without it the newest values.

    Raises
    ------
    UsageError
        If a value is not yet valid on the day.
    TableFault
        If the table has a missing or surplus value, or a row lacks its unit, source or day.
    """
    # A class is hashable; mypy cannot infer that from its type.
    values: Values = _loaded(cls, package, file, on)  # type: ignore[arg-type]
    return values


@cache
def _loaded(cls: type[Any], package: str, file: str, on: date | None) -> Any:  # noqa: ANN401  of cls
    table = _documents(package, file)[-1]
    head = table.get(HEAD)
    rows = {name: row for name, row in table.items() if name != HEAD}
    known = {each.name: each for each in fields(cls)}
    if rows.keys() != known.keys():
        odd = ", ".join(sorted(rows.keys() ^ known.keys()))
        raise TableFault(
            f"{file} of {package} and {cls.__name__} differ in {odd}; correct one of them"
        )
    held = {}
    for name, row in rows.items():
        value = _held(f"{file}: {name}", row, head, on)
        if value is None and known[name].default is MISSING:
            first = min(start for start, _ in _versions(f"{file}: {name}", row, head))
            raise UsageError(
                f"{file}: {name} is valid from {first}; choose a day from then on, not {on}"
            )
        if value is not None:
            held[name] = value
    return cls(**held)


@cache
def load_table(package: str, file: str, on: date | None = None) -> Mapping[str, Any]:
    """
    Return the version of a table valid on a day.

    Raises
    ------
    UsageError
        If none is valid yet.
    TableFault
        If a document of the file has no day.
    """
    documents = _documents(package, file)
    if not all(isinstance(each.get(HEAD), date) for each in documents):
        raise TableFault(f"{file} of {package}: a table has no {HEAD}; add its first day")
    in_force = [each for each in documents if on is None or each[HEAD] <= on]
    if not in_force:
        first = min(each[HEAD] for each in documents)
        raise UsageError(f"{file} is valid from {first}; choose a day from then on, not {on}")
    return max(in_force, key=_first_day)


def _first_day(table: Mapping[str, Any]) -> date:
    day: date = table[HEAD]
    return day


@cache
def _documents(package: str, file: str) -> tuple[Mapping[str, Any], ...]:
    text = resources.files(package).joinpath(file).read_text("utf-8")
    return tuple(yaml.safe_load_all(text))


def _held(place: str, row: Any, head: date | None, on: date | None) -> Any:  # noqa: ANN401  a value
    """Return the value valid on a day, None if there is none; a group of rows as a mapping."""
    if isinstance(row, Mapping) and "value" not in row:
        return {name: _held(f"{place}.{name}", each, head, on) for name, each in row.items()}
    held = [version for version in _versions(place, row, head) if on is None or version[0] <= on]
    return max(held, key=lambda version: version[0])[1] if held else None


def _versions(place: str, row: Any, head: date | None) -> Iterator[tuple[date, Any]]:  # noqa: ANN401
    """Yield each version's first day and value."""
    if isinstance(row, Mapping) and "value" not in row:
        for each in row.values():
            yield from _versions(place, each, head)
        return
    for version in row if isinstance(row, list) else [row]:
        if not isinstance(version, Mapping):
            raise TableFault(f"{place} is not a row; add a value with its unit and source")
        start = version.get("from", head)
        if not isinstance(start, date):
            raise TableFault(f"{place} has no day from which it is valid; add 'from'")
        _check(place, version)
        yield start, version["value"]


def _check(place: str, row: Mapping[str, Any]) -> None:
    """Check that a row names its unit and source, and that the unit matches its name."""
    odd = row.keys() - ROW
    lacking = [name for name in ("value", "unit", "source") if row.get(name) in (None, "")]
    if odd or lacking:
        raise TableFault(f"{place}: correct {', '.join(sorted(odd) or lacking)}")
    name = place.rpartition(" ")[2].partition(".")[0]
    for ending, allowed in UNITS.items():
        # A name may omit the time of a rate, and ends in the denominator of a ratio.
        bare = row["unit"].partition("/")[0]
        if name.endswith(ending) and "_per_" not in name and bare not in allowed:
            raise TableFault(f"{place} is in {row['unit']}; its name says {allowed[0]}")
