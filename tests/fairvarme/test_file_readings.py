"""Readings of a file beside an estate: the same rules as over MQTT."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from estate.folder import read_estate
from fairvarme.file_readings import load_file
from telemetry.sqlite_store import SqliteStore

ESTATE = read_estate(Path(str(resources.files("estate").joinpath("sample"))))


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
    loaded = load_file(path, ESTATE, store, lambda done, total: progress.append((done, total)))
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
    store.close()
