"""A sealed file that is damaged is found, told by its name, costs nobody else, and comes back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq  # type: ignore[import-untyped]  # has no types
import pytest

from estate.errors import StoreUnavailable, UsageError
from telemetry.stores.sealed.store import SealedStore
from tests.support.sealed_months import AFTER_MS, BUILDING, DEVICES, filled, opened, rows

Spoil = Callable[[Path], object]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0b100
    path.write_bytes(content)


SPOILINGS: dict[str, Spoil] = {
    "flipped bit": flip,
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-7]),
    "empty": lambda path: path.write_bytes(b""),
    "missing": Path.unlink,
}


@pytest.fixture
def store(tmp_path: Path) -> SealedStore:
    found = filled(tmp_path)
    list(found.seal(BUILDING, AFTER_MS, AFTER_MS, release=False))
    return found


def nothing(_file: object, _path: Path) -> bool:
    return False


@pytest.mark.parametrize("name", SPOILINGS)
def test_damage_is_told_and_what_does_not_need_the_file_is_read(
    tmp_path: Path, store: SealedStore, name: str
) -> None:
    (path,) = (tmp_path / "sealed").glob("*/2026-02/temperature_c-*.parquet")
    february = (1_769_904_000_000, 1_772_323_200_000)
    SPOILINGS[name](path)
    again = opened(tmp_path)
    with pytest.raises(StoreUnavailable, match=path.name) as told:
        again.samples(BUILDING, DEVICES, "temperature_c", *february)
    assert "readings check" in str(told.value)
    assert len(again.samples(BUILDING, DEVICES, "temperature_c", 0, february[0])) > 0
    assert len(again.samples(BUILDING, DEVICES, "temperature_c", february[1], AFTER_MS)) > 0
    assert len(again.samples(BUILDING, DEVICES, "heat_kwh", *february)) > 0
    (damage,) = again.damages(BUILDING)
    assert damage.path == path
    assert damage.file is not None
    assert damage.file.month == "2026-02"


@pytest.mark.parametrize("name", SPOILINGS)
def test_what_the_hot_store_still_has_comes_back_out_of_it(
    tmp_path: Path, store: SealedStore, name: str
) -> None:
    expected = rows(store)
    (path,) = (tmp_path / "sealed").glob("*/2026-02/temperature_c-*.parquet")
    SPOILINGS[name](path)
    again = opened(tmp_path)
    assert again.mend(BUILDING, nothing) == []
    assert rows(again) == expected


def test_what_it_has_not_is_left_for_a_backup(tmp_path: Path, store: SealedStore) -> None:
    list(store.seal(BUILDING, AFTER_MS, AFTER_MS))
    expected = rows(store)
    (path,) = (tmp_path / "sealed").glob("*/2026-02/temperature_c-*.parquet")
    content = path.read_bytes()
    path.unlink()
    again = opened(tmp_path)
    assert [each.path for each in again.mend(BUILDING, nothing)] == [path]

    def fetch(_file: object, target: Path) -> bool:
        target.write_bytes(content)
        return True

    assert again.mend(BUILDING, fetch) == []
    assert rows(again) == expected


@pytest.mark.parametrize("name", SPOILINGS)
def test_a_catalogue_is_made_again_of_its_files(
    tmp_path: Path, store: SealedStore, name: str
) -> None:
    expected = rows(store)
    path = tmp_path / "sealed" / BUILDING / "catalogue.json"
    SPOILINGS[name](path)
    again = opened(tmp_path)
    with pytest.raises(StoreUnavailable, match=r"catalogue\.json"):
        rows(again)
    assert [each.file for each in again.damages(BUILDING)] == [None]
    assert again.mend(BUILDING, nothing) == []
    assert rows(again) == expected


def test_a_file_that_rots_while_it_is_open_gives_no_wrong_value(
    tmp_path: Path, store: SealedStore
) -> None:
    assert rows(store)
    for path in (tmp_path / "sealed").glob("*/*/temperature_c-*.parquet"):
        # In place and with its old time, so that nothing tells of it but the page itself.
        before = path.stat()
        column = pq.read_metadata(path).row_group(0).column(2)
        content = bytearray(path.read_bytes())
        content[column.data_page_offset + column.total_compressed_size - 3] ^= 1
        with path.open("r+b") as file:
            file.write(content)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(StoreUnavailable):
        rows(store)


def test_what_a_newer_version_wrote_is_refused(tmp_path: Path, store: SealedStore) -> None:
    path = tmp_path / "sealed" / BUILDING / "catalogue.json"
    path.write_text(
        path.read_text()
        .replace('"version":1', '"version": 99')
        .replace('"version": 1,', '"version": 99,')
    )
    with pytest.raises(UsageError, match="newer version"):
        rows(opened(tmp_path))
    assert store.hot.count(BUILDING) > 0
