"""No amount is counted twice because its row was written anew, and what never was may go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from estate.database.engine import open_database
from estate.database.history import read_history
from estate.errors import DataError
from estate.files.folder import read_estate
from tests.support.imports import BUILDING, SAMPLE, Site

HEAT = "2026-01-01,2026-02-01,heat,energy,9874.35"
CHARGE = "0101-1,2026-01-01,2026-02-01,850.00"


@pytest.fixture
def site(migrated_url: str, tmp_path: Path) -> Iterator[Site]:
    """Yield the sample, imported."""
    engine = open_database(migrated_url)
    site = Site.new(engine, tmp_path)
    site.imported()
    yield site
    engine.dispose()


REWRITTEN = [
    ("costs.csv", HEAT, "2026-01-01,2026-03-01,heat,energy,9874.35"),
    ("costs.csv", HEAT, "2026-01-15,2026-02-01,heat,energy,100.00"),
    ("aconto.csv", CHARGE, "0101-1,2026-01-01,2026-03-01,850.00"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("file", "old", "new"), REWRITTEN)
def test_an_amount_that_is_written_anew_is_asked_about(
    site: Site, file: str, old: str, new: str
) -> None:
    site.replace(file, old, new)
    with pytest.raises(DataError, match="is new beside") as caught:
        site.imported()
    assert {each.name for each in caught.value.findings} == {"import.doubled"}
    assert site.stored() == read_estate(SAMPLE)


@pytest.mark.parametrize(("file", "old", "new"), REWRITTEN)
def test_or_it_takes_the_place_of_the_other(site: Site, file: str, old: str, new: str) -> None:
    site.replace(file, old, new)
    name = file.removesuffix(".csv")
    removed, added = sorted(site.imported(name).changes, key=lambda each: each.before is None)
    assert removed.after == {}
    assert added.before is None
    assert site.stored() == read_estate(site.folder)
    assert read_history(site.engine, BUILDING)[0][3:] == removed


def test_a_later_period_without_the_earlier_one_is_no_correction(site: Site) -> None:
    site.drop("costs.csv", "2026-01-01")
    site.add("costs.csv", "2026-02-01,2026-03-01,heat,energy,9000.00,1800.00,12000.00,final,")
    done = site.imported()
    assert {each.name for each in done.findings} == {"import.kept"}
    assert len(site.stored().costs) == len(read_estate(SAMPLE).costs) + 1


def test_costs_that_are_given_ids_stay_the_same_costs(site: Site) -> None:
    path = site.folder / "costs.csv"
    header, *rows = path.read_text("utf-8").splitlines()
    named = [f"{row},c{number}" for number, row in enumerate(rows)]
    path.write_text("\n".join([f"{header},id", *named]) + "\n", "utf-8")
    changes = site.imported().changes
    assert [(each.before, set(each.after)) for each in changes] == [({"id": None}, {"id"})] * 4
    assert site.stored() == read_estate(site.folder)


@pytest.mark.parametrize(
    ("file", "row"),
    [("devices.csv", "box-0101"), ("neighbours.csv", "0101,0102"), ("persons.csv", "0101-1,"),
     ("aconto.csv", "0101-1"), ("costs.csv", "2026-01-01,2026-02-01,heat,rebate")],
)  # fmt: skip
def test_a_row_that_never_should_have_been_may_go(site: Site, file: str, row: str) -> None:
    site.drop(file, row)
    done = site.imported(file.removesuffix(".csv"))
    assert done.findings == ()
    assert [each.after for each in done.changes] == [{}]
    assert site.stored() == read_estate(site.folder)
    assert site.imported(file.removesuffix(".csv")).changes == ()


def test_what_others_name_goes_with_them_only(site: Site) -> None:
    site.drop("tenancies.csv", "0101-1")
    site.drop("persons.csv", "0101-1")
    site.drop("aconto.csv", "0101-1")
    with pytest.raises(DataError, match="0101-1"):
        site.imported("tenancies")
    site.imported("tenancies", "persons", "aconto")
    assert site.stored() == read_estate(site.folder)


def test_a_nought_that_was_written_stands_in_the_history(site: Site) -> None:
    site.add("aconto.csv", "0101-1,2026-02-01,2026-03-01,0.00")
    (added,) = site.imported().changes
    assert added.after["amount_ore"] == 0
    site.drop("aconto.csv", "0101-1,2026-02-01")
    (removed,) = site.imported("aconto").changes
    assert removed.before == added.after
    assert read_history(site.engine, BUILDING)[0][3:] == removed
