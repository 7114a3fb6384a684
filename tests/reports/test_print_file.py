"""Letters in one file: every one on a sheet of its own, in the order of the stairwells."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from correspondence.stairwells import walking_order
from reports.print_file.merge import merged, page_count, sheets_of
from tests.support import estates as make


def a_pdf(pages: int, width: int) -> bytes:
    writer, written = PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(width, 800)
    writer.write(written)
    return written.getvalue()


@pytest.mark.slow
@given(st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_every_letter_begins_on_the_front_of_a_sheet(counts: list[int]) -> None:
    # The width tells whose page it is.
    letters = [a_pdf(pages, 100 + number) for number, pages in enumerate(counts)]
    owners = [int(page.mediabox.width) - 100 for page in PdfReader(BytesIO(merged(letters))).pages]
    assert len(owners) == 2 * sum(sheets_of(pages) for pages in counts)
    assert owners == sorted(owners)
    assert owners[0::2] == owners[1::2]


def test_what_is_no_pdf_has_no_pages() -> None:
    assert page_count(a_pdf(3, 100)) == 3
    assert page_count(b"") == 0
    assert page_count(b"%PDF-1.7\nnothing follows") == 0


def test_flats_are_passed_from_below_and_from_the_left() -> None:
    rows = [
        ("2", "kl", "tv"), ("2", "st", "tv"), ("2", "st", "mf"), ("2", "st", "th"),
        ("2", "1", "1"), ("2", "1", "2"), ("2", "1", "10"), ("2", "10", "tv"), ("10", "st", "tv"),
    ]  # fmt: skip
    flats = [
        make.flat(f"f{number}", stairwell=stairwell, floor=floor, door=door)
        for number, (stairwell, floor, door) in enumerate(rows)
    ]
    assert sorted(flats[1:] + flats[:1], key=walking_order) == flats


def test_a_building_without_stairwells_goes_by_its_addresses() -> None:
    flats = [make.flat(f"f{20 - number}", address=f"Vej {number}") for number in (2, 9, 10)]
    assert sorted(flats[1:] + flats[:1], key=walking_order) == flats
