"""
Makes the print file of a building from the letters that wait in its folder.

The index of a print file is written last, and is the final record of its letters: one that
an index names is never printed again, even if the program was killed before it removed the letter.
"""

from __future__ import annotations

import csv
import fcntl
import io
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from correspondence.channels.letters import write_durably
from correspondence.home_delivery import letter_address
from correspondence.outbox.message import message_id
from correspondence.outbox.store import Outbox
from correspondence.stairwells import walking_order
from estate.errors import UsageError
from estate.files.spreadsheet import guarded
from estate.periods import local_date
from operations.clock import now_ms
from operations.wiring import choose_estates, opened_database
from reports.pdf import COUNT_SHEET, Press
from reports.print_file.count_sheet import BY_POST, Counted, count_page
from reports.print_file.merge import merged, page_count, sheets_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from estate.model import Estate, Tenancy
    from operations.settings import Settings

FOLDER = "print"
COLUMNS = ("number", "letter", "tenancy", "stairwell", "flat", "pages", "sheets")


class PrintFile(NamedTuple):
    """
    The print file of a building.

    Attributes
    ----------
    path : str
        The PDF; its index (.csv) and count sheet (.count.pdf) lie beside it. Empty without letters.
    aside : list of str
        Letters that are not in it, since they have no address or are no PDF, by tenancy.
    """

    building: str
    path: str
    letters: int
    pages: int
    sheets: int
    aside: list[str]


def make_print_files(
    settings: Settings, buildings: Sequence[str], day: date | None = None
) -> list[PrintFile]:
    """
    Make a print file of each building's letters that are in none yet.

    Parameters
    ----------
    settings : Settings
    buildings : sequence of str
        All of the installation if empty.
    day : date, optional
        Day of delivery, which determines who has moved out; default: today.

    Raises
    ------
    UsageError
        If the settings name no folder of letters.
    StoreUnavailable
    """
    if settings.letters is None:
        raise UsageError("the settings name no folder of letters; add [letters] to them")
    found = []
    with opened_database(settings) as engine, Press(COUNT_SHEET) as press:
        for estate in choose_estates(settings, buildings):
            folder = settings.letters.directory / estate.building.id
            on = day or local_date(now_ms(), estate.building.zone)
            if folder.is_dir():
                with alone_in(folder):
                    found.append(_print_file(folder, estate, Outbox(engine), press, on))
    return found


def _print_file(folder: Path, estate: Estate, outbox: Outbox, press: Press, day: date) -> PrintFile:
    waiting = _waiting(folder)
    letters, aside = _sorted(waiting, outbox.tenancies_of(waiting), estate, day)
    if not letters:
        return PrintFile(estate.building.id, "", 0, 0, 0, aside)
    whole = merged(waiting[each.letter].read_bytes() for each in letters)
    name = f"{day}-{message_id(*(each.letter for each in letters))[:8]}"
    sheet = press.print_words(count_page(estate.building, name, letters, aside, day), day)
    path = folder / FOLDER / f"{name}.pdf"
    write_durably(path, whole)
    write_durably(path.with_suffix(".count.pdf"), sheet)
    write_durably(path.with_suffix(".csv"), _index(letters))
    for each in letters:
        waiting[each.letter].unlink()
    sheets = sum(sheets_of(each.pages) for each in letters)
    return PrintFile(
        estate.building.id,
        str(path),
        len(letters),
        sum(each.pages for each in letters),
        sheets,
        aside,
    )


def _waiting(folder: Path) -> dict[str, Path]:
    """Return the letters that no index names, and remove the others."""
    printed = {
        row["letter"]
        for index in folder.glob(f"{FOLDER}/*.csv")
        for row in csv.DictReader(index.read_text("utf-8").splitlines())
    }
    waiting = {}
    for path in sorted(folder.glob("*.pdf")):
        if path.stem in printed:
            path.unlink()
        else:
            waiting[path.stem] = path
    return waiting


def _sorted(
    waiting: dict[str, Path], tenancies: dict[str, str], estate: Estate, day: date
) -> tuple[list[Counted], list[str]]:
    """Return the letters in the order of delivery, those by post last; and the others."""
    known = estate.tenancy_by_id
    letters, aside = [], []
    for letter, path in waiting.items():
        name = tenancies.get(letter, letter)
        place = _place(estate, known[name], day) if name in known else None
        pages = page_count(path.read_bytes())
        if place is None or not pages:
            aside.append(name)
        else:
            letters.append(Counted(letter, name, known[name].flat, place, pages))

    def order(each: Counted) -> tuple[object, ...]:
        flat = estate.flats[estate.flat_index[each.flat]]
        return each.place == BY_POST, walking_order(flat), each.tenancy, each.letter

    return sorted(letters, key=order), sorted(aside)


def _place(estate: Estate, tenancy: Tenancy, day: date) -> str | None:
    """Return the stairwell that a letter is carried to, None if nobody knows where it goes."""
    block = letter_address(estate, tenancy, day)
    flat = estate.flats[estate.flat_index[tenancy.flat]]
    if block.missing:
        return None
    return (flat.stairwell or flat.address) if block.address == flat.address else BY_POST


def _index(letters: Sequence[Counted]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, each in enumerate(letters, 1):
        names = (each.letter, each.tenancy, guarded(each.place), each.flat)
        writer.writerow([number, *names, each.pages, sheets_of(each.pages)])
    return text.getvalue().encode()


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes from printing from a building's folder until the block ends."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
