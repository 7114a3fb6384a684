"""An installation of several small buildings, with a year of readings in its store."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from estate.files.folder import read_estate
from fairvarme.cli import main
from telemetry.readings import Reading
from telemetry.readings_file.file import read_all
from telemetry.stores.sqlite import SqliteStore
from tests.support.broken_inputs import Inputs, good_year

YEAR = "2025-01-01/2026-01-01"
TOTAL_ORE = 1_190_000
BY = ("--by", "An Accountant")


@dataclass(frozen=True)
class Portfolio:
    """
    Where it lies.

    Attributes
    ----------
    names : tuple of str
        Ids of the buildings, whose folders are named so.
    url : str
        Of its database.
    """

    directory: Path
    names: tuple[str, ...]
    url: str

    @property
    def config(self) -> Path:
        return self.directory / "fairvarme.toml"

    @property
    def out(self) -> Path:
        return self.directory / "bills"

    def estate(self, name: str) -> Path:
        return self.directory / name / "estate"

    def words(self, *more: str, out: Path | None = None) -> list[str]:
        """Return the command line of a run, in this process where nothing else is asked for."""
        if "--jobs" not in more and "--dask" not in more:
            # A process imports for a second what bills a small house in some hundredths of one.
            more = (*more, "--jobs", "1")
        where = ["--out", str(out or self.out), "--config", str(self.config)]
        return ["bill", *more, "--period", YEAR, "--issued", "2026-03-01", *where]

    def run(self, *more: str, out: Path | None = None) -> Result:
        return CliRunner().invoke(main, self.words(*more, out=out))

    def told(self, *more: str, out: Path | None = None) -> dict[str, dict[str, Any]]:
        done = self.run(*more, "--json", out=out)
        assert done.stdout, done.output + repr(done.exception)
        rows = json.loads(done.stdout.splitlines()[-1])["buildings"]
        return {row["building"]: row for row in rows}


def portfolio(directory: Path, buildings: int, url: str = "sqlite:///fairvarme.db") -> Portfolio:
    """Write buildings that differ in nothing but their id and the share of each home."""
    names = tuple(f"house-{number:03d}" for number in range(buildings))
    found = Portfolio(directory, names, url)
    store = SqliteStore(directory / "readings.db")
    for number, name in enumerate(found.names):
        inputs = good_year(directory / name)
        _name(inputs, name, number)
        file = read_all([inputs.readings])
        store.write(
            [
                Reading(name, device, quantity, time_ms, value, 0, time_ms)
                for time_ms, device, quantity, value in file.columns().to_numpy().tolist()
            ]
        )
    store.close()
    folders = ", ".join(f'"{name}/estate"' for name in found.names)
    found.config.write_text(
        f'store = "sqlite:///readings.db"\ndatabase = "{url}"\nestates = [{folders}]\n'
    )
    return found


def _name(inputs: Inputs, name: str, number: int) -> None:
    building = read_estate(inputs.estate).building.id
    path = inputs.estate / "building.yaml"
    path.write_text(path.read_text().replace(f"id: {building}", f"id: {name}"))
    readings = inputs.readings.read_text()
    end = "2026-01-01T00:00:00+01:00,heat-A,heat_kwh,"
    inputs.readings.write_text(readings.replace(f"{end}4000.000", f"{end}{4000 - number}.000"))


def contents(directory: Path) -> dict[str, bytes]:
    """Return every file of a folder of bills by its path in it."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }
