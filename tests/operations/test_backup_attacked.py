"""Backups on full disks, in wrong places, of links and damaged months; restores over others."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fairvarme.doctor.examine import examine
from operations.backup.repository import Repository
from operations.privacy.retention import run_retention
from operations.settings import read_settings
from tests.support.sealed_house import make_sealed_house
from tests.support.small_disk import MIB, SmallDisk, small_disk
from tests.support.small_house import BUILDING, bill_files, call, call_json, make_house

FIXTURES = (small_disk,)


class House:
    """An installation with its backups and their key."""

    def __init__(self, directory: Path, config: Path) -> None:
        self.config, self.folder = config, config.parent
        self.key, self.backups = directory / "house.key", directory / "backups"
        self.public = call("backup", "--new-key", self.key).strip()

    def back_up(self, code: int = 0, into: Path | None = None) -> str:
        options = ("--recipient", self.public, "--config", self.config)
        return call("backup", into or self.backups, *options, code=code)

    def restore(self, code: int = 0) -> str:
        return call(
            "restore", self.backups, "--key", self.key, "--into", self.folder, code=code
        )  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, make_house(tmp_path / "house"))


@pytest.fixture
def sealed(tmp_path: Path) -> House:
    found = House(tmp_path, make_sealed_house(tmp_path / "house"))
    call("readings", "seal", "--config", found.config)
    text = found.config.read_text()
    table = f'[backup]\ndirectory = "{found.backups}"\nrecipients = ["{found.public}"]'
    found.config.write_text(text.replace("[letters]", f"{table}\nkeep_days = 1\n\n[letters]"))
    return found


def test_a_full_disk_makes_no_backup_and_leaves_the_earlier_one(
    house: House, small_disk: Callable[[int], SmallDisk]
) -> None:
    disk = small_disk(16)
    into = disk.path / "backups"
    house.back_up(into=into)
    before = sorted(into.rglob("*"))
    (house.folder / "estates" / BUILDING / "plan.bin").write_bytes(bytes(range(256)) * 4 * 256)
    disk.fill(leave_bytes=MIB // 8)
    said = house.back_up(into=into, code=1)
    assert "full" in said or "No space left" in said
    assert [path for path in sorted(into.rglob("*")) if path.suffix == ".new"] == []
    assert set(before) <= set(into.rglob("*"))
    assert len(Repository(into).names()) == 1
    disk.free()
    house.back_up(into=into)
    call("restore", into, "--key", house.key, "--rehearse")


@pytest.mark.parametrize("place", ["estates/solgaarden/backups", "letters/backups"])
def test_a_folder_inside_what_is_backed_up_is_refused(house: House, place: str) -> None:
    into = house.folder / place
    assert "is backed up itself" in house.back_up(into=into, code=2)
    assert not into.exists()


def test_linked_files_are_copied_and_linked_folders_are_told(house: House, tmp_path: Path) -> None:
    folder = house.folder / "estates" / BUILDING
    costs = tmp_path / "costs.csv"
    shutil.move(folder / "costs.csv", costs)
    (folder / "costs.csv").symlink_to(costs)
    (folder / "drawings").symlink_to(tmp_path)
    (folder / "gone.csv").symlink_to(tmp_path / "nowhere")
    content = costs.read_bytes()
    said = house.back_up()
    assert said.count("was left out") == 2
    shutil.rmtree(house.folder)
    costs.unlink()
    house.restore()
    assert not (folder / "costs.csv").is_symlink()
    assert (folder / "costs.csv").read_bytes() == content


def test_nobody_else_may_read_a_backup_or_what_is_being_restored(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.back_up()
    files = [path for path in house.backups.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert house.backups.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(house.folder)
    modes = set()
    replace = Path.replace

    def seen(path: Path, target: Path) -> Path:
        modes.add(path.stat().st_mode & 0o077)
        return replace(path, target)

    def looked(path: Path) -> None:
        modes.update(each.stat().st_mode & 0o004 for each in path.rglob(".*.new"))

    monkeypatch.setattr(Repository, "_decrypt", _looking(Repository._decrypt, looked))
    house.restore()
    assert modes <= {0}


def _looking(decrypt: object, look: object) -> object:
    def act(*arguments: object) -> None:
        decrypt(*arguments)  # type: ignore[operator]
        look(arguments[-1].parent)  # type: ignore[attr-defined, operator]

    return staticmethod(act)


def test_one_damaged_content_is_found_before_anything_is_restored(house: House) -> None:
    house.back_up()
    (*_, last) = sorted(house.backups.glob("objects/*/*.age"), key=lambda path: path.stat().st_size)
    content = bytearray(last.read_bytes())
    content[-1] ^= 1
    last.write_bytes(content)
    shutil.rmtree(house.folder)
    assert "restore an earlier one" in house.restore(code=1)
    assert [path for path in house.folder.rglob("*") if path.is_file()] == []


def test_a_folder_with_something_else_in_it_is_refused(house: House) -> None:
    house.back_up()
    shutil.rmtree(house.folder)
    house.folder.mkdir()
    (house.folder / "readings.db-wal").write_bytes(b"the log of another database")
    said = house.restore(code=2)
    assert "readings.db-wal is there and not in the backup; restore into an empty folder" in said
    assert [path.name for path in house.folder.rglob("*")] == ["readings.db-wal"]
    (house.folder / "readings.db-wal").unlink()
    house.restore()
    # Interrupted and run again, it goes on.
    (house.folder / ".readings.db.new").write_bytes(b"half")
    house.restore()


@pytest.mark.slow
def test_no_backup_of_damaged_months_takes_the_place_of_a_whole_one(
    sealed: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bill_files(sealed.config, tmp_path / "before")
    call("backup", "--config", sealed.config)
    (whole,) = Repository(sealed.backups).names()
    folder = read_settings(sealed.config).sealed_directory
    assert folder is not None
    shutil.rmtree(folder)
    assert "is missing, though" in call("backup", "--config", sealed.config, code=1)
    call("backup", "--config", sealed.config, code=1)
    (found,) = [each for each in examine(sealed.config) if each.name == "backup"]
    assert (found.state, "was damaged" in found.detail) == ("fault", True)
    # Not by age either, which the nightly job looks at.
    later = Repository(sealed.backups).listing().made_ms + 10 * 86_400_000
    monkeypatch.setattr("operations.privacy.retention.now_ms", lambda: later)
    with pytest.raises(Exception, match="mount it"):
        run_retention(read_settings(sealed.config))
    assert whole in Repository(sealed.backups).names()
    check = ("readings", "check", "--backup", sealed.backups, "--key", sealed.key)
    assert call_json(*check, "--config", sealed.config)["findings"] == []
    assert bill_files(sealed.config, tmp_path / "after") == before
    call("backup", "--config", sealed.config)
    run_retention(read_settings(sealed.config))
    assert whole not in Repository(sealed.backups).names()
