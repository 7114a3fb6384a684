"""Where estates come from: folder and database answer alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from estate.database.engine import open_database
from estate.errors import DataError, UsageError
from estate.files.folder import read_estate
from estate.sources.database import DatabaseEstates
from estate.sources.folders import FolderEstates
from estate.sources.port import EstateSource
from tests.support.imports import BUILDING, SAMPLE, Site

Saved = Callable[[], object]


@pytest.fixture(params=["folder", "database"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, migrated_url: str
) -> Iterator[tuple[EstateSource, Site, Saved]]:
    """Yield a source with the sample in it, its folder, and what brings changes of it there."""
    engine = open_database(migrated_url)
    site = Site.new(engine, tmp_path)
    if request.param == "folder":
        yield FolderEstates([site.folder]), site, lambda: None
    else:
        site.imported()
        yield DatabaseEstates(engine), site, site.imported
    engine.dispose()


def test_the_estate_is_that_of_the_folder(place: tuple[EstateSource, Site, Saved]) -> None:
    source, _, _ = place
    assert list(source.revisions()) == [BUILDING]
    assert source.read(BUILDING) == read_estate(SAMPLE)


def test_a_change_is_marked_and_read(place: tuple[EstateSource, Site, Saved]) -> None:
    source, site, save = place
    before = source.revisions()
    assert source.revisions() == before
    site.replace(
        "devices.csv",
        "box-0101,climate,0101,2025-09-01,",
        "box-0101,climate,0101,2025-09-01,2026-05-01",
    )
    save()
    assert source.revisions()[BUILDING] != before[BUILDING]
    assert source.read(BUILDING) == read_estate(site.folder) != read_estate(SAMPLE)


def test_a_building_that_is_not_there_is_wrong_usage(
    place: tuple[EstateSource, Site, Saved],
) -> None:
    with pytest.raises(UsageError, match="no building elsewhere"):
        place[0].read("elsewhere")


def test_a_building_is_read_whatever_is_wrong_in_other_folders(tmp_path: Path) -> None:
    site, empty = Site.new(open_database("sqlite://"), tmp_path), tmp_path / "empty"
    empty.mkdir()
    source = FolderEstates([empty, site.folder])
    assert source.read(BUILDING) == read_estate(SAMPLE)
    for ask in (source.revisions, lambda: source.read("empty")):
        with pytest.raises(DataError, match=r"building\.yaml"):
            ask()


def test_a_folder_that_is_being_changed_is_still_its_buildings(tmp_path: Path) -> None:
    site = Site.new(open_database("sqlite://"), tmp_path)
    source = FolderEstates([site.folder])
    before = source.revisions()
    site.replace("building.yaml", "name:", "nam:")
    assert source.revisions().keys() == before.keys()
    assert source.revisions() != before
    with pytest.raises(DataError):
        source.read(BUILDING)
    with pytest.raises(DataError):
        FolderEstates([site.folder]).revisions()
