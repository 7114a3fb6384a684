"""
What the schemes make of simulated years whose true heat is known.

    .venv/bin/python -m benchmarks.fairness

Three years of the sample building with other households in the same flats, from files as anybody
would do it: `fairvarme-sim write`, then the bill under each scheme. The true heat of a home is what
kept its climate, whoever supplied it: heat from its radiators and from its neighbours. Then one box
is fooled through a heating season in each way that the simulator knows.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import yaml

from billing.schemes import shipped_folder
from estate.numbers.arrays import Floats
from estate.numbers.scaled import write_sample
from firmware_sim.life.scenario import FaultKind
from operations.bill_files import bill_files

if TYPE_CHECKING:
    from billing.bill.bill import Bill, BillRow


PERIOD = "2025-07-01/2026-07-01"
SEASON = {"from": date(2025, 10, 1), "to": date(2026, 5, 1)}
AIRED = "dk-climate-aired"
"""dk-climate with the air change of each home, found from its CO2, in its own heat loss."""
SCHEMES = ("dk-metered", "dk-climate", AIRED, "dk-trial-bands")
HEAT_ORE = 144_000_00
COSTS = f"""\
period_start,period_end,item,kind,amount,vat_amount,energy_kwh,status,received
2025-07-01,2026-07-01,heat,energy,{HEAT_ORE / 100:.2f},,,final,2026-08-10
2025-07-01,2026-07-01,hot_water,energy,36000.00,,,final,2026-08-10
"""
HOUSEHOLDS = (
    "ordinary", "cold_saver", "large_family", "warm", "ordinary", "frugal", "never_airs",
    "window_open", "away_weeks", "night_worker", "ordinary", "ordinary",
)  # fmt: skip
YEARS = 3
FOOLED = "0111"
WAYS = (
    FaultKind.IN_THE_STAIRWELL, FaultKind.UNPLUGGED_AT_NIGHT, FaultKind.IN_A_BAG,
    FaultKind.STUCK, FaultKind.IN_THE_SUN, FaultKind.CO2_OFFSET,
)  # fmt: skip
AIRING_HOURS = (7, 15, 20)
"""Local hours in which the home FOOLED airs; its box is plugged in for them alone."""
ZONE = ZoneInfo("Europe/Copenhagen")
Plugged = Callable[[datetime], bool]
"""Whether the box is plugged in at a local time."""
UNPLUGGED: dict[str, Plugged] = {
    "unplugged all winter": lambda _: False,
    "plugged in for airings only": lambda local: local.hour in AIRING_HOURS,
}
ROOF_FLOOR = "2"


@dataclass(frozen=True)
class Year:
    """One simulated year; arrays by flat in the order of flats.csv."""

    personas: list[str]
    area_m2: Floats
    roof: npt.NDArray[np.bool_]
    own_kwh: Floats
    position_factor: Floats
    heat_ore: dict[str, Floats]


def simulate(directory: Path, number: int, faults: list[dict[str, Any]]) -> tuple[Path, Any]:
    """Write a year's readings; give the file and the truth."""
    estate = directory / f"estate-{number}"
    flats = [row["flat"] for row in _rows(estate / "flats.csv")]
    turned = HOUSEHOLDS[number * 4 :] + HOUSEHOLDS[: number * 4]
    scenario = {"households": dict(zip(flats, turned, strict=True)), "faults": faults}
    (directory / "scenario.yaml").write_text(yaml.safe_dump(scenario), "utf-8")
    readings, truth = directory / "readings.csv", directory / "truth.json"
    command = [
        sys.executable, "-m", "firmware_sim", "write", "--estate", str(estate), "--no-events",
        "--period", PERIOD, "--seed", str(number + 1), "--readings", str(readings),
        "--truth", str(truth), "--scenario", str(directory / "scenario.yaml"),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return readings, json.loads(truth.read_text("utf-8"))


def bill_year(estate: Path, readings: Path, scheme: str, out: Path) -> Bill:
    """Bill the year under a scheme, with the permit that the trial's needs."""
    building = yaml.safe_load((estate / "building.yaml").read_text("utf-8"))
    permit = {"reference": "PRØVE", "from": date(2025, 7, 1), "to": date(2026, 7, 1)}
    building["schemes"] = [{"scheme": scheme, "from": date(2025, 7, 1), "permit": permit}]
    (estate / "building.yaml").write_text(yaml.safe_dump(building, allow_unicode=True), "utf-8")
    aired = str(_aired_scheme(out.with_suffix(".yaml"))) if scheme == AIRED else None
    bill = bill_files(estate, readings, PERIOD, aired, out)
    assert bill.scheme == scheme
    return bill


def _aired_scheme(path: Path) -> Path:
    versions = shipped_folder().joinpath("dk-climate").iterdir()
    newest = max(versions, key=lambda file: file.name)
    scheme = yaml.safe_load(newest.read_text("utf-8"))
    scheme["id"] = AIRED
    scheme["items"]["heat"][-1]["ventilation"] = "co2_decay"
    path.write_text(yaml.safe_dump(scheme), "utf-8")
    return path


def by_flat(estate: Path, bill: Bill, value: Callable[[BillRow], float]) -> Floats:
    """Sum a value of the heat item's rows by flat, in the order of flats.csv."""
    flats = [row["flat"] for row in _rows(estate / "flats.csv")]
    sums = dict.fromkeys(flats, 0.0)
    for row in bill.rows:
        if row.item == "heat":
            sums[row.flat] += value(row)
    return np.array([sums[flat] for flat in flats])


def heat_ore(estate: Path, bill: Bill) -> Floats:
    """Return what each flat pays for heat. [øre]"""
    return by_flat(estate, bill, lambda row: row.amount_ore)


def make_estate(directory: Path, number: int) -> Path:
    """Write an estate that is let all year."""
    estate = directory / f"estate-{number}"
    write_sample(estate, "2026-01")
    (estate / "costs.csv").write_text(COSTS, "utf-8")
    flats = [row["flat"] for row in _rows(estate / "flats.csv")]
    lines = [f"{flat}-1,{flat},2015-01-01,,digital" for flat in flats]
    (estate / "tenancies.csv").write_text(
        "\n".join(["tenancy,flat,from,to,delivery", *lines, ""]), "utf-8"
    )
    for name in ("persons.csv", "aconto.csv"):
        (estate / name).unlink(missing_ok=True)
    devices = (estate / "devices.csv").read_text("utf-8")
    (estate / "devices.csv").write_text(devices.replace("2025-09-01", "2022-06-01"), "utf-8")
    return estate


def year_of(directory: Path, number: int) -> Year:
    """Simulate a year, bill it under each scheme."""
    estate = make_estate(directory, number)
    readings, truth = simulate(directory, number, [])
    rows = _rows(estate / "flats.csv")
    homes = [truth["flats"][row["flat"]] for row in rows]
    radiator_kwh = np.array([home["heat_kwh"] for home in homes])
    bills = {name: bill_year(estate, readings, name, directory / "out") for name in SCHEMES}
    metered = bills["dk-metered"]
    counted = by_flat(
        estate, metered, lambda row: row.weight if row.key == "heat_units_position" else 0.0
    )
    return Year(
        personas=[home["persona"] for home in homes],
        area_m2=np.array([float(row["area_m2"]) for row in rows]),
        roof=np.array([row["floor"] == ROOF_FLOOR for row in rows]),
        own_kwh=radiator_kwh - np.array([home["to_neighbours_kwh"] for home in homes]),
        position_factor=counted / radiator_kwh,
        heat_ore={name: heat_ore(estate, bill) for name, bill in bills.items()},
    )


def split_by(weight: Floats) -> Floats:
    """Split the cost of heat by a weight. [øre]"""
    return np.asarray(HEAT_ORE * weight / weight.sum())


def columns(years: list[Year]) -> dict[str, list[Floats]]:
    """Return what each flat pays, by what it is split by, for every year. [øre]"""
    return {
        "own heat": [split_by(year.own_kwh) for year in years],
        "own heat, place taken out": [
            split_by(year.own_kwh * year.position_factor) for year in years
        ],
        **{name: [year.heat_ore[name] for year in years] for name in SCHEMES},
    }


def correlation(paid: list[Floats], wanted: list[Floats], years: list[Year]) -> float:
    """Return the mean correlation by square metre over the years."""
    pairs = zip(paid, wanted, years, strict=True)
    found = [np.corrcoef(a / year.area_m2, b / year.area_m2)[0, 1] for a, b, year in pairs]
    return float(np.mean(found))


def figures(years: list[Year], paid: list[Floats]) -> list[str]:
    """Return a row's cells: means over the years, kroner by square metre."""
    per_m2 = [ore / 100 / year.area_m2 for ore, year in zip(paid, years, strict=True)]
    spread = np.mean([each.max() / each.min() for each in per_m2])
    wanted = columns(years)
    close = [correlation(paid, wanted[name], years) for name in list(wanted)[:2]]

    def mean_of(persona: str, roof: bool | None = None) -> float:
        chosen = [
            value
            for each, year in zip(per_m2, years, strict=True)
            for value, name, top in zip(each, year.personas, year.roof, strict=True)
            if name == persona and roof in (None, top)
        ]
        return float(np.mean(chosen))

    personas = ("cold_saver", "large_family", "warm", "window_open")
    cells = [f"{mean_of(name):.0f}" for name in personas]
    places = [f"{mean_of('ordinary', roof):.0f}" for roof in (True, False)]
    return [f"{spread:.2f}", *(f"{each:.2f}" for each in close), *cells, *places]


def fooling(directory: Path) -> None:
    """Print what the home FOOLED earns by each way of fooling its box."""
    estate = make_estate(directory, 0)
    place = [row["flat"] for row in _rows(estate / "flats.csv")].index(FOOLED)

    def paid(faults: list[dict[str, Any]], plugged: Plugged | None = None) -> list[float]:
        readings, _ = simulate(directory, 0, faults)
        if plugged is not None:
            unplug(readings, plugged)
        bills = (bill_year(estate, readings, name, directory / "out") for name in SCHEMES)
        return [float(heat_ore(estate, bill)[place]) / 100 for bill in bills]

    honest = paid([])
    _line("honest", *(f"{kroner:.0f}" for kroner in honest))
    faults = {str(way): [{"kind": str(way), "device": f"box-{FOOLED}", **SEASON}] for way in WAYS}
    for way in (*faults, *UNPLUGGED):
        fooled = paid(faults.get(way, []), UNPLUGGED.get(way))
        _line(
            way,
            *(
                f"{new - old:+.0f} ({(new - old) / old:+.1%})"
                for new, old in zip(fooled, honest, strict=True)
            ),
        )


def unplug(readings: Path, plugged: Plugged) -> None:
    """Leave out what the box of the home FOOLED gives in the season while it is not plugged in."""
    kept = []
    for line in readings.read_text("utf-8").splitlines(keepends=True):
        time, device, _ = line.split(",", 2)
        if device == f"box-{FOOLED}":
            local = datetime.fromisoformat(time).astimezone(ZONE)
            if SEASON["from"] <= local.date() < SEASON["to"] and not plugged(local):
                continue
        kept.append(line)
    readings.write_text("".join(kept), "utf-8")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _line(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


def main() -> int:
    """Print both tables."""
    print(f"{len(os.sched_getaffinity(0))} cores, {YEARS} years of 12 homes, {PERIOD}\n")
    with TemporaryDirectory() as name:
        years = [year_of(Path(name), number) for number in range(YEARS)]
        _line(
            "kr. by m² and year", "dearest / cheapest", "with own heat", "with own heat, place out",
            "cold_saver", "large_family", "warm", "window_open", "ordinary, roof",
            "ordinary, below",
        )  # fmt: skip
        _line(*["---"] * 10)
        for split, paid in columns(years).items():
            _line(split, *figures(years, paid))
        persona = years[0].personas[2]
        print(f"\nHome {FOOLED} ({persona}), October to April:\n")
        _line("box", *(f"{scheme}, kr." for scheme in SCHEMES))
        _line(*["---"] * (1 + len(SCHEMES)))
        fooling(Path(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
