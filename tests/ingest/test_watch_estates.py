"""What a worker knows follows the estates, and no fault of one costs the others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from estate.database.engine import open_database
from estate.errors import DataError
from estate.sources.folders import FolderEstates
from operations.intake.watch_estates import EstateWatch
from tests.support.imports import BUILDING, Site

OTHER = "elsewhere"


@pytest.fixture
def sites(tmp_path: Path) -> tuple[Site, Site]:
    """Return two buildings in folders."""
    engine = open_database("sqlite://")
    first, other = Site.new(engine, tmp_path / "1"), Site.new(engine, tmp_path / "2")
    other.replace("building.yaml", f"id: {BUILDING}", f"id: {OTHER}")
    return first, other


def watch_of(sites: tuple[Site, Site]) -> EstateWatch:
    return EstateWatch(FolderEstates([each.folder for each in sites]))


def add_box(site: Site, device: str) -> None:
    site.add("devices.csv", f"{device},climate,0101,2026-01-01,,kammer,")


def test_nothing_changes_while_nothing_is_changed(sites: tuple[Site, Site]) -> None:
    watch = watch_of(sites)
    rules = watch.rules
    watch.look()
    assert watch.rules is rules


def test_a_new_device_and_a_removed_one(sites: tuple[Site, Site]) -> None:
    watch = watch_of(sites)
    before = watch.rules.devices
    add_box(sites[0], "new")
    sites[0].drop("devices.csv", "box-0101")
    watch.look()
    assert watch.rules.devices.keys() - before.keys() == {(BUILDING, "new")}
    assert before.keys() - watch.rules.devices.keys() == {(BUILDING, "box-0101")}


def test_a_folder_that_is_not_in_order_keeps_its_devices_and_costs_no_other(
    sites: tuple[Site, Site], caplog: pytest.LogCaptureFixture
) -> None:
    watch = watch_of(sites)
    sites[0].replace("devices.csv", "box-0101,climate,0101,", "box-0101,climate,no flat,")
    add_box(sites[1], "new")
    for _ in range(3):
        watch.look()
    assert (BUILDING, "box-0101") in watch.rules.devices
    assert (OTHER, "new") in watch.rules.devices
    refused = [each for each in caplog.records if "stay" in each.message]
    assert len(refused) == 1
    sites[0].replace("devices.csv", "box-0101,climate,no flat,", "box-0101,climate,0102,")
    add_box(sites[0], "newer")
    watch.look()
    assert (BUILDING, "newer") in watch.rules.devices


def test_a_folder_that_is_gone_keeps_its_devices_until_it_is_back(
    sites: tuple[Site, Site],
) -> None:
    watch = watch_of(sites)
    before = watch.rules.devices
    away = sites[0].folder.with_name("away")
    shutil.move(sites[0].folder, away)
    watch.look()
    assert watch.rules.devices == before
    shutil.move(away, sites[0].folder)
    watch.look()
    assert watch.rules.devices == before


def test_at_the_start_every_estate_must_be_in_order(sites: tuple[Site, Site]) -> None:
    sites[0].replace("devices.csv", "box-0101,climate,0101,", "box-0101,climate,no flat,")
    with pytest.raises(DataError):
        watch_of(sites)
