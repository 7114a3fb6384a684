"""Letters merged into one PDF for printing on both sides. Pure."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SIDES = 2


def sheets_of(pages: int) -> int:
    """
    Return the number of sheets that a letter takes when it is printed on both sides.

    Examples
    --------
    >>> [sheets_of(pages) for pages in (1, 2, 3)]
    [1, 1, 2]
    """
    return -(-pages // SIDES)


def page_count(letter: bytes) -> int:
    """Return the number of pages of a PDF, 0 if it is not one."""
    try:
        return len(PdfReader(BytesIO(letter)).pages)
    except PyPdfError:
        return 0


def merged(letters: Iterable[bytes]) -> bytes:
    """
    Merge letters for two-sided printing, so that each begins on the front of a sheet.

    An odd number of pages is followed by a blank one, so that nobody gets a neighbour's letter.
    """
    writer = PdfWriter()
    for letter in letters:
        pages = PdfReader(BytesIO(letter)).pages
        for page in pages:
            writer.add_page(page)
        if len(pages) % SIDES:
            writer.add_blank_page()
    return _written(writer)


def only_sheets(print_file: bytes, kept: Sequence[range]) -> bytes:
    """
    Return a print file with only some of its sheets.

    Parameters
    ----------
    print_file : bytes
        As made by `merged`.
    kept : sequence of range
        Places of sheets, from 0.
    """
    pages, writer = PdfReader(BytesIO(print_file)).pages, PdfWriter()
    for sheets in kept:
        for page in pages[sheets.start * SIDES : sheets.stop * SIDES]:
            writer.add_page(page)
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    written = BytesIO()
    writer.write(written)
    return written.getvalue()
