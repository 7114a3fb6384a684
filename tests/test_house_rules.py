"""What keeps the house easy to find one's way in: small rooms, short modules, examples that run."""

from __future__ import annotations

import doctest
import importlib
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = (
    "estate", "correspondence", "telemetry", "ingest", "billing", "alerts", "reports", "operations",
    "portal", "fairvarme", "firmware-sim/firmware_sim",
)  # fmt: skip
MOST_FILES, MOST_LINES, MOST_LINES_OF_A_TEST = 14, 400, 500
# One file for each step of the tables: they are added to and never changed.
GROWING = {ROOT / "operations" / "migrations" / "versions"}


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def line_count(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def files_of(room: Path) -> list[Path]:
    """Return what stands in a room, tables and ``__init__.py`` among it."""
    return [each for each in room.iterdir() if each.is_file()]


def test_no_room_of_a_package_holds_more_than_fourteen_files() -> None:
    rooms = {path.parent for path in modules(*PACKAGES)} - GROWING
    counts = {room: len(files_of(room)) for room in rooms}
    crowded = {str(room.relative_to(ROOT)): n for room, n in counts.items() if n > MOST_FILES}
    assert crowded == {}, "cut a room: docs/architecture.md says how"


@pytest.mark.parametrize(
    ("folders", "most"), [(PACKAGES, MOST_LINES), (("tests", "benchmarks"), MOST_LINES_OF_A_TEST)]
)
def test_no_module_is_long(folders: tuple[str, ...], most: int) -> None:
    long = {
        str(path.relative_to(ROOT)): n
        for path in modules(*folders)
        if (n := line_count(path)) > most
    }
    assert long == {}, "split it by what its parts are about"


def test_each_decision_has_a_number_of_its_own() -> None:
    files = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert files
    numbers = Counter(path.name[:4] for path in files)
    assert [number for number, count in numbers.items() if count > 1] == []
    for path in files:
        assert path.read_text("utf-8").startswith(f"# {int(path.name[:4])}. "), path.name


def test_no_page_holds_both_sides_of_a_merge() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert pages
    marks = re.compile(r"^(<{7} |={7}$|>{7} )", re.MULTILINE)
    assert [str(page) for page in pages if marks.search(page.read_text("utf-8"))] == []


def test_pages_name_files_that_are_there() -> None:
    roots = "|".join((*PACKAGES, "tests", "benchmarks", "deploy", "docs", "scripts"))
    named = re.compile(rf"`((?:{roots})/[a-z0-9_./-]+)`")
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    found = {
        (page.name, name)
        for page in pages
        for name in named.findall(page.read_text("utf-8"))
        if not name.startswith("fairvarme/v1/")  # a topic
    }
    assert len(found) > 50
    assert {each for each in found if not (ROOT / each[1]).exists()} == set()


def test_the_changelog_says_nothing_twice() -> None:
    entries = re.split(r"\n(?=- )", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    said = Counter(" ".join(entry.split("\n\n")[0].split()) for entry in entries[1:])
    assert said
    assert [entry for entry, count in said.items() if count > 1] == []


def with_examples() -> list[str]:
    """Return the modules whose docstrings show what comes out."""
    found = [path for path in modules(*PACKAGES) if ">>>" in path.read_text("utf-8")]
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removeprefix("firmware-sim.")
        for path in found
    ]


@pytest.mark.parametrize("name", with_examples())
def test_examples_of_docstrings_come_out_as_shown(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
