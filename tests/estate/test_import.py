"""An estate folder imported into a database: what changes, what is kept, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from estate.database.engine import answering, open_database
from estate.database.history import read_history
from estate.errors import DataError, StoreUnavailable
from estate.files.folder import read_estate
from estate.files.writer import write_folder
from estate.sources.database import DatabaseEstates
from tests.support.imports import BUILDING, BY, SAMPLE, Site

HEAT = "64000101,heat,0101,2022-06-01,,,2032-06-01"
SWAPPED = "64000101,heat,0101,2022-06-01,2026-02-01,,2032-06-01"
NEW_METER = "64009999,heat,0101,2026-02-01,,,2034-01-01"
BOX = "box-0101,climate,0101,2025-09-01,,stue,"


@pytest.fixture
def site(migrated_url: str, tmp_path: Path) -> Iterator[Site]:
    engine = open_database(migrated_url)
    yield Site.new(engine, tmp_path)
    engine.dispose()


@pytest.fixture
def imported(site: Site) -> Site:
    site.imported()
    return site


def names_of(error: pytest.ExceptionInfo[DataError]) -> set[str]:
    return {finding.name for finding in error.value.findings}


def test_a_building_is_as_in_its_folder(site: Site) -> None:
    done = site.imported()
    assert done.new
    assert done.findings == ()
    assert site.stored() == read_estate(SAMPLE)


def test_imported_again_nothing_changes(imported: Site) -> None:
    revisions = DatabaseEstates(imported.engine).revisions()
    assert imported.imported().changes == ()
    assert DatabaseEstates(imported.engine).revisions() == revisions
    assert imported.count("estate_import") == 1


def test_a_dry_run_says_the_same_and_writes_nothing(site: Site) -> None:
    dry = site.imported(dry=True)
    assert DatabaseEstates(site.engine).revisions() == {}
    assert site.imported().changes == dry.changes


def test_a_changed_cell_is_kept_as_it_was_with_who_and_when(imported: Site) -> None:
    imported.replace(
        "tenancies.csv", "0101-1,0101,2019-08-01,,", "0101-1,0101,2019-08-01,2026-03-01,"
    )
    (change,) = imported.imported().changes
    assert change == ("tenancies", "0101-1", {"to": None}, {"to": "2026-03-01"})
    past = read_history(imported.engine, BUILDING, "0101-1")[0]
    assert past == (BY.time_ms, BY.name, BY.source, *change)
    assert imported.stored() == read_estate(imported.folder)


def test_what_the_building_says_is_changed_too(imported: Site) -> None:
    imported.replace("building.yaml", "name: Solgården", "name: Nygården")
    imported.replace("building.yaml", "landlord: Boligforeningen Prøven\n", "")
    (change,) = imported.imported().changes
    assert change[2:] == ({"name": "Solgården"}, {"name": "Nygården"})
    # What building.yaml says nothing of stays.
    assert imported.stored().building.landlord == "Boligforeningen Prøven"


@pytest.mark.parametrize(
    ("file", "row"),
    [("devices.csv", "box-0101"), ("aconto.csv", "0101-1"), ("persons.csv", "0102-1,0102-1b"),
     ("neighbours.csv", "0101,0102"), ("costs.csv", "2026-01-01,2026-02-01,heat,rebate")],
)  # fmt: skip
def test_a_row_that_is_missing_is_kept_and_told(imported: Site, file: str, row: str) -> None:
    imported.drop(file, row)
    done = imported.imported()
    assert done.changes == ()
    assert [(each.name, each.data["file"]) for each in done.findings] == [("import.kept", file)]
    assert imported.stored() == read_estate(SAMPLE)


def test_a_file_and_a_column_that_are_missing_delete_nothing(imported: Site) -> None:
    (imported.folder / "persons.csv").unlink()
    path = imported.folder / "devices.csv"
    lines = [line.rsplit(",", 2)[0] for line in path.read_text("utf-8").splitlines()]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    done = imported.imported()
    assert done.changes == ()
    assert {each.data["file"] for each in done.findings} == {"persons.csv"}
    assert imported.stored() == read_estate(SAMPLE)


def test_a_scheme_that_is_missing_is_kept(imported: Site) -> None:
    path = imported.folder / "building.yaml"
    before = path.read_text("utf-8")
    start, end = before.index("schemes:"), before.index("organisation:")
    new = "schemes:\n  - {scheme: dk-metered, from: 2027-07-01}\n"
    path.write_text(before[:start] + new + before[end:], "utf-8")
    done = imported.imported()
    assert [each.data["key"] for each in done.findings] == ["scheme dk-climate from 2025-07-01"]
    assert [each.scheme for each in imported.stored().building.schemes] == [
        "dk-climate", "dk-metered",
    ]  # fmt: skip


def test_folder_and_database_together_must_be_in_order(imported: Site) -> None:
    imported.replace("tenancies.csv", "0101-1,0101,", "0101-9,0101,")
    for file in ("persons.csv", "aconto.csv"):
        imported.replace(file, "0101-1,", "0101-9,")
    with pytest.raises(DataError, match="0101-1, which the database has") as caught:
        imported.imported()
    assert names_of(caught) == {"estate.rows.overlap"}
    assert imported.stored() == read_estate(SAMPLE)


def test_two_rows_that_are_alike_stay_two(imported: Site) -> None:
    charge = "0101-1,2026-02-01,2026-03-01,850.00"
    imported.add("aconto.csv", charge, charge)
    assert len(imported.imported().changes) == 2
    assert imported.imported().changes == ()
    imported.replace("aconto.csv", charge, charge.replace("850", "800"))
    (change,) = imported.imported().changes
    assert change[2:] == ({"amount_ore": 85_000}, {"amount_ore": 80_000})
    assert imported.stored() == read_estate(imported.folder)


def test_a_swapped_meter_is_in_the_same_measuring_point(imported: Site) -> None:
    imported.replace("devices.csv", HEAT, SWAPPED)
    imported.add("devices.csv", NEW_METER)
    assert imported.imported().findings == ()
    assert imported.points()["0101:heat"] == ["64000101", "64009999"]


def test_a_renamed_box_is_in_the_same_measuring_point(imported: Site) -> None:
    imported.replace("devices.csv", BOX, "box-0101,climate,0101,2025-09-01,2026-02-01,stue,")
    imported.add("devices.csv", "0x00124b01,climate,0101,2026-02-01,,stue,")
    imported.imported()
    assert imported.points()["0101:climate:stue"] == ["box-0101", "0x00124b01"]


def test_a_device_in_the_place_of_one_that_is_missing_is_asked_about(imported: Site) -> None:
    imported.replace("devices.csv", "box-0101,", "0x00124b01,")
    with pytest.raises(DataError, match="box-0101 stands") as caught:
        imported.imported()
    assert names_of(caught) == {"import.place_taken"}


def test_a_box_that_moves_leaves_its_measuring_point(imported: Site) -> None:
    moved = "box-0101,climate,0101,2025-09-01,2026-02-01,stue,"
    imported.replace("devices.csv", BOX, moved)
    imported.add("devices.csv", "box-0101,climate,0102,2026-02-01,,kammer,")
    imported.imported()
    points = imported.points()
    assert points["0101:climate:stue"] == points["0102:climate:kammer"] == ["box-0101"]
    imported.add("devices.csv", "box-new,climate,0101,2026-03-01,,stue,")
    imported.imported()
    assert imported.points()["0101:climate:stue"] == ["box-0101", "box-new"]


def test_a_box_that_moves_by_writing_over_its_row_is_asked_about(imported: Site) -> None:
    imported.replace("devices.csv", BOX, "box-0101,climate,0102,2026-02-01,,stue,")
    with pytest.raises(DataError, match="which the database has") as caught:
        imported.imported()
    assert names_of(caught) == {"estate.rows.overlap"}


def test_a_first_day_may_be_corrected(imported: Site) -> None:
    imported.replace("devices.csv", BOX, "box-0101,climate,0101,2025-10-01,,stue,")
    (change,) = imported.imported().changes
    assert change[2:] == ({"from": "2025-09-01"}, {"from": "2025-10-01"})
    assert imported.points()["0101:climate:stue"] == ["box-0101"]


def test_of_several_that_leave_at_once_nobody_guesses(imported: Site) -> None:
    old = [f"old-{n},allocator,0101,2020-01-01,2026-02-01,," for n in (1, 2)]
    imported.add("devices.csv", *old)
    imported.imported()
    imported.add("devices.csv", *(f"new-{n},allocator,0101,2026-02-01,,," for n in (1, 2)))
    done = imported.imported()
    assert [each.name for each in done.findings] == ["import.point_unclear"] * 2
    assert {
        point: devices for point, devices in imported.points().items() if "allocator" in point
    } == {
        "0101:allocator": ["old-1"], "0101:allocator:2": ["old-2"],
        "0101:allocator:3": ["new-1"], "0101:allocator:4": ["new-2"],
    }  # fmt: skip


def test_the_column_point_says_which(imported: Site) -> None:
    imported.add(
        "devices.csv", *(f"old-{n},allocator,0101,2020-01-01,2026-02-01,," for n in (1, 2))
    )
    imported.imported()
    path = imported.folder / "devices.csv"
    header, *rows = path.read_text("utf-8").splitlines()
    rows += [
        f"new-{n},allocator,0101,2026-02-01,,,,0101:allocator:{3 - n}".replace(":1", "")
        for n in (1, 2)
    ]
    path.write_text("\n".join([f"{header},point", *rows]) + "\n", "utf-8")
    assert imported.imported().findings == ()
    points = imported.points()
    assert points["0101:allocator"] == ["old-1", "new-2"]
    assert points["0101:allocator:2"] == ["old-2", "new-1"]
    assert imported.stored() == read_estate(imported.folder)


def test_a_point_that_is_taken_or_elsewhere_is_refused(imported: Site) -> None:
    path = imported.folder / "devices.csv"
    header, *rows = path.read_text("utf-8").splitlines()
    rows.append("other,heat,0101,2026-02-01,,,,0101:heat")
    rows.append("third,hot_water,0102,2026-02-01,,,,0101:cold_water")
    rows.append("fourth,cold_water,0101,2026-02-01,,,,0101:cold_water")
    path.write_text("\n".join([f"{header},point", *rows]) + "\n", "utf-8")
    with pytest.raises(DataError) as caught:
        imported.imported()
    assert names_of(caught) == {"estate.rows.point_taken", "estate.rows.point_elsewhere"}


def test_of_persons_the_history_says_that_and_not_what(imported: Site) -> None:
    imported.replace("persons.csv", "0102-1a@solgaarden.example", "new@solgaarden.example")
    (change,) = imported.imported().changes
    assert change == ("persons", "0102-1 0102-1a", {"mail": "not kept"}, {"mail": "not kept"})
    names = {person.name for person in read_estate(SAMPLE).persons}
    with answering(imported.engine) as session:
        kept = str(session.execute(text('SELECT "key", before, after FROM estate_change')).all())
    assert not [each for each in (*names, "@solgaarden", "new@") if f"'{each}" in kept]
    assert "Beboer" not in kept


def test_a_building_is_taken_in_as_a_whole_or_not_at_all(imported: Site) -> None:
    imported.replace(
        "tenancies.csv", "0101-1,0101,2019-08-01,,", "0101-1,0101,2019-08-01,2026-03-01,"
    )
    imported.add("aconto.csv", "0102-1,2026-02-01,2026-03-01,850.00")
    with answering(imported.engine) as session:
        for statement in FULL[session.get_bind().dialect.name]:
            session.execute(text(statement))
    with pytest.raises(StoreUnavailable, match="no room"):
        imported.imported()
    assert imported.stored() == read_estate(SAMPLE)
    assert imported.count("estate_import") == 1


FULL = {
    "sqlite": [
        "CREATE TRIGGER full_disk BEFORE INSERT ON aconto BEGIN SELECT RAISE(ABORT, 'no room'); END"
    ],
    "postgresql": [
        """CREATE FUNCTION full_disk() RETURNS trigger AS $$ BEGIN RAISE 'no room'; END $$
        LANGUAGE plpgsql""",
        """CREATE TRIGGER full_disk BEFORE INSERT ON aconto
        FOR EACH ROW EXECUTE FUNCTION full_disk()""",
    ],
}
"""What lets the last table that an import writes take nothing more."""


@pytest.mark.parametrize(
    "statement",
    [
        """INSERT INTO tenancy (building, tenancy, flat, from_day, delivery, climate_refused)
        VALUES ('solgaarden', 'x', 'no flat', '2026-01-01', 'paper', false)""",
        "UPDATE tenancy SET to_day = '2001-01-01' WHERE tenancy = '0101-1'",
        "UPDATE device SET measuring_point = 'nowhere'",
        "UPDATE flat SET area_m2 = 0",
        "UPDATE neighbour SET flat_b = flat_a",
        "DELETE FROM flat WHERE flat = '0101'",
        """INSERT INTO flat (building, flat, address, area_m2, named_shares)
        VALUES ('solgaarden', '0101', 'x', 1, '{}')""",
    ],
)
def test_the_database_itself_holds_what_it_can(imported: Site, statement: str) -> None:
    with imported.engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text(statement))


def import_times(url: str, folder: Path, name: str, times: int) -> None:
    """Write one's own name into the building, again and again."""
    engine = open_database(url)
    site = Site(engine, folder)
    said = "name: Solgården"
    for number in range(times):
        site.replace("building.yaml", said, f"name: {name} {number}")
        said = f"name: {name} {number}"
        site.imported()
    engine.dispose()


