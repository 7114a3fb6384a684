"""A building's good input files, small enough to bill in a moment, for tests that spoil them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

YEAR = "2025-01-01/2026-01-01"
TWO_DAYS = "2025-02-01/2025-02-03"

BUILDING = """\
id: house
name: House
address: Street 1
timezone: Europe/Copenhagen
currency: DKK
language: en
tenure: almen
complaint_board: The board
contacts:
  - {topic: varmeregnskab, phone: "00 00 00 00"}
supply: {year: 2024, mix: [{source: biomass, fraction: 1.0}], co2_kg_per_mwh: 50}
facts: {monthly_information: yes}
schemes:
  - {scheme: dk-metered, from: 2024-01-01}
"""
TABLES = {
    "flats": """\
flat,address,area_m2,position_factor
A,Street 1 A,30,1
B,Street 1 B,120,0.8
""",
    "neighbours": "flat_a,flat_b,coupling_w_per_k\nA,B,40\n",
    "tenancies": """\
tenancy,flat,from,to,delivery
A-1,A,2020-01-01,,digital
B-1,B,2020-01-01,,digital
""",
    "persons": "tenancy,person,name\nA-1,p1,Resident A\nB-1,p2,Resident B\n",
    "devices": """\
device,kind,flat,from,to,verified_until,remote
heat-A,heat,A,2020-01-01,,2030-01-01,yes
heat-B,heat,B,2020-01-01,,2030-01-01,yes
water-A,hot_water,A,2020-01-01,,2030-01-01,yes
water-B,hot_water,B,2020-01-01,,2030-01-01,yes
""",
    "costs": """\
period_start,period_end,item,kind,amount,vat_amount,energy_kwh,status,received
2025-01-01,2026-01-01,heat,energy,10000.00,2000.00,9000,final,2026-02-01
2025-01-01,2026-01-01,heat,rebate,-100.00,-20.00,,final,2026-02-01
2025-01-01,2026-01-01,hot_water,energy,2000.00,400.00,1500,final,2026-02-01
""",
    "aconto": "tenancy,period_start,period_end,amount\nA-1,2025-01-01,2026-01-01,2000.00\n",
}
REGISTERS = {
    "heat-A": ("heat_kwh", 3000.0), "heat-B": ("heat_kwh", 5000.0),
    "water-A": ("hot_water_m3", 20.0), "water-B": ("hot_water_m3", 25.0),
}  # fmt: skip
"""Quantity of each meter, and what it counts in a year."""
DAYS_OF_A_YEAR = 365
CLIMATE_DEVICES = """\
device,kind,flat,from,to
out,outdoor,,2020-01-01,
box-A,climate,A,2020-01-01,
box-B,climate,B,2020-01-01,
"""


@dataclass
class Inputs:
    """
    The files of one bill, and the options of the command.

    Attributes
    ----------
    directory : Path
        ``estate`` and ``readings.csv`` in it.
    options : list of str
        Beside the estate, the readings, the period and the output.
    """

    directory: Path
    period: str = YEAR
    options: list[str] = field(default_factory=lambda: ["--issued", "2026-03-01"])

    @property
    def estate(self) -> Path:
        """The estate folder."""
        return self.directory / "estate"

    @property
    def readings(self) -> Path:
        """The readings file."""
        return self.directory / "readings.csv"

    @property
    def out(self) -> Path:
        """The output folder."""
        return self.directory / "out"

    def arguments(self) -> list[str]:
        """Return the command's arguments."""
        files = ["--estate", str(self.estate), "--readings", str(self.readings)]
        return ["bill", *files, "--period", self.period, "--out", str(self.out), *self.options]

    def spoil(self, file: str, old: str, new: str) -> None:
        """Replace a text that stands once or more in a file, everywhere."""
        path = self._path(file)
        text = path.read_text("utf-8")
        assert old in text, f"{old} does not stand in {file}"
        path.write_text(text.replace(old, new), "utf-8")

    def add(self, file: str, *lines: str) -> None:
        """Add lines to a file."""
        with self._path(file).open("a", encoding="utf-8") as opened:
            opened.writelines(f"{line}\n" for line in lines)

    def column_map(self, file: str, column_map: str, *lines: str) -> None:
        """Add an export beside the readings, with the map that explains it."""
        path = self.directory / "map.yaml"
        path.write_text(column_map, "utf-8")
        self.directory.joinpath(file).write_text("\n".join(lines) + "\n", "utf-8")
        self.options += ["--readings", str(self.directory / file), "--column-map", str(path)]

    def move_a_year_back(self) -> None:
        """Let all of it be a year earlier, so that the year after it is over too."""
        for file in ("costs.csv", "aconto.csv", "readings.csv"):
            path = self._path(file)
            path.write_text(a_year_back(path.read_text("utf-8")), "utf-8")

    def drop(self, file: str, start: str) -> None:
        """Leave out the lines of a file that hold a text."""
        path = self._path(file)
        lines = path.read_text("utf-8").splitlines()
        kept = [line for line in lines if start not in line]
        assert len(kept) < len(lines), f"{start} does not stand in {file}"
        path.write_text("\n".join(kept) + "\n", "utf-8")

    def bill_days(self, period: str) -> None:
        """Bill other days: the costs move to them."""
        self.period = period
        self.spoil("costs.csv", "2025-01-01,2026-01-01", period.replace("/", ","))

    def scheme(self, *heat: str, country: str | None = None, more: str = "") -> None:
        """Split by a scheme of one's own, hot water by meters in part."""
        lines = ["id: own", "valid_from: 2020-01-01", "source: made for this test"]
        lines += [f"country: {country}"] if country else []
        lines += [more] if more else []
        lines += ["items:", "  heat:", *(f"    - {{{component}}}" for component in heat)]
        lines += ["  loss: [{key: area, fraction: 1.0}]", "  hot_water:"]
        lines += ["    - {key: hot_water_m3, fraction: 0.7}", "    - {key: area, fraction: 0.3}"]
        path = self.directory / "own.yaml"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        self.options += ["--scheme", str(path)]

    def _path(self, file: str) -> Path:
        return self.directory / file if file == "readings.csv" else self.estate / file


