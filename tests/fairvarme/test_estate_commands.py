"""The commands around estates in the database, as an administrator calls them."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from billing.bill.files import write_bill
from estate.database.engine import open_database
from estate.files.folder import read_estate
from estate.periods import Period
from estate.sources.database import DatabaseEstates
from fairvarme.cli import main
from operations.bill_building import bill_building
from operations.settings import CONFIG_VARIABLE
from telemetry.readings_file.file import read_readings
from tests.support.broken_inputs import Inputs, good_year
from tests.support.imports import BUILDING, Site

SETTINGS = """\
store = "sqlite:///readings.db"
database = "{url}"
estates = "database"
"""


@pytest.fixture
def site(migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Yield an installation with its estates in the database, and the sample beside it."""
    config = tmp_path / "fairvarme.toml"
    config.write_text(SETTINGS.format(url=migrated_url), "utf-8")
    monkeypatch.setenv(CONFIG_VARIABLE, str(config))
    engine = open_database(migrated_url)
    yield Site.new(engine, tmp_path)
    engine.dispose()


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["estate", *map(str, arguments)])


def told(*arguments: str | Path) -> dict[str, Any]:
    """Return what a command prints for programs."""
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_dry_run_prints_each_row_and_writes_nothing(site: Site) -> None:
    done = run("import", site.folder, "--dry-run")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert "flats 0101: new, flat 0101" in done.stdout
    assert len(lines) == 114
    assert lines[-1].endswith("nothing is written")
    assert told("list") == {"buildings": []}


def test_imported_listed_changed_and_looked_up(site: Site) -> None:
    assert run("import", site.folder).stdout.endswith("12 new in aconto; written\n")
    assert run("import", site.folder).stdout == f"{BUILDING}: nothing to change\n"
    (row,) = told("list")["buildings"]
    assert row["devices"] == 38
    site.replace(
        "devices.csv",
        "box-0101,climate,0101,2025-09-01,,",
        "box-0101,climate,0101,2025-09-01,2026-03-01,",
    )
    answer = told("import", site.folder, "--by", "the caretaker", "--dry-run")
    assert answer["changes"] == [
        {
            "file": "devices", "key": "box-0101 2025-09-01",
            "before": {"to": None}, "after": {"to": "2026-03-01"},
        }
    ]  # fmt: skip
    assert run("import", site.folder, "--by", "the caretaker").exit_code == 0
    done = run("history", BUILDING, "--row", "box-0101")
    latest, first = done.stdout.splitlines()
    assert latest.endswith("the caretaker  devices box-0101 2025-09-01: to (blank) -> 2026-03-01")
    assert ": new, device box-0101" in first


def test_an_import_that_nothing_reads_says_so(site: Site, tmp_path: Path) -> None:
    config = tmp_path / "fairvarme.toml"
    folders = config.read_text("utf-8").replace('"database"', f'["{site.folder}"]')
    assert "nothing reads" not in run("import", site.folder).output
    config.write_text(folders, "utf-8")
    assert "nothing reads what is imported" in run("import", site.folder).output


@pytest.mark.slow
def test_what_is_missing_is_told_and_kept(site: Site) -> None:
    run("import", site.folder)
    site.drop("aconto.csv", "0101-1")
    done = run("import", site.folder)
    assert done.exit_code == 0
    assert "Warning: aconto.csv: 0101-1 2026-01-01/2026-02-01 is in the database" in done.stdout


def test_what_contradicts_the_database_ends_with_1_and_findings(site: Site) -> None:
    run("import", site.folder)
    site.replace("devices.csv", "box-0101,", "box-new,")
    done = run("import", site.folder, "--json")
    assert done.exit_code == 1
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["name"] == "import.place_taken"


def test_the_export_is_the_estate_and_its_owners_alone(site: Site, tmp_path: Path) -> None:
    run("import", site.folder)
    copy, again = tmp_path / "copy", tmp_path / "again"
    assert run("export", BUILDING, copy).exit_code == 0
    assert read_estate(copy) == read_estate(site.folder)
    assert told("import", copy)["changes"] == []
    run("export", BUILDING, again)
    assert {each.name: each.read_bytes() for each in copy.iterdir()} == {
        each.name: each.read_bytes() for each in again.iterdir()
    }
    modes = {stat.S_IMODE(each.stat().st_mode) & 0o077 for each in (copy, *copy.iterdir())}
    assert modes == {0}
    assert run("export", BUILDING, copy).exit_code == 2


@pytest.mark.parametrize("command", ["export", "history"])
def test_a_building_that_is_not_there_is_wrong_usage(
    site: Site, tmp_path: Path, command: str
) -> None:
    more = [tmp_path / "copy"] if command == "export" else []
    done = run(command, "elsewhere", *more)
    assert done.exit_code == 2
    assert "elsewhere" in done.stderr
    assert site.count("building") == 0


def test_no_name_of_a_person_is_printed_or_kept(site: Site) -> None:
    names = [person.name for person in read_estate(site.folder).persons]
    printed = run("import", site.folder, "--dry-run").output + run("import", site.folder).output
    printed += run("history", BUILDING).output + json.dumps(told("history", BUILDING))
    assert [name for name in names if name in printed] == []


def test_a_text_cannot_steer_the_terminal(site: Site) -> None:
    site.replace("flats.csv", "Solgaarden 1, st. tv", "x\x1b[2Jy")
    assert "\x1b" not in run("import", site.folder, "--dry-run").output


def test_the_doctor_looks_at_what_was_imported(site: Site) -> None:
    run("import", site.folder)
    done = CliRunner().invoke(main, ["doctor"])
    assert f"{BUILDING}: 12 flats, 38 devices" in done.stdout


def test_readings_are_loaded_for_a_building_of_the_database(site: Site, tmp_path: Path) -> None:
    inputs = good_year(tmp_path / "house")
    run("import", inputs.estate)
    arguments = ["load", str(inputs.readings), "--building", "house", "--json"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["stored"] > 0
    refused = CliRunner().invoke(main, [*arguments[:3], BUILDING])
    assert refused.exit_code == 2
    assert "choose from house" in refused.output


def test_a_bill_of_the_database_is_that_of_the_folder_to_the_byte(
    site: Site, tmp_path: Path
) -> None:
    inputs: Inputs = good_year(tmp_path / "house")
    assert run("import", inputs.estate).exit_code == 0
    source = read_readings(inputs.readings)
    written = []
    for place, estate in enumerate(
        [read_estate(inputs.estate), DatabaseEstates(site.engine).read("house")]
    ):
        period, issued = Period.parse(inputs.period), date(2026, 3, 1)
        bill = bill_building(estate, source, period, issued=issued)
        out = tmp_path / str(place)
        write_bill(out, bill, {})
        written.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert written[0] == written[1]
    assert len(written[0]["bill.csv"]) > 500
