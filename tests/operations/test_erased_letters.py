"""Letters of who is erased go from the folder and out of print files; a neighbour's stay whole."""

from __future__ import annotations

import csv
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from operations.outbox.print_file import FOLDER
from operations.privacy.kept import kept
from operations.privacy.records import all_tables
from operations.settings import read_settings
from operations.wiring import opened_database
from reports.print_file.merge import merged, sheets_of
from tests.support.filled_rows import plant
from tests.support.small_house import BUILDING, call_json, make_house

WHO = f"{BUILDING}/0101-1/0101-1a"
PAGES = {"own-1": 1, "other-1": 3, "own-2": 2, "other-2": 1}
WIDTHS = {name: 100.0 + number for number, name in enumerate(PAGES)}
TENANCIES = {"own": "0101-1", "other": "0102-1"}


def letter(name: str) -> bytes:
    """Return a letter whose pages tell by their width whose they are."""
    writer = PdfWriter()
    for _ in range(PAGES[name]):
        writer.add_blank_page(width=WIDTHS[name], height=200)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def tenancy_of(name: str) -> str:
    return TENANCIES[name.partition("-")[0]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    config = make_house(tmp_path / "house")
    table = all_tables()["outbox_message"]
    row = kept().records["outbox_message"]
    children = {column: all_tables()[child] for child, column in row.under.items()}
    with opened_database(read_settings(config)) as engine, engine.begin() as connection:
        for name in PAGES:
            of_home = {"building": BUILDING, "tenancy": tenancy_of(name), "id": name}
            plant(connection, table, children, name, **of_home, person=f"{tenancy_of(name)}a")
    return config


def folder_of(config: Path) -> Path:
    letters = read_settings(config).letters
    assert letters is not None
    (folder := letters.directory / BUILDING / FOLDER).mkdir(parents=True)
    return folder.parent


def print_file(folder: Path, names: list[str]) -> Path:
    index = folder / FOLDER / "2026-11-01-0000.csv"
    index.with_suffix(".pdf").write_bytes(merged(letter(name) for name in names))
    index.with_suffix(".count.pdf").write_bytes(b"counted")
    with index.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["number", "letter", "tenancy", "stairwell", "flat", "pages", "sheets"])
        for number, name in enumerate(names, 1):
            sheets = sheets_of(PAGES[name])
            writer.writerow([number, name, tenancy_of(name), "1", "0101", PAGES[name], sheets])
    return index


def erase(config: Path) -> int:
    done = call_json("erase", WHO, "--by", "anna", "--reason", "asked", "--config", config)
    return int(done["removed"].get("letters", 0))


def widths(path: Path) -> list[float]:
    return [float(page.mediabox.width) for page in PdfReader(path).pages]


def test_letters_that_wait_go_and_a_neighbours_stay(config: Path) -> None:
    folder = folder_of(config)
    for name in PAGES:
        (folder / f"{name}.pdf").write_bytes(letter(name))
    assert erase(config) == 2
    assert sorted(each.stem for each in folder.glob("*.pdf")) == ["other-1", "other-2"]


def test_letters_are_cut_out_of_a_print_file(config: Path) -> None:
    index = print_file(folder_of(config), ["other-1", "own-1", "own-2", "other-2"])
    assert erase(config) == 2
    rows = list(csv.DictReader(index.read_text().splitlines()))
    assert [row["letter"] for row in rows] == ["other-1", "other-2"]
    # Each with its blank page, so that none begins on the back of another.
    assert widths(index.with_suffix(".pdf")) == [WIDTHS["other-1"]] * 4 + [WIDTHS["other-2"]] * 2


def test_a_print_file_of_nobody_else_goes(config: Path) -> None:
    index = print_file(folder_of(config), ["own-1", "own-2"])
    assert erase(config) == 2
    assert list(index.parent.iterdir()) == []
