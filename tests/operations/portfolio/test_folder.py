"""A folder of a bill is there whole or not at all, also where two write it at once."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from operations.portfolio.folder import remove_left, replaced

WRITERS = 8
ROUNDS = 30
FILES = ("bill.csv", "run.json", "statements.json")
KILLED = """
import os, sys
from pathlib import Path
from operations.portfolio.folder import replaced
with replaced(Path(sys.argv[1])) as part:
    (part / "half").write_text("written")
    os._exit(9)
"""


def names(directory: Path) -> list[str]:
    return sorted(each.name for each in directory.iterdir())


def test_writers_at_once_leave_one_whole_folder(tmp_path: Path) -> None:
    place, together = tmp_path / "house", Barrier(WRITERS)

    def write(writer: int) -> None:
        for number in range(ROUNDS):
            together.wait()
            with replaced(place) as part:
                assert names(part) == []
                for name in FILES:
                    (part / name).write_text(f"{writer} {number}")

    with ThreadPoolExecutor(WRITERS) as pool:
        assert list(pool.map(write, range(WRITERS))) == [None] * WRITERS
    assert names(tmp_path) == ["house"]
    assert names(place) == sorted(FILES)
    assert len({(place / name).read_text() for name in FILES}) == 1, "of one writer"


def test_a_fault_leaves_what_lay_there(tmp_path: Path) -> None:
    place = tmp_path / "house"
    with replaced(place) as part:
        (part / "bill.csv").write_text("first")
    with pytest.raises(OSError, match="no space"), replaced(place) as part:
        raise OSError("no space left on device")
    assert names(tmp_path) == ["house"]
    assert (place / "bill.csv").read_text() == "first"


def test_only_what_nobody_writes_any_more_is_removed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path / "killed")]
    assert subprocess.run(command, check=False).returncode == 9
    (left,) = names(tmp_path)
    assert left.startswith(".killed.")
    with replaced(tmp_path / "house") as part:
        remove_left(tmp_path)
        assert names(tmp_path) == [part.name]
    assert names(tmp_path) == ["house"]
