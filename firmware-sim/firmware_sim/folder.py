"""Reads from the estate folder what a simulation needs."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import yaml

from firmware_sim.parameters import parameters

if TYPE_CHECKING:
    from pathlib import Path

    Row = dict[str, str]


class FolderUnreadable(Exception):
    """The estate folder cannot be simulated; the message ends with the remedy."""


@dataclass(frozen=True)
class Home:
    """A flat."""

    flat: str
    area_m2: float
    volume_m3: float
    heat_loss_w_per_k: float
    f_rsi: float | None


@dataclass(frozen=True)
class Stay:
    """Days for which a flat is let; `end` None: still running."""

    flat: str
    start: date
    end: date | None


@dataclass(frozen=True)
class Placement:
    """A device in one place, from a day to another."""

    device: str
    kind: str
    flat: str | None
    start: date
    end: date | None


@dataclass(frozen=True)
class House:
    """A building to simulate; `coupling_w_per_k` is a symmetric (flats, flats) array."""

    building: str
    zone: ZoneInfo
    homes: tuple[Home, ...]
    coupling_w_per_k: npt.NDArray[np.float64]
    stays: tuple[Stay, ...]
    devices: tuple[Placement, ...]

    @cached_property
    def flats(self) -> tuple[str, ...]:
        """Ids of the flats, in order."""
        return tuple(home.flat for home in self.homes)


def read_house(directory: Path) -> House:
    """
    Read a valid estate folder.

    Raises
    ------
    FolderUnreadable
        If a file or a value is missing.
    """
    try:
        document = yaml.safe_load((directory / "building.yaml").read_text("utf-8"))
        homes = tuple(_home(row) for row in _rows(directory / "flats.csv"))
        homes = tuple(sorted(homes, key=lambda home: home.flat))
        return House(
            building=document["id"],
            zone=ZoneInfo(document["timezone"]),
            homes=homes,
            coupling_w_per_k=_coupling(directory, homes),
            stays=tuple(_stay(row) for row in _rows(directory / "tenancies.csv")),
            devices=tuple(_placement(row) for row in _rows(directory / "devices.csv")),
        )
    except (OSError, KeyError, ValueError, TypeError, yaml.YAMLError) as error:
        raise FolderUnreadable(
            f"{directory} cannot be simulated ({type(error).__name__}: {error}); "
            "run `fairvarme estate check` on it"
        ) from error


def _rows(path: Path) -> list[Row]:
    """Read a file in either dialect: commas, or semicolons with decimal commas."""
    text = path.read_text("utf-8-sig")
    header = text.partition("\n")[0]
    danish = header.count(";") > header.count(",")
    found = []
    for cells in csv.DictReader(text.splitlines(), delimiter=";" if danish else ","):
        row = {name: cell or "" for name, cell in cells.items() if name}
        if any(row.values()):
            found.append(_pointed(row) if danish else row)
    return found


def _pointed(row: Row) -> Row:
    """Convert decimal commas to points in numeric cells."""
    return {name: re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", cell) for name, cell in row.items()}


def _home(row: Row) -> Home:
    values, area_m2 = parameters(), float(row["area_m2"])
    return Home(
        flat=row["flat"],
        area_m2=area_m2,
        volume_m3=float(row.get("volume_m3") or area_m2 * values.ceiling_m),
        heat_loss_w_per_k=float(
            row.get("heat_loss_w_per_k") or area_m2 * values.heat_loss_w_per_m2_k
        ),
        f_rsi=float(row["f_rsi"]) if row.get("f_rsi") else None,
    )


def _coupling(directory: Path, homes: tuple[Home, ...]) -> npt.NDArray[np.float64]:
    place = {home.flat: number for number, home in enumerate(homes)}
    coupling = np.zeros((len(homes), len(homes)))
    path = directory / "neighbours.csv"
    for row in _rows(path) if path.is_file() else ():
        a, b = place[row["flat_a"]], place[row["flat_b"]]
        coupling[a, b] = coupling[b, a] = float(row["coupling_w_per_k"])
    return coupling


def _stay(row: Row) -> Stay:
    return Stay(row["flat"], date.fromisoformat(row["from"]), _day(row["to"]))


def _placement(row: Row) -> Placement:
    start = date.fromisoformat(row["from"])
    return Placement(row["device"], row["kind"], row["flat"] or None, start, _day(row["to"]))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
