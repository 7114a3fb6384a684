"""A sealed folder that is gone or older is not taken for one in which nothing was sealed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from estate.errors import StoreUnavailable
from telemetry.readings import Reading
from telemetry.stores.sealed.damage import SealedDamaged
from telemetry.stores.sealed.store import SealedStore
from tests.support.sealed_months import (
    AFTER_MS,
    BUILDING,
    DEVICES,
    START_MS,
    filled,
    opened,
    rows,
)

FEBRUARY = (1_769_904_000_000, 1_772_323_200_000)

Lose = Callable[[Path], object]


def unmount(sealed: Path) -> None:
    """Leave the empty folder on which a disk is mounted else."""
    shutil.rmtree(sealed)
    sealed.mkdir()


def replace_by_file(sealed: Path) -> None:
    shutil.rmtree(sealed)
    sealed.write_text("no folder")


LOSSES: dict[str, Lose] = {
    "removed": shutil.rmtree,
    "not mounted": unmount,
    "another building's": lambda sealed: (sealed / BUILDING).rename(sealed / "elsewhere"),
    "a file": replace_by_file,
}


def seal(store: SealedStore) -> None:
    list(store.seal(BUILDING, AFTER_MS, AFTER_MS))


@pytest.fixture
def store(tmp_path: Path) -> SealedStore:
    found = filled(tmp_path)
    seal(found)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("warm", [True, False], ids=["a process that read", "a new process"])
def test_what_needs_it_fails_and_the_rest_goes_on(
    tmp_path: Path, store: SealedStore, name: str, warm: bool
) -> None:
    assert rows(store)
    LOSSES[name](tmp_path / "sealed")
    later = store if warm else opened(tmp_path)
    fresh = Reading(BUILDING, "box-0101", "temperature_c", AFTER_MS, 20.0, 0, AFTER_MS)
    later.write([fresh])
    for act in (
        lambda: later.samples(BUILDING, DEVICES, "temperature_c", *FEBRUARY),
        lambda: later.devices(BUILDING, "temperature_c"),
        lambda: later.count(BUILDING),
        lambda: later.forget(BUILDING, DEVICES, "temperature_c", *FEBRUARY),
        lambda: seal(later),
    ):
        with pytest.raises(StoreUnavailable, match="readings check"):
            act()
    if name != "a file":
        assert len(later.samples(BUILDING, DEVICES, "temperature_c", AFTER_MS, AFTER_MS + 1)) == 1
        assert later.quantities(BUILDING) == ["heat_kwh", "temperature_c"]
    # Nothing was made where the disk is mounted later.
    assert not (tmp_path / "sealed" / BUILDING).exists()


@pytest.mark.parametrize("name", ["removed", "not mounted", "another building's"])
def test_it_is_named_and_comes_back_out_of_a_backup(
    tmp_path: Path, store: SealedStore, name: str
) -> None:
    expected = rows(store)
    shutil.copytree(tmp_path / "sealed", backup := tmp_path / "backup")
    LOSSES[name](tmp_path / "sealed")
    again = opened(tmp_path)
    files = {each.file.name for each in again.damages(BUILDING) if each.file}
    assert files == {each.name for each in again.record.files(BUILDING)}

    def fetch(file: object, target: Path) -> bool:
        shutil.copy(backup / BUILDING / getattr(file, "name"), target)  # noqa: B009
        return True

    assert again.mend(BUILDING, fetch) == []
    assert rows(again) == expected
    assert (tmp_path / "sealed" / BUILDING).stat().st_mode & 0o077 == 0


def test_an_older_copy_that_was_put_back_is_noticed_and_what_is_there_is_kept(
    tmp_path: Path, store: SealedStore
) -> None:
    shutil.copytree(tmp_path / "sealed", older := tmp_path / "older")
    store.write([Reading(BUILDING, "box-0101", "temperature_c", START_MS + 7, 19.0, 0, AFTER_MS)])
    seal(store)
    expected = rows(store)
    catalogue = tmp_path / "sealed" / BUILDING / "catalogue.json"
    shutil.copy(older / BUILDING / "catalogue.json", catalogue)
    again = opened(tmp_path)
    with pytest.raises(SealedDamaged, match="newest copy"):
        rows(again)
    with pytest.raises(SealedDamaged):
        seal(again)
    assert again.mend(BUILDING, lambda _file, _path: False) == []
    assert rows(again) == expected


def test_what_an_older_version_sealed_is_recorded_by_the_next_run(
    tmp_path: Path, store: SealedStore
) -> None:
    (tmp_path / "record.json").unlink()
    assert rows(opened(tmp_path)) == rows(store)
    seal(opened(tmp_path))
    shutil.rmtree(tmp_path / "sealed")
    with pytest.raises(SealedDamaged):
        rows(opened(tmp_path))


@pytest.mark.parametrize("name", ["removed", "not mounted", "another building's"])
def test_what_is_gone_for_good_is_given_up_and_the_rest_goes_on(
    tmp_path: Path, store: SealedStore, name: str
) -> None:
    late = Reading(BUILDING, "box-0101", "temperature_c", FEBRUARY[0] + 7, 19.0, 0, START_MS)
    store.write([late])
    LOSSES[name](tmp_path / "sealed")
    again = opened(tmp_path)
    recorded = [each.name for each in again.record.files(BUILDING)]
    assert sorted(each.name for each in again.write_off(BUILDING)) == sorted(recorded)
    assert again.damages(BUILDING) == []
    assert [row[2] for row in rows(again)] == [late.time_ms]
    seal(again)
    assert [row[2] for row in rows(opened(tmp_path))] == [late.time_ms]


def test_one_damaged_month_is_given_up_alone(tmp_path: Path, store: SealedStore) -> None:
    expected = rows(store)
    (path,) = (tmp_path / "sealed").glob("*/2026-02/temperature_c-*.parquet")
    path.write_bytes(b"PAR1")
    again = opened(tmp_path)
    (gone,) = again.write_off(BUILDING)
    assert (gone.month, gone.quantity) == ("2026-02", "temperature_c")
    kept = [row for row in expected if row[1] != gone.quantity or not in_month(row[2])]
    assert rows(again) == kept
    assert len(expected) - len(kept) == gone.rows


def in_month(time_ms: int) -> bool:
    return FEBRUARY[0] <= time_ms < FEBRUARY[1]


def test_what_was_erased_is_not_missed(tmp_path: Path, store: SealedStore) -> None:
    store.forget(BUILDING, DEVICES, "temperature_c", 0, AFTER_MS)
    store.forget(BUILDING, DEVICES, "heat_kwh", 0, AFTER_MS)
    assert store.record.files(BUILDING) == []
    shutil.rmtree(tmp_path / "sealed")
    assert rows(opened(tmp_path)) == []


def test_a_damaged_month_keeps_no_other_from_being_erased_or_sealed(
    tmp_path: Path, store: SealedStore
) -> None:
    (path,) = (tmp_path / "sealed").glob("*/2026-02/temperature_c-*.parquet")
    path.write_bytes(b"PAR1")
    again = opened(tmp_path)
    with pytest.raises(SealedDamaged, match=path.name):
        again.forget(BUILDING, DEVICES, "temperature_c", 0, AFTER_MS)
    left = {each.name for each in again.record.files(BUILDING) if each.quantity != "heat_kwh"}
    assert left == {str(path.relative_to(tmp_path / "sealed" / BUILDING))}
    for time_ms in (FEBRUARY[0] + 1, FEBRUARY[1] + 1):
        again.write([Reading(BUILDING, "late", "temperature_c", time_ms, 19.0, 0, time_ms)])
    with pytest.raises(SealedDamaged, match=path.name):
        seal(again)
    assert again.hot.count(BUILDING) == 1


@pytest.mark.parametrize("name", ["", ".", "..", f"./{BUILDING}", f"{BUILDING}/2026-02"])
def test_a_name_that_is_no_id_touches_no_building_s_files(
    tmp_path: Path, store: SealedStore, name: str
) -> None:
    there = {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")}
    assert list(store.seal(name, AFTER_MS, AFTER_MS)) == []
    assert store.forget(name, DEVICES, "temperature_c", START_MS, AFTER_MS) == 0
    with pytest.raises(ValueError, match="give a building's id"):
        store.mend(name, lambda _file, _path: False)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")} == there
    assert there
    assert store.damages(BUILDING) == []