def a_year_back(text: str) -> str:
    """Return a table of 2025 and 2026 as one of 2024 and 2025."""
    return text.replace("2025-", "2024-").replace("2026-", "2025-")


def good_year(directory: Path) -> Inputs:
    """Write a year of two metered flats under ``dk-metered``: nothing is wrong with it."""
    inputs = Inputs(directory)
    inputs.estate.mkdir(parents=True)
    (inputs.estate / "building.yaml").write_text(BUILDING, "utf-8")
    for name, text in TABLES.items():
        (inputs.estate / f"{name}.csv").write_text(text, "utf-8")
    _write_readings(inputs.readings, _registers())
    return inputs


def good_days(directory: Path) -> Inputs:
    """Write two days of two flats with boxes under a scheme of degree-hours and no country."""
    inputs = good_year(directory)
    inputs.bill_days(TWO_DAYS)
    inputs.drop("costs.csv", "hot_water")
    (inputs.estate / "devices.csv").write_text(CLIMATE_DEVICES, "utf-8")
    _write_readings(inputs.readings, _climate())
    inputs.scheme("key: degree_hours, fraction: 1.0")
    return inputs


def _registers() -> Iterable[str]:
    """Each meter every quarter, counting evenly."""
    for device, (quantity, of_a_year) in REGISTERS.items():
        for day in (0, 91, 182, 273, 365, 424, 577):
            time = datetime(2025, 1, 1) + timedelta(days=day)  # noqa: DTZ001  offset written below
            value = 1000 + of_a_year * day / DAYS_OF_A_YEAR
            yield f"{time.isoformat()}+01:00,{device},{quantity},{value:.3f}"


def _climate() -> Iterable[str]:
    for hour in range(48):
        time = datetime(2025, 2, 1, 0, 30) + timedelta(hours=hour)  # noqa: DTZ001  the same
        for device, level in (("out", 3.0), ("box-A", 21.0), ("box-B", 20.0)):
            value = level + 0.1 * (hour % 7) + 0.03 * (hour % 5)
            yield f"{time.isoformat()}+01:00,{device},temperature_c,{value:.2f}"


def _write_readings(path: Path, rows: Iterable[str]) -> None:
    path.write_text("\n".join(["time,device,quantity,value", *rows]) + "\n", "utf-8")
