"""A bill from what portals export is the bill from our own file, to the øre."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from click.testing import CliRunner

from fairvarme.cli import main
from telemetry.readings_file.file import read_readings
from tests.support.broken_inputs import Inputs, good_year
from tests.support.shipped_broker import SAMPLE

ZONE = ZoneInfo("Europe/Copenhagen")
Reading = tuple[datetime, str, str, float]
HEAT = """
time: {column: Tidspunkt, format: "%d-%m-%Y %H:%M", zone: Europe/Copenhagen}
device: {header: "Måler {device} [GJ]"}
values: [{quantity: heat_kwh, unit: GJ}]
"""
WATER = """
format: xlsx
time: {column: Aflæst, zone: Europe/Copenhagen}
device: {column: Målernr}
values: [{column: Liter, quantity: hot_water_m3, unit: l}]
"""


def local_readings(inputs: Inputs) -> list[Reading]:
    columns = read_readings(inputs.readings).columns()
    return [
        (datetime.fromtimestamp(ms / 1000, ZONE), device, quantity, value)
        for ms, device, quantity, value in columns.sort_values(["time_ms"]).itertuples(index=False)
    ]


def export_heat(path: Path, readings: list[Reading]) -> None:
    """Write a column for each meter, in GJ with decimal commas, as Windows saves it."""
    heat = [each for each in readings if each[2] == "heat_kwh"]
    devices = sorted({device for _, device, _, _ in heat})
    lines = [";".join(["Tidspunkt", *(f"Måler {each} [GJ]" for each in devices)])]
    for time, rows in groupby(heat, key=lambda each: each[0]):
        values = {device: value * 0.0036 for _, device, _, value in rows}
        cells = [
            f"{values[each]:.9f}".replace(".", ",") if each in values else "" for each in devices
        ]
        lines.append(";".join([f"{time:%d-%m-%Y %H:%M}", *cells]))
    path.write_bytes("\r\n".join(["sep=;", *lines, ""]).encode("cp1252"))


def export_water(path: Path, readings: list[Reading]) -> None:
    book = openpyxl.Workbook()
    book["Sheet"].append(["Målernr", "Aflæst", "Liter"])
    for time, device, quantity, value in readings:
        if quantity == "hot_water_m3":
            book["Sheet"].append([device, time.replace(tzinfo=None), value * 1000])
    book.save(path)


def test_a_bill_from_a_folder_of_exports(tmp_path: Path) -> None:
    inputs = good_year(tmp_path)
    own = CliRunner().invoke(main, inputs.arguments())
    assert own.exit_code == 0, own.output
    expected = (inputs.out / "bill.csv").read_text("utf-8")
    findings = json.loads((inputs.out / "findings.json").read_text("utf-8"))

    portal = tmp_path / "portal"
    portal.mkdir()
    readings = local_readings(inputs)
    export_heat(portal / "varme.csv", readings)
    export_water(portal / "vand.xlsx", readings)
    (tmp_path / "heat.yaml").write_text(HEAT, "utf-8")
    (tmp_path / "water.yaml").write_text(WATER, "utf-8")
    rest = [
        line
        for line in inputs.readings.read_text("utf-8").splitlines()
        if "heat_kwh" not in line and "hot_water_m3" not in line
    ]
    if len(rest) > 1:
        (portal / "boxes.csv").write_text("\n".join(rest) + "\n")
    shutil.rmtree(inputs.out)
    inputs.readings.unlink()
    maps = [
        "--column-map",
        str(tmp_path / "heat.yaml"),
        "--column-map",
        str(tmp_path / "water.yaml"),
    ]
    arguments = ["bill", "--estate", str(inputs.estate), "--readings", str(portal), *maps]
    arguments += ["--period", inputs.period, "--out", str(inputs.out), *inputs.options]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert (inputs.out / "bill.csv").read_text("utf-8") == expected
    assert json.loads((inputs.out / "findings.json").read_text("utf-8")) == findings
    digests = json.loads((inputs.out / "run.json").read_text("utf-8"))["inputs_sha256"]
    assert {"varme.csv", "vand.xlsx"} <= digests.keys()


@pytest.mark.slow
def test_months_of_use_are_loaded_one_after_the_other(tmp_path: Path) -> None:
    config = tmp_path / "fairvarme.toml"
    config.write_text(
        'store = "sqlite:///r.db"\ndatabase = "sqlite:///f.db"\nestates = ["estate"]\n'
    )
    shutil.copytree(SAMPLE, tmp_path / "estate")
    devices = tmp_path / "estate" / "devices.csv"
    header = devices.read_text("utf-8").splitlines()[0].split(",")
    row = {"device": "el-1", "kind": "electricity", "from": "2022-06-01"}
    with devices.open("a") as file:
        file.write(",".join(row.get(name, "") for name in header) + "\n")
    (tmp_path / "map.yaml").write_text(
        "time: {column: Tid, zone: Europe/Copenhagen, interval: hour}\ndevice: {id: el-1}\n"
        "values: [{column: kWh, quantity: electricity_kwh, use: true}]\n"
    )
    (tmp_path / "1.csv").write_text("Tid,kWh\n2026-01-31 22:00,1\n2026-01-31 23:00,2\n")
    (tmp_path / "2.csv").write_text("Tid,kWh\n2026-02-01 00:00,3\n2026-02-01 01:00,4\n")
    for name in ("1.csv", "2.csv", "2.csv"):
        arguments = ["load", str(tmp_path / name), "--building", "solgaarden"]
        arguments += ["--column-map", str(tmp_path / "map.yaml"), "--config", str(config)]
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0, done.output
    from telemetry.stores.sqlite import SqliteStore

    store = SqliteStore(tmp_path / "r.db")
    found = store.samples("solgaarden", ["el-1"], "electricity_kwh", 0, 2**60)
    store.close()
    assert found.value.tolist() == [0, 1, 3, 6, 10]


def test_patterns_and_folders(tmp_path: Path) -> None:
    inputs = good_year(tmp_path)
    lines = inputs.readings.read_text("utf-8").splitlines()
    folder = tmp_path / "months"
    folder.mkdir()
    (folder / "a-1.csv").write_text("\n".join(lines[:10]) + "\n")
    (folder / "a-2.csv").write_text("\n".join([lines[0], *lines[10:]]) + "\n")
    (folder / ".hidden.csv").write_text("nonsense")
    (folder / "notes.md").write_text("nonsense")
    own = CliRunner().invoke(main, inputs.arguments())
    assert own.exit_code == 0
    expected = (inputs.out / "bill.csv").read_text("utf-8")
    for given in (folder, folder / "a-*.csv", folder / "a-[12].csv"):
        out = tmp_path / "again"
        arguments = ["bill", "--estate", str(inputs.estate), "--readings", str(given)]
        arguments += ["--period", inputs.period, "--out", str(out)]
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0, done.output
        assert (out / "bill.csv").read_text("utf-8") == expected
    arguments[4] = str(folder / "b-*.csv")
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert "there is no readings file at" in done.stderr


def test_one_of_several_files_that_holds_nothing_stops_the_bill(tmp_path: Path) -> None:
    inputs = good_year(tmp_path)
    (tmp_path / "wrong.csv").write_text("time,device,quantity,value\nyesterday,a,heat_kwh,1\n")
    arguments = [*inputs.arguments(), "--readings", str(tmp_path / "wrong.csv")]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1
    findings = json.loads((inputs.out / "findings.json").read_text("utf-8"))["findings"]
    assert [each["name"] for each in findings] == ["readings.row.invalid", "readings.none"]
    assert "wrong.csv row 2" in done.stderr
