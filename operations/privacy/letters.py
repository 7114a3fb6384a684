"""Removes a person's letters from the waiting ones, and from print files."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from correspondence.channels.letters import write_durably
from operations.outbox.print_file import FOLDER, alone_in
from reports.print_file.merge import only_sheets

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from operations.visitors.roles import Home

COUNT_SHEET = ".count.pdf"


def remove_letters(directory: Path, home: Home, ids: Collection[str]) -> int:
    """
    Remove the letters with some ids; the other letters of a print file stay as they are.

    Parameters
    ----------
    directory : Path
        Of all letters, with a folder for each building.
    home : Home
    ids : collection of str
        Of the letters, as the outbox has them.

    Returns
    -------
    int
        Number of letters removed.
    """
    folder = directory / home.building
    if not folder.is_dir():
        return 0
    with alone_in(folder):
        waiting = [path for path in folder.glob("*.pdf") if path.stem in ids]
        for path in waiting:
            path.unlink()
        printed = [_cut_out(index, ids) for index in sorted(folder.glob(f"{FOLDER}/*.csv"))]
    return len(waiting) + sum(printed)


def _cut_out(index: Path, ids: Collection[str]) -> int:
    """Rewrite a print file and its index without some letters; remove both if none is left."""
    rows = list(csv.DictReader(index.read_text("utf-8").splitlines()))
    kept = [row for row in rows if row["letter"] not in ids]
    number = len(rows) - len(kept)
    if not number:
        return 0
    pages = index.with_suffix(".pdf")
    if not kept:
        for path in (pages, index.with_suffix(COUNT_SHEET), index):
            path.unlink(missing_ok=True)
        return number
    if pages.exists():
        spans = [span for row, span in _spans(rows) if row["letter"] not in ids]
        write_durably(pages, only_sheets(pages.read_bytes(), spans))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(kept)
    write_durably(index, text.getvalue().encode())
    return number


def _spans(rows: list[dict[str, str]]) -> list[tuple[dict[str, str], range]]:
    found, first = [], 0
    for row in rows:
        stop = first + int(row["sheets"])
        found.append((row, range(first, stop)))
        first = stop
    return found
