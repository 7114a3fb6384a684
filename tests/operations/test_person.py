"""What a person is told of, and what is erased: everything of theirs, nothing of a neighbour's."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from operations.alerts.checkpoints import AlertCheckpoint
from operations.privacy.kept import kept
from operations.privacy.records import all_tables
from operations.settings import read_settings
from operations.wiring import opened_database, opened_store
from telemetry.readings import Reading
from tests.support.filled_rows import plant
from tests.support.small_house import BUILDING, PERIOD, bill_files, call, call_json, make_house

NOW_MS = round(datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp() * 1000)
OWN, OTHER = "canary-own", "canary-other"
WHO = f"{BUILDING}/0101-1/0101-1a"
ABOUT_A_HOME = ("outbox_message", "alert_case", "fault_report", "access_record", "resident_wish")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Make a house that holds something of two homes in every table that is about homes."""
    config = make_house(tmp_path / "house")
    call(
        "bill", BUILDING, "--period", PERIOD, "--out", tmp_path / "approved",
        "--approve", "--by", "anna", "--config", config,
    )  # fmt: skip
    with opened_database(read_settings(config)) as engine, engine.begin() as connection:
        for name in ABOUT_A_HOME:
            table, row = all_tables()[name], kept().records.get(name)
            under = row.under if row else {}
            children = {column: all_tables()[child] for child, column in under.items()}
            for canary, tenancy in ((OWN, "0101-1"), (OTHER, "0102-1")):
                of_home: dict[str, object] = {
                    "building": BUILDING, "tenancy": tenancy, "person": f"{tenancy}a",
                    "flat": tenancy[:4],
                }  # fmt: skip
                here = {column: of_home[column] for column in of_home if column in table.c}
                plant(connection, table, children, f"{canary}-{name}", **here)
    with opened_store(read_settings(config)) as store:
        store.write(
            [
                Reading(BUILDING, device, "temperature_c", NOW_MS, value, 0, NOW_MS)
                for device, value in (("box-0101", 23.25), ("box-0102", 22.75))
            ]
        )
    return config


def ask(config: Path, out: Path, who: str = WHO) -> tuple[dict[str, Any], str]:
    call("access-request", who, "--out", out, "--config", config)
    page = (out / "access-request.html").read_text("utf-8")
    return json.loads((out / "access-request.json").read_text("utf-8")), page


def erase(config: Path, who: str = WHO) -> dict[str, Any]:
    return call_json("erase", who, "--by", "anna", "--reason", "asked", "--config", config)


def test_everything_of_a_person_is_told_and_nothing_of_a_neighbour(
    house: Path, tmp_path: Path
) -> None:
    document, page = ask(house, tmp_path / "out")
    (home,) = document["homes"]
    text = json.dumps(document)
    assert {f"{OWN}-{name}"[:32] in text for name in ABOUT_A_HOME} == {True}
    assert OTHER not in text
    assert home["person"]["name"] == "Kanarie Kanariesen"
    assert "Beboer 0102" not in text + page
    assert {each["device"] for each in home["readings"]} == {"box-0101", "64000101"}
    assert [each["tenancy"] for each in home["statements"]] == ["0101-1"]
    assert "ledger_posting" in {each["table"] for each in home["records"]}
    assert OWN in page
    assert "6(1)(c)" in page


def test_a_page_shows_what_people_wrote_and_runs_none_of_it(house: Path, tmp_path: Path) -> None:
    persons = house.parent / "estates" / BUILDING / "persons.csv"
    persons.write_text(persons.read_text().replace("Kanarie Kanariesen", "<script>x</script>"))
    _, page = ask(house, tmp_path / "out")
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_an_unknown_person_is_refused(house: Path, tmp_path: Path) -> None:
    for who in ("nobody@example.dk", "0101-1a", f"{BUILDING}/0101-1/0102-1a", ""):
        said = call(
            "access-request", who, "--out", tmp_path / "out", "--config", house, code=2
        )  # fmt: skip
        assert "nobody is known as" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_who_lives_there_keeps_name_and_bill_and_loses_the_rest(
    house: Path, tmp_path: Path
) -> None:
    bill = bill_files(house, tmp_path / "before")["bill.csv"]
    done = erase(house)
    assert done["removed"]["temperature_c"] == 2
    assert "bill needs name and address" in done["kept"]["person"]
    document, _ = ask(house, tmp_path / "out")
    text = json.dumps(document)
    left = {name for name in ABOUT_A_HOME if f"{OWN}-{name}"[:20] in text}
    assert left == {"access_record"}
    assert {each["quantity"] for each in document["homes"][0]["readings"]} == {"heat_kwh"}
    assert bill_files(house, tmp_path / "after")["bill.csv"] == bill
    assert "as approved" in call("recompute", 1, "--config", house)
    other, _ = ask(house, tmp_path / "other", f"{BUILDING}/0102-1/0102-1a")
    assert all(f"{OTHER}-{name}"[:32] in json.dumps(other) for name in ABOUT_A_HOME)
    assert {each["device"] for each in other["homes"][0]["readings"]} == {"box-0102", "64000102"}


def test_erasing_is_recorded_with_who_and_why(house: Path, tmp_path: Path) -> None:
    erase(house)
    document, _ = ask(house, tmp_path / "out")
    (rows,) = [
        each["rows"] for each in document["homes"][0]["records"] if each["table"] == "access_record"
    ]
    assert [(row["who"], row["reason"]) for row in rows if row["what"] == "erased 0101-1a"] == [
        ("anna", "asked")
    ]


def test_who_has_moved_out_keeps_the_name_alone(house: Path) -> None:
    folder = house.parent / "estates" / BUILDING
    tenancies = (folder / "tenancies.csv").read_text()
    moved_out = tenancies.replace("2024-03-01,,", "2024-03-01,2026-02-01,")
    (folder / "tenancies.csv").write_text(moved_out)
    text = (folder / "persons.csv").read_text()
    (folder / "persons.csv").write_text(text.replace("sen,", "sen,own@example.dk"))
    erase(house)
    assert (folder / "persons.csv").read_text() == text


def test_with_others_in_the_home_their_readings_stay(house: Path) -> None:
    folder = house.parent / "estates" / BUILDING
    with (folder / "persons.csv").open("a") as file:
        file.write("0101-1,0101-1b,Another,\n")
    done = erase(house)
    assert "temperature_c" not in done["removed"]
    assert "others live in the home" in done["kept"]["climate"]
    assert done["removed"]["outbox_message"] == 1
    assert "alert_case" not in done["removed"]


def test_no_file_holds_what_was_erased(house: Path) -> None:
    erase(house)
    files = [path for path in house.parent.rglob("*") if path.is_file()]
    names = [f"{OWN}-{name}".encode() for name in ABOUT_A_HOME if name != "access_record"]
    assert not [path for path in files if any(name in path.read_bytes() for name in names)]


def test_hours_of_homes_that_runs_of_alerts_keep_are_erased_with_the_readings(house: Path) -> None:
    with opened_database(read_settings(house)) as engine, engine.begin() as connection:
        for building in (BUILDING, "another"):
            row = {"building": building, "made_ms": NOW_MS, "content": b"hours"}
            connection.execute(insert(AlertCheckpoint), row)
    erase(house)
    with opened_database(read_settings(house)) as engine, engine.connect() as connection:
        left = connection.scalars(select(AlertCheckpoint.building)).all()
    assert left == ["another"]
