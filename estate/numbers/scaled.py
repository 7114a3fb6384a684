"""
Writes the sample estate for another month or with more flats.

Each twelve further flats are another house, with continuing numbers.
"""

from __future__ import annotations

import csv
import re
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING

from estate.errors import UsageError
from estate.periods import Period

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SAMPLE_MONTH = "2026-01"
HOUSE_FLATS = 12
HOUSE_STAIRWELLS = 2
MOST_FLATS = 594
"""A stairwell takes two digits of a flat number."""

KEYED = frozenset({"flat", "flat_a", "flat_b", "tenancy", "person", "device"})
"""Columns whose cells may contain a flat number of four digits."""

_flat_number = re.compile(r"(?<!\d)(0[12])([0-2][12])(?!\d)|(?<=\d{4})(0[12])([0-2][12])(?!\d)")
_day = re.compile(r"\d{4}-\d{2}-\d{2}")

Table = list[dict[str, str]]


def write_sample(directory: Path, month: str = SAMPLE_MONTH, flats: int = HOUSE_FLATS) -> None:
    """
    Write a sample estate folder.

    Parameters
    ----------
    directory : Path
        Created if absent; estate files in it are overwritten.
    month : str
        The month of the costs and the move, as ``2026-01``.
    flats : int
        From 1 to 594; above 12 the costs grow with the number of flats.

    Raises
    ------
    UsageError
    """
    if not 1 <= flats <= MOST_FLATS:
        raise UsageError(
            f"the sample has 1 to {MOST_FLATS} flats, not {flats}; choose a number in that range"
        )
    Period.month(month)
    directory.mkdir(parents=True, exist_ok=True)
    sample = resources.files("estate").joinpath("sample")
    building = sample.joinpath("building.yaml").read_text("utf-8")
    (directory / "building.yaml").write_text(_moved(building, month), "utf-8")
    tables = {
        entry.name: list(csv.DictReader(entry.read_text("utf-8").splitlines()))
        for entry in sample.iterdir()
        if entry.name.endswith(".csv")
    }
    kept = {row["flat"] for row in list(_repeated(tables["flats.csv"], flats))[:flats]}
    tenancies = {
        row["tenancy"] for row in _repeated(tables["tenancies.csv"], flats) if row["flat"] in kept
    }
    for name, rows in tables.items():
        if name == "costs.csv":
            scaled = _with_costs(rows, flats)
        else:
            scaled = [row for row in _repeated(rows, flats) if _belongs(row, kept, tenancies)]
        _write(directory / name, rows[0].keys(), scaled, month)


def _repeated(rows: Table, flats: int) -> Iterator[dict[str, str]]:
    """Yield the rows of each house; rows of the building itself appear once."""
    for house in range(-(-flats // HOUSE_FLATS)):
        for row in rows:
            moved = {name: _in_house(name, cell, house) for name, cell in row.items()}
            if house == 0 or moved != row:
                yield moved


def _in_house(column: str, cell: str, house: int) -> str:
    shift = house * HOUSE_STAIRWELLS

    def renumber(found: re.Match[str]) -> str:
        stairwell, rest = (part for part in found.groups() if part is not None)
        return f"{int(stairwell) + shift:02d}{rest}"

    if column in KEYED:
        return _flat_number.sub(renumber, cell)
    if column in ("address", "stairwell"):
        return re.sub(r"\b[13]\b(?=,|$)", lambda found: str(int(found[0]) + 2 * shift), cell)
    return cell


def _belongs(row: dict[str, str], flats: set[str], tenancies: set[str]) -> bool:
    named = {row[column] for column in ("flat", "flat_a", "flat_b") if row.get(column)}
    tenancy = row.get("tenancy")
    return named <= flats and (tenancy is None or tenancy in tenancies)


def _with_costs(rows: Table, flats: int) -> Table:
    def scaled(cell: str) -> str:
        return f"{float(cell) * flats / HOUSE_FLATS:.2f}" if cell else ""

    amounts = ("amount", "vat_amount", "energy_kwh", "co2_kg", "co2_amount")
    return [row | {name: scaled(row[name]) for name in amounts if name in row} for row in rows]


def _moved(text: str, month: str) -> str:
    """Shift every date in a text by whole months."""
    months = _number(month) - _number(SAMPLE_MONTH)

    def move(found: re.Match[str]) -> str:
        day = date.fromisoformat(found[0])
        year, index = divmod(day.year * 12 + day.month - 1 + months, 12)
        return str(day.replace(year=year, month=index + 1))

    return _day.sub(move, text)


def _number(month: str) -> int:
    year, index = month.split("-")
    return int(year) * 12 + int(index) - 1


def _write(path: Path, columns: Iterable[str], rows: Table, month: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: _moved(cell, month) for name, cell in row.items()})