@pytest.mark.slow
def test_imports_at_once_wait_for_each_other(migrated_url: str, tmp_path: Path) -> None:
    times, names = 5, ("one", "two")
    engine = open_database(migrated_url)
    sites = [Site.new(engine, tmp_path / name) for name in names]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        jobs = [
            pool.submit(import_times, migrated_url, site.folder, name, times)
            for site, name in zip(sites, names, strict=True)
        ]
        for job in jobs:
            job.result()
    assert sites[0].stored() in [read_estate(site.folder) for site in sites]
    past = read_history(engine, BUILDING)[::-1]
    of_building = [each for each in past if each.file == "building"]
    assert len(of_building) == 2 * times
    # Each saw what the one before it had left, and only the first one found nothing.
    for before, after in pairwise(of_building):
        assert after.before == {"name": before.after["name"]}
    assert len([each for each in past if each.before is None]) == len(past) - 2 * times + 1
    engine.dispose()


def test_columns_of_ones_own_are_kept_and_given_back(site: Site, tmp_path: Path) -> None:
    add_column(site.folder / "flats.csv", "x_colour", ["red", "=1+1"])
    add_column(site.folder / "persons.csv", "x_key", ["in the basement"])
    site.imported()
    own = [each for each in site.stored().flats if each.own_columns]
    assert sorted(each.own_columns["x_colour"] for each in own) == ["=1+1", "red"]
    assert "own_columns" not in own[0].model_dump(), "neither evidence nor API has them"
    write_folder(tmp_path / "out", site.stored())
    assert read_estate(tmp_path / "out") == site.stored()
    assert site.imported().changes == ()


