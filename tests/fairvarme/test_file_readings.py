"""Readings of a file beside an estate: the same rules as over MQTT."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from itertools import chain
from pathlib import Path

import pytest
from click.testing import CliRunner

from estate.files.folder import read_estate
from fairvarme.cli import main
from ingest.quarantine.store import Selection
from operations.readings.load_readings import load_files
from telemetry.stores.sqlite import SqliteStore
from tests.support.influxdb import Influxdb
from tests.support.ingest_parts import open_quarantine

SAMPLE = Path(str(resources.files("estate").joinpath("sample")))
ESTATE = read_estate(SAMPLE)


def settings_file(directory: Path, store: str) -> Path:
    path = directory / "fairvarme.toml"
    path.write_text(
        f'store = "{store}"\ndatabase = "sqlite:///fairvarme.db"\nestates = ["{SAMPLE}"]\n'
    )
    return path


def test_what_the_rules_refuse_is_named_and_costs_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    path.write_text(
        "time,device,quantity,value\n"
        "2026-01-10T12:00:00Z,box-0101,temperature_c,21.5\n"
        "2026-01-10T13:00:00Z,box-0101,temperature_c,21.6\n"
        "2020-01-10T12:00:00Z,box-0101,temperature_c,21.5\n"
        "2199-01-10T12:00:00Z,box-0101,temperature_c,21.5\n"
        "2026-01-10T12:00:00Z,nobody,temperature_c,21.5\n"
        "2026-01-10T13:00:00Z,nobody,temperature_c,21.5\n"
        "2026-01-10T12:00:00Z,box-0102,temperature_c,127\n"
        "2026-01-10T12:00:00Z,box-0102,temperature_c,19\n"
    )
    store = SqliteStore(tmp_path / "readings.db")
    progress = []
    quarantine = open_quarantine(tmp_path / "fairvarme.db")
    loaded = load_files(
        [path],
        ESTATE,
        store,
        quarantine,
        on_stored=lambda done, total: progress.append((done, total)),
    )
    assert loaded.stored == store.count("solgaarden") == 3
    assert progress[-1] == (3, 3)
    rejected = {
        (finding.data["device"], finding.data["reason"]): finding.data["readings"]
        for finding in loaded.findings
        if finding.name == "readings.rejected"
    }
    assert rejected == {
        ("box-0101", "time_before_placement"): 1,
        ("box-0101", "time_ahead"): 1,
        ("nobody", "device_unknown"): 2,
    }
    assert any("127" in finding.message for finding in loaded.findings)
    assert quarantine.counts() == {}
    quarantine.engine.dispose()
    store.close()


@pytest.mark.integration
def test_what_the_store_refuses_is_told_and_kept(tmp_path: Path, influxdb: Influxdb) -> None:
    database = influxdb.create_database()
    influxdb.write("co2_ppm,building=elsewhere,device=x value=800i 1768046400000", database)
    config = settings_file(tmp_path, f"influxdb://{influxdb.host}:{influxdb.port}/{database}")
    path = tmp_path / "january.csv"
    path.write_text(
        "time,device,quantity,value\n"
        "2026-01-10T12:00:00Z,box-0101,temperature_c,21.5\n"
        "2026-01-10T12:00:00Z,box-0101,co2_ppm,800\n"
        "2026-01-10T13:00:00Z,box-0101,co2_ppm,900\n"
        "2026-01-10T13:00:00Z,box-0101,temperature_c,21.6\n"
    )
    arguments = ["load", str(path), "--building", "solgaarden", "--config", str(config)]
    result = CliRunner().invoke(main, [*arguments, "--json"])
    assert result.exit_code == 1
    loaded = json.loads(result.stdout)
    assert (loaded["stored"], loaded["refused"]) == (2, 2)
    (finding,) = loaded["findings"]
    assert finding["name"] == "load.refused"
    assert finding["data"]["readings"] == 2
    assert "box-0101" in finding["message"]
    assert "quarantine" in finding["message"]

    quarantine = open_quarantine(tmp_path / "fairvarme.db")
    (kept,) = quarantine.list_rows(10)
    readings = [each.message.payload for each in chain(*quarantine.messages(Selection()))]
    quarantine.engine.dispose()
    assert (kept.reason, kept.device, kept.quantity) == ("store_refused", "box-0101", "co2_ppm")
    assert kept.times == 2
    assert sorted(json.loads(each)["value"] for each in readings) == [800, 900]


def test_unknown_devices_without_end_are_counted_and_hide_no_known_one(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    rows = [f"2026-01-10T12:00:00Z,{n:05},temperature_c,21" for n in range(5000)]
    rows += [f"2026-01-10T{hour}:00:00Z,zz,temperature_c,21" for hour in (12, 13)]
    rows += ["2199-01-10T12:00:00Z,box-0101,temperature_c,21"]
    rows += ["2026-01-10T12:00:00Z,box-0101,temperature_c,21"]
    path.write_text("\n".join(["time,device,quantity,value", *rows, ""]))
    store, quarantine = (
        SqliteStore(tmp_path / "readings.db"), open_quarantine(tmp_path / "fairvarme.db"),
    )  # fmt: skip
    loaded = load_files([path], ESTATE, store, quarantine)
    assert loaded.stored == 1
    named = [each.data["device"] for each in loaded.findings if each.name == "readings.rejected"]
    assert "box-0101" in named
    (more,) = [each for each in loaded.findings if each.name == "readings.rows.more"]
    assert len(named) <= 101
    assert more.data["devices"] == 5001 - (len(named) - 1)
    assert more.data["rows"] + len(named) == 5002 + 1
    store.close()
    quarantine.engine.dispose()


def test_a_file_without_a_usable_row_is_no_success(tmp_path: Path) -> None:
    config = settings_file(tmp_path, "sqlite:///readings.db")
    path = tmp_path / "january.csv"
    path.write_text(
        "time,device,quantity,value\n"
        "2026-01-10T12:00:00,box-0101,temperature_c,21.5\n"
        "2026-01-10T12:00:00Z,nobody,temperature_c,21.5\n"
    )
    arguments = ["load", str(path), "--building", "solgaarden", "--config", str(config)]
    told = CliRunner().invoke(main, [*arguments, "--json"])
    assert told.exit_code == 1
    loaded = json.loads(told.stdout)
    assert (loaded["stored"], loaded["findings"][-1]["name"]) == (0, "readings.none")
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "quarantine" not in result.stderr
    first, second, last = result.stderr.splitlines()[-3:]
    assert "row 2, column time" in first
    assert "nobody" in second
    assert "it has no usable readings" in last


def test_a_bill_that_stops_names_wrong_rows_before_its_own_reasons(tmp_path: Path) -> None:
    estate = tmp_path / "estate"
    shutil.copytree(str(SAMPLE), estate)
    (estate / "costs.csv").write_text("period_start,period_end,item,amount\n")
    path = tmp_path / "january.csv"
    path.write_text(
        "time,device,quantity,value\n"
        "2026-01-10T12:00:00Z,box-0101,temperature_c,21.5\n"
        + "2026-01-10T12:00:00Z,64000101,heat_kwh,1 234\n"
        * 150
    )
    out = tmp_path / "out"
    arguments = ["bill", "--estate", str(estate), "--readings", str(path)]
    arguments += ["--period", "2026-01-01/2026-02-01", "--out", str(out)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    shown = result.stderr.splitlines()
    assert "january.csv row 3, column value holds '1 234': write a number" in shown[0]
    findings = json.loads((out / "findings.json").read_text("utf-8"))["findings"]
    names = [each["name"] for each in findings]
    assert names[0] == "readings.row.invalid"
    assert "billing.costs.missing" in names
    stop = next(each for each in findings if each["name"] == "billing.costs.missing")
    assert stop["message"] in result.stderr
