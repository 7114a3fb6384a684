"""Sealing that is killed or loses its power at any step loses no reading and has none twice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from telemetry.readings import Reading
from telemetry.stores.sealed.store import SealedStore
from telemetry.stores.sqlite import SqliteStore
from tests.support.sealed_months import (
    AFTER_MS,
    BUILDING,
    DAY_MS,
    END_MS,
    START_MS,
    FileRecord,
    as_rows,
    filled,
    opened,
    readings,
    rows,
)

Act = Callable[[SealedStore], object]


class Killed(BaseException):
    """The process is gone."""


class Steps:
    """
    Counts the steps that change a disk, and ends the process before one of them.

    What a power cut leaves is told as a file system tells it: of a file what was last synchronised,
    of a folder the names that it had when it was last synchronised.
    """

    def __init__(self, root: Path, last: int) -> None:
        self.root, self.last, self.taken = root, last, 0
        self.contents: dict[int, bytes] = {}
        self.names: dict[int, dict[str, int]] = {}
        self.folders: set[int] = set()
        self._sync, self._replace, self._unlink = os.fsync, Path.replace, Path.unlink
        self._release = SqliteStore.release

    def take(self) -> None:
        if self.taken == self.last:
            raise Killed
        self.taken += 1

    def sync(self, descriptor: int) -> None:
        self.take()
        self._sync(descriptor)
        self.keep(Path(f"/proc/self/fd/{descriptor}").readlink())

    def keep(self, path: Path) -> None:
        """Take a file or folder as it is for durable."""
        inode = path.stat().st_ino
        if path.is_file():
            self.contents[inode] = path.read_bytes()
            self.folders.discard(inode)
            return
        self.names[inode] = {each.name: each.stat().st_ino for each in path.iterdir()}
        self.folders |= {each.stat().st_ino for each in path.iterdir() if each.is_dir()}

    def after_power_cut(self, target: Path) -> None:
        """Write what is left into a new folder."""
        shutil.copytree(self.root, target, ignore=shutil.ignore_patterns("sealed"))
        sealed = self.names.get(self.root.stat().st_ino, {}).get("sealed")
        if sealed is not None:
            self._write(sealed, target / "sealed")

    def _write(self, inode: int, target: Path) -> None:
        target.mkdir()
        for name, child in self.names.get(inode, {}).items():
            if child in self.folders:
                self._write(child, target / name)
            else:
                # Empty where its name was saved and its content was not.
                (target / name).write_bytes(self.contents.get(child, b""))


@contextmanager
def steps(root: Path, last: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Steps]:
    found = Steps(root, last)

    def before(act: Callable[..., object]) -> Callable[..., object]:
        def taken(*args: object, **options: object) -> object:
            found.take()
            return act(*args, **options)

        return taken

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", found.sync)
        patch.setattr(Path, "replace", before(Path.replace))
        patch.setattr(Path, "unlink", before(Path.unlink))
        patch.setattr(SqliteStore, "_release", before(SqliteStore._release))
        patch.setattr(FileRecord, "_write", before(FileRecord._write))
        yield found


LATE = [
    Reading(BUILDING, "box-0101", "temperature_c", START_MS + 10 * DAY_MS + 7, 19.5, 0, END_MS),
    Reading(BUILDING, "box-0199", "temperature_c", START_MS + 11 * DAY_MS, 18.5, 0, END_MS),
]


def seal(store: SealedStore) -> None:
    list(store.seal(BUILDING, AFTER_MS, AFTER_MS))


def seal_late(store: SealedStore) -> None:
    store.write(LATE)
    seal(store)


ACTS: dict[str, tuple[Act, Act]] = {
    "sealing": (lambda _store: None, seal),
    "late readings": (seal, seal_late),
}


@pytest.mark.slow
@pytest.mark.parametrize("power", [True, False], ids=["power", "kill"])
@pytest.mark.parametrize("name", ACTS)
def test_interrupted_at_any_step_nothing_is_lost_and_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, power: bool
) -> None:
    before, act = ACTS[name]
    first = tmp_path / "first"
    first.mkdir()
    written = readings(DAY_MS, ["temperature_c"])
    store = filled(first, written)
    before(store)
    store.close()
    expected = as_rows(written + (LATE if name == "late readings" else []))
    for last in count():
        own = tmp_path / f"{last}"
        shutil.copytree(first, own)
        interrupted = False
        with steps(own, last, monkeypatch) as taken:
            # What was there before was durable.
            for path in (own, *own.rglob("*")):
                taken.keep(path)
            store = opened(own)
            try:
                act(store)
            except Killed:
                interrupted = True
            store.hot.close()
        if power:
            own = tmp_path / f"{last}-after"
            taken.after_power_cut(own)
        again = opened(own)
        # A box repeats what it did not hear acknowledged.
        again.write(LATE if name == "late readings" else [])
        assert rows(again) == expected
        assert again.count(BUILDING) == len(expected)
        seal(again)
        assert rows(again) == expected
        assert again.hot.count(BUILDING) == 0
        assert leftovers(again) == set()
        assert recorded(again) == named(again)
        again.close()
        if not interrupted:
            assert last > 10
            return


def named(store: SealedStore) -> set[str]:
    """Return the files of readings that the catalogue names."""
    return {each.name for each in store._catalogues.read(BUILDING).all_readings()}


def recorded(store: SealedStore) -> set[str]:
    """Return the files that are recorded."""
    return {each.name for each in store.record.files(BUILDING)}


def leftovers(store: SealedStore) -> set[str]:
    """Return files that no catalogue names."""
    folder = store.directory / BUILDING
    named = {each.name for each in store._catalogues.read(BUILDING).files}
    return {str(path.relative_to(folder)) for path in folder.glob("*/*")} - named
