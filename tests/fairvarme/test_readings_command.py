"""``fairvarme readings``: what arrived, on the screen and as a file."""

from __future__ import annotations

import json
import shutil
import stat
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from estate.periods import Period, day_start_ms
from fairvarme.cli import main
from telemetry.readings import Quality, Reading
from telemetry.readings_file.file import read_all
from telemetry.stores.sqlite import SqliteStore
from tests.support.ingest_parts import BUILDING, ESTATE

SAMPLE = Path(str(resources.files("estate").joinpath("sample")))
MONTH = Period.month("2026-01")
START_MS = day_start_ms(MONTH.start, ESTATE.building.zone)
HOUR_MS = 3_600_000


def reading(hour: float, value: float, device: str, quantity: str, quality: int = 0) -> Reading:
    time_ms = START_MS + round(hour * HOUR_MS)
    return Reading(BUILDING, device, quantity, time_ms, value, quality, time_ms)


STORED = [
    reading(0, 21.4, "box-0101", "temperature_c"),
    reading(1, 0.1 + 0.2, "box-0101", "temperature_c"),
    reading(7.5, 127.0, "box-0101", "temperature_c", Quality.SUSPECT),
    reading(3.001, 640.0, "box-0101", "co2_ppm"),
    reading(12, 1e-7, "box-removed", "temperature_c"),
    reading(-1, 19.0, "box-0101", "temperature_c"),
    reading(31 * 24, 19.0, "box-0101", "temperature_c"),
]


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLE, tmp_path / "estate")
    path = tmp_path / "fairvarme.toml"
    path.write_text(
        'store = "sqlite:///readings.db"\ndatabase = "sqlite:///fairvarme.db"\n'
        'estates = ["estate"]\n'
    )
    store = SqliteStore(tmp_path / "readings.db")
    assert store.write(STORED) == []
    store.close()
    return path


def run(installation: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["readings", *words, "--config", str(installation)])


def shown(installation: Path, *words: str) -> dict[tuple[str, str], dict[str, Any]]:
    done = run(installation, "show", BUILDING, "--period", str(MONTH), "--json", *words)
    assert done.exit_code == 0, done.output
    rows = json.loads(done.output)["series"]
    return {(row["device"], row["quantity"]): row for row in rows}


def test_what_arrived_is_counted_by_device_and_quantity(installation: Path) -> None:
    rows = shown(installation)
    assert rows["box-0101", "temperature_c"] == {
        "building": BUILDING,
        "device": "box-0101",
        "flat": "0101",
        "known": True,
        "quantity": "temperature_c",
        "readings": 3,
        "suspect": 1,
        "first_ms": START_MS,
        "last_ms": START_MS + round(7.5 * HOUR_MS),
        "last_value": 127.0,
        "longest_gap_hours": 6.5,
    }
    assert rows["box-0101", "co2_ppm"]["readings"] == 1


def test_silent_devices_and_those_not_of_the_estate_are_told(installation: Path) -> None:
    rows = shown(installation)
    assert not rows["box-removed", "temperature_c"]["known"]
    metered = {each.device for each in ESTATE.devices if MONTH.overlap(each.start, each.end)}
    assert metered <= {device for device, _ in rows}
    silent = rows["box-0102", "temperature_c"]
    assert (silent["readings"], silent["last_ms"], silent["last_value"]) == (0, None, None)
    assert silent["longest_gap_hours"] is None
    assert rows["box-0101", "co2_ppm"]["longest_gap_hours"] is None  # one reading has no neighbour


def test_one_device_may_be_asked_for(installation: Path) -> None:
    assert {device for device, _ in shown(installation, "--device", "box-0102")} == {"box-0102"}
    done = run(installation, "show", BUILDING, "--device", "box-9999")
    assert done.exit_code == 2
    assert "box-9999" in done.output


def test_times_are_the_buildings_own(installation: Path) -> None:
    done = run(installation, "show", BUILDING, "--period", str(MONTH))
    (line,) = [each for each in done.output.splitlines() if each.startswith("box-removed")]
    assert "not in devices.csv" in line
    assert "2026-01-01 12:00" in line


def test_the_last_week_is_shown_where_no_period_is_named(installation: Path) -> None:
    done = run(installation, "show", BUILDING, "--json")
    rows = json.loads(done.output)["series"]
    assert done.exit_code == 0
    assert not any(row["readings"] for row in rows)


def test_an_exported_file_is_read_back_value_for_value(installation: Path) -> None:
    path = installation.parent / "january.csv"
    done = run(installation, "export", BUILDING, "--period", str(MONTH), "--out", str(path))
    assert done.exit_code == 0, done.output
    file = read_all([path])
    assert file.findings == ()
    columns = file.columns()[["device", "quantity", "time_ms", "value"]]
    got = {tuple(row) for row in columns.itertuples(index=False)}
    kept = [row for row in STORED[:5] if not row.quality & Quality.SUSPECT]
    assert got == {(row.device, row.quantity, row.time_ms, row.value) for row in kept}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_suspect_readings_keep_their_mark(installation: Path) -> None:
    path = installation.parent / "all.csv"
    done = run(
        installation, "export", BUILDING, "--period", str(MONTH), "--out", str(path), "--suspect"
    )
    assert done.exit_code == 0, done.output
    lines = path.read_text().splitlines()
    assert lines[0] == "time,device,quantity,value,x_quality"
    assert [line for line in lines if ",127.0," in line] == [
        "2026-01-01T06:30:00.000000Z,box-0101,temperature_c,127.0,1"
    ]


def test_parquet_holds_the_same_rows(installation: Path) -> None:
    paths = [installation.parent / name for name in ("january.csv", "january.parquet")]
    for path in paths:
        done = run(installation, "export", BUILDING, "--period", str(MONTH), "--out", str(path))
        assert done.exit_code == 0, done.output
    plain, columns = (read_all([path]).columns() for path in paths)
    assert plain.equals(columns)
    assert list(pd.read_parquet(paths[1]).columns) == ["time", "device", "quantity", "value"]


def test_another_ending_is_refused_with_the_ones_that_are_written(installation: Path) -> None:
    done = run(installation, "export", BUILDING, "--out", str(installation.parent / "x.xls"))
    assert done.exit_code == 2
    assert ".csv nor .parquet" in done.output


def test_nothing_stored_is_an_empty_file_with_its_header(installation: Path) -> None:
    path = installation.parent / "none.csv"
    period = "2020-01-01/2020-02-01"
    done = run(installation, "export", BUILDING, "--period", period, "--out", str(path))
    assert done.exit_code == 0, done.output
    assert path.read_text() == "time,device,quantity,value\n"
