"""``fairvarme detect``: from a readings file to what is wrong in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from click.testing import CliRunner

from fairvarme.cli import main
from telemetry.readings_file.file import write_readings
from tests.support.water_meters import ordinary_hours, water_samples

LEAK_AT = 30 * 24


def leaking_file(path: Path) -> Path:
    """Write the registers of an ordinary home, and of one that leaks on from the 31st day."""
    use = np.stack([ordinary_hours(36), ordinary_hours(36)])
    use[1, LEAK_AT:] += 12
    samples = water_samples(use)
    rows = zip(samples.time_ms.tolist(), samples.device_index, samples.value.tolist(), strict=True)
    write_readings(
        path, ((time_ms, f"water-{row}", "hot_water_m3", value) for time_ms, row, value in rows)
    )
    return path


def test_a_leak_is_told_with_its_device_and_times(tmp_path: Path) -> None:
    file = leaking_file(tmp_path / "readings.csv")
    done = CliRunner().invoke(main, ["detect", str(file), "--json"])
    assert done.exit_code == 0, done.output
    (leak,) = json.loads(done.stdout)
    assert list(leak) == ["device", "kind", "from", "to", "raised", "evidence"]
    assert (leak["device"], leak["kind"]) == ("water-1", "leak")
    assert leak["from"] == "2026-01-31T00:00:00Z"
    raised = datetime.fromisoformat(leak["raised"])
    assert raised <= datetime(2026, 2, 1, 12, tzinfo=UTC)
    assert leak["to"] == "2026-02-06T00:00:00Z"


def test_people_read_a_line_for_each_alert(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["detect", str(leaking_file(tmp_path / "readings.csv"))])
    assert done.stdout.startswith("water-1 leak from 2026-01-31T00:00:00Z")
    assert done.stdout.count("\n") == 1


def test_rows_that_cannot_be_used_are_told_beside_the_alerts(tmp_path: Path) -> None:
    file = leaking_file(tmp_path / "readings.csv")
    with file.open("a") as rows:
        rows.write('2026-01-01T00:00:00Z,water-2,hot_water_m3,"1,5"\n')
    done = CliRunner().invoke(main, ["detect", str(file), "--json"])
    assert [each["device"] for each in json.loads(done.stdout)] == ["water-1"]
    assert "column value holds '1,5'" in done.stderr


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["detect", str(tmp_path / "nothing.csv"), "--json"])
    assert done.exit_code == 2
    assert "nothing.csv" in done.stderr
