"""What fits into a text message, by the table of GSM 03.38."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correspondence.text_message import (
    ALPHABET,
    LONGEST,
    OF_SEVERAL,
    ONE_PART,
    TWICE,
    length,
    longest_fit,
    plain,
)


def test_the_table_has_its_letters_and_two_parts_have_three_hundred_and_six() -> None:
    # 128 places less the escape to the extension table.
    assert len(ALPHABET) == 127
    assert set("æøåÆØÅ") <= ALPHABET
    assert LONGEST == 306
    assert (ONE_PART, OF_SEVERAL) == (160, 153)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kl.\N{NO-BREAK SPACE}11.00", "kl. 11.00"),
        ("CO\N{SUBSCRIPT TWO}", "CO2"),
        ("3 m\N{SUPERSCRIPT THREE}", "3 m3"),
        ("\N{SNOWMAN}", "?"),
        ("æøå [1]", "æøå [1]"),
    ],
)
def test_other_signs_are_spelt(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.lists(st.text(max_size=400), min_size=1, max_size=4), st.integers(20, 306))
def test_what_comes_out_fits_and_is_in_the_alphabet(candidates: list[str], most: int) -> None:
    found = longest_fit(candidates, most)
    assert length(found) <= most
    assert set(found) <= ALPHABET | TWICE
    first = plain(candidates[0])
    if length(first) <= most:
        assert found == first
