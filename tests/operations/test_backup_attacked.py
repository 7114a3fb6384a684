"""Backups on full disks, in wrong places, of links and damaged months; restores over others."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from estate.periods import DAY_MS
from fairvarme.doctor.examine import examine
from operations.backup.make import make_backup
from operations.backup.repository import WRITING, Repository
from operations.privacy.retention import run_retention
from operations.settings import read_settings
from tests.support.old_databases import load, stored_steps
from tests.support.sealed_house import make_sealed_house
from tests.support.small_disk import MIB, SmallDisk, small_disk
from tests.support.small_house import BUILDING, bill_files, call, call_json, make_house

FIXTURES = (small_disk,)
# Root may read everything, unless it gives that up.
WITHOUT_RIGHTS = (
    ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
)


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


def test_whoever_writes_or_removes_backups_keeps_others_out(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = f'\n[backup]\ndirectory = "{house.backups}"\nrecipients = ["{house.public}"]\n'
    house.config.write_text(house.config.read_text() + table)
    settings, held, forget = read_settings(house.config), [], Repository.forget

    def look(*_: object) -> None:
        held.append(is_held(house.backups))

    def forget_and_look(of: Repository, before_ms: int) -> list[str]:
        look()
        return forget(of, before_ms)

    monkeypatch.setattr(Repository, "forget", forget_and_look)
    make_backup(settings, house.config, house.backups, [house.public], 1, look)
    made = len(held)
    run_retention(settings)
    assert len(held) > made > 1
    assert all(held)
    assert not is_held(house.backups)


def is_held(backups: Path) -> bool:
    with (backups / WRITING).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_a_folder_that_may_not_be_read_is_no_empty_one(house: House) -> None:
    """The broker's log-ins were left out of the backup, which was said to be whole."""
    folder = house.folder / "broker"
    folder.chmod(0)
    options = ["backup", house.backups, "--recipient", house.public, "--config", house.config]
    words = [*WITHOUT_RIGHTS, sys.executable, "-m", "fairvarme", *map(str, options)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    folder.chmod(0o700)
    assert (done.returncode, f"Permission denied: '{folder}'" in done.stderr) == (1, True)
    assert Repository(house.backups).names() == []


def test_an_estate_that_may_not_be_read_hides_no_other_finding(house: House) -> None:
    table = house.folder / "estates" / BUILDING / "flats.csv"
    table.chmod(0)
    words = [*WITHOUT_RIGHTS, sys.executable, "-m", "fairvarme", "doctor", "--json"]
    words += ["--config", str(house.config)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    found = {each["name"]: each for each in json.loads(done.stdout)["checks"]}
    assert found["estate"]["state"] == "fault"
    assert "Permission denied" in found["estate"]["detail"]
    assert "backup" in found


def test_a_backup_of_the_future_is_not_taken_for_the_newest(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine's clock was a year ahead when it was made."""
    table = f'\n[backup]\ndirectory = "{house.backups}"\nrecipients = ["{house.public}"]\n'
    house.config.write_text(house.config.read_text() + table)
    later_ms = round(time.time() * 1000) + 366 * DAY_MS
    with monkeypatch.context() as patched:
        patched.setattr("operations.backup.make.now_ms", lambda: later_ms)
        call("backup", "--config", house.config)
    (found,) = [each for each in examine(house.config) if each.name == "backup"]
    assert (found.state, "ahead of this clock" in found.detail) == ("fault", True)
    path = Path(read_settings(house.config).database.removeprefix("sqlite:///"))
    path.unlink()
    load(f"sqlite:///{path}", stored_steps()[0])
    assert "no undamaged backup" in call("upgrade", "--config", house.config, code=2)
    # One of today serves, although the other still counts as the newest.
    call("backup", "--config", house.config)
    call("upgrade", "--config", house.config)


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