def test_a_column_of_ones_own_that_the_folder_lacks_stays_and_a_blank_cell_empties_it(
    site: Site,
) -> None:
    plain = (site.folder / "flats.csv").read_text("utf-8")
    add_column(site.folder / "flats.csv", "x_colour", ["red", "blue"])
    site.imported()
    (site.folder / "flats.csv").write_text(plain, "utf-8")
    assert site.imported().changes == ()
    add_column(site.folder / "flats.csv", "x_colour", ["", "blue"])
    (change,) = site.imported().changes
    assert (change.before, change.after) == (
        {"own_columns": {"x_colour": "red"}}, {"own_columns": None},
    )  # fmt: skip


def test_the_history_does_not_keep_what_a_persons_own_columns_hold(site: Site) -> None:
    add_column(site.folder / "persons.csv", "x_key", ["in the basement"])
    changes = site.imported().changes
    assert "in the basement" not in repr(changes)
    assert any(each.after.get("own_columns") == "not kept" for each in changes)


def add_column(path: Path, name: str, cells: Sequence[str]) -> None:
    header, *rows = path.read_text("utf-8").splitlines()
    filled = [*cells, *[""] * (len(rows) - len(cells))]
    lines = [f"{header},{name}", *map(",".join, zip(rows, filled, strict=True))]
    path.write_text("\n".join(lines) + "\n", "utf-8")
