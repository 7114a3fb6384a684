"""An estate that is not in order costs no other building its nights, nor people their rights."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from operations.settings import read_settings
from operations.staff.figures import read_figures
from operations.wiring import opened_database, opened_store
from telemetry.readings import Reading
from tests.support.small_house import BUILDING, call, make_house

NOW_MS = round(datetime(2028, 6, 1, 12, tzinfo=UTC).timestamp() * 1000)
MAIL = "anna@example.dk"
WHO = f"{BUILDING}/0101-1/0101-1a"
CELL, IDENTITY = ("flats.csv", "74", "large"), ("building.yaml", "id: another", "id: [another]")
SCHEME = ("building.yaml", "from: 2", "from: 9")
BROKEN = pytest.mark.parametrize("broken", [CELL, IDENTITY], ids=["cell", "identity"])


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Make an installation of two buildings, in both of which Anna has a home."""
    config = make_house(tmp_path / "house")
    folder = config.parent / "estates" / BUILDING
    change(folder, ("persons.csv", "Kanariesen,", f"Kanariesen,{MAIL}"))
    other = shutil.copytree(folder, folder.with_name("another"))
    change(other, ("building.yaml", f"id: {BUILDING}", "id: another"))
    change(config.parent, (config.name, "estates = [", 'estates = ["estates/another", '))
    return config


def change(folder: Path, cell: tuple[str, str, str]) -> None:
    name, known, wrong = cell
    text = (folder / name).read_text("utf-8")
    assert known in text
    (folder / name).write_text(text.replace(known, wrong, 1), "utf-8")


def spoil(config: Path, cell: tuple[str, str, str]) -> None:
    change(config.parent / "estates" / "another", cell)


def temperatures(config: Path, building: str = BUILDING) -> int:
    with opened_store(read_settings(config)) as store:
        return len(store.samples(building, ["box-0101"], "temperature_c", 0, NOW_MS))


def erase(config: Path, who: str, code: int) -> str:
    return call("erase", who, "--by", "a", "--reason", "asked", "--config", config, code=code)


@BROKEN
def test_retention_goes_on_in_the_other_buildings(
    house: Path, monkeypatch: pytest.MonkeyPatch, broken: tuple[str, str, str]
) -> None:
    monkeypatch.setattr("operations.privacy.retention.now_ms", lambda: NOW_MS)
    spoil(house, broken)
    persons = house.parent / "estates" / BUILDING / "persons.csv"
    change(persons.parent, ("tenancies.csv", "2024-03-01,,", "2024-03-01,2019-02-01,"))
    change(persons.parent, ("tenancies.csv", "2024-03-01,2019", "2018-03-01,2019"))
    assert temperatures(house) == 1
    said = call("retention", "--config", house, code=1)
    assert "another is left out: " in said
    assert temperatures(house) == 0
    assert "Kanarie" not in persons.read_text("utf-8")
    assert "Kanarie" in (persons.parents[1] / "another" / "persons.csv").read_text("utf-8")


def test_months_of_a_building_with_a_wrong_cell_are_sealed(house: Path) -> None:
    spoil(house, CELL)
    assert f"{BUILDING} 2025-06 temperature_c" in call("readings", "seal", "--config", house)


def test_months_of_the_others_are_sealed_where_a_folder_names_no_building(house: Path) -> None:
    spoil(house, IDENTITY)
    for _ in range(2):
        said = call("readings", "seal", "--config", house, code=1)
        assert "another is left out: " in said
    folder = read_settings(house).sealed_directory
    assert folder is not None
    assert list(folder.rglob(f"{BUILDING}/**/temperature_c-*.parquet"))
    assert "another is left out: " in call(
        "readings", "seal", "--dry-run", "--config", house, code=1
    )  # fmt: skip


@BROKEN
def test_nobody_is_said_to_be_erased_where_an_estate_could_not_be_read(
    house: Path, broken: tuple[str, str, str]
) -> None:
    with opened_store(read_settings(house)) as store:
        store.write([Reading("another", "box-0101", "temperature_c", NOW_MS - 1, 21.0, 0, NOW_MS)])
    spoil(house, broken)
    said = erase(house, MAIL, code=1)
    assert "temperature_c: 1 erased" in said
    assert "another is left out: " in said
    assert "is not erased there" in said
    name, known, wrong = broken
    spoil(house, (name, wrong, known))
    said = erase(house, MAIL, code=0)
    assert "temperature_c: 1 erased" in said
    assert (temperatures(house), temperatures(house, "another")) == (0, 0)


def test_a_program_is_told_where_nothing_was_erased(house: Path) -> None:
    spoil(house, CELL)
    words = ("erase", MAIL, "--by", "a", "--reason", "asked", "--json", "--config", house)
    (finding,) = json.loads(call(*words, code=1).splitlines()[-1])["findings"]
    assert finding["message"].startswith("another is left out: ")


@BROKEN
def test_who_is_asked_for_by_a_building_in_order_needs_no_other(
    house: Path, tmp_path: Path, broken: tuple[str, str, str]
) -> None:
    spoil(house, broken)
    call("access-request", WHO, "--out", tmp_path / "out", "--config", house)
    assert "left out" not in erase(house, WHO, code=0)


@BROKEN
def test_nobody_is_called_unknown_where_an_estate_could_not_be_read(
    house: Path, tmp_path: Path, broken: tuple[str, str, str]
) -> None:
    spoil(house, broken)
    for who in ("else@example.dk", "another/0101-1/0101-1a"):
        assert "another is left out: " in erase(house, who, code=1)
    # An answer that lacks a home is none.
    out = tmp_path / "out"
    assert "another is left out: " in call(
        "access-request", MAIL, "--out", out, "--config", house, code=1
    )  # fmt: skip
    assert not out.exists()
    assert "nobody is known as" in erase(house, "Anna", code=2)


@BROKEN
@pytest.mark.parametrize("how", ["--send", "--out"])
def test_the_other_buildings_get_their_month(
    house: Path, tmp_path: Path, broken: tuple[str, str, str], how: str
) -> None:
    spoil(house, broken)
    more = () if how == "--send" else (tmp_path / "pages",)
    said = call("report", "--month", "2025-06", how, *more, "--config", house, code=1)
    assert "another is left out: " in said
    folder = house.parent / "letters" if how == "--send" else tmp_path / "pages"
    assert len(list((folder / BUILDING).glob("*.pdf"))) == 2
    assert not (folder / "another").exists()


@BROKEN
def test_the_figures_of_the_other_buildings_are_kept(
    house: Path, broken: tuple[str, str, str]
) -> None:
    spoil(house, broken)
    said = call("figures", "--month", "2025-06", "--config", house, code=1)
    assert "another is left out: " in said
    with opened_database(read_settings(house)) as engine:
        assert [each.building for each in read_figures(engine)] == [BUILDING]


def test_the_figures_of_the_other_buildings_are_kept_where_one_has_no_scheme(house: Path) -> None:
    change(house.parent / "estates" / "another", SCHEME)
    call("figures", "--month", "2025-06", "--config", house, code=1)
    with opened_database(read_settings(house)) as engine:
        assert [each.building for each in read_figures(engine)] == [BUILDING]


@BROKEN
def test_a_building_that_is_named_needs_no_other(house: Path, broken: tuple[str, str, str]) -> None:
    spoil(house, broken)
    readings = house.parent / "readings.csv"
    call("load", readings, "--building", BUILDING, "--config", house)
    call("load", readings, "--building", "another", "--config", house, code=1)
