"""
What fits into a text message. Pure.

Networks send the letters of GSM 03.38, 160 in one message and 153 in each part of a longer one; a
single other sign, such as a non-breaking space, makes it 70 and 67.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ONE_PART, OF_SEVERAL = 160, 153
MOST_PARTS = 2
LONGEST = MOST_PARTS * OF_SEVERAL
"""Letters of two parts."""
ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic table of GSM 03.38 (3GPP TS 23.038, 6.2.1)."""
TWICE = frozenset("^{}\\[~]|€")
"""Signs of the extension table, which take the room of two letters (6.2.1.1)."""
INSTEAD = str.maketrans(
    {"\N{NO-BREAK SPACE}": " ", "\N{EN DASH}": "-", "\N{HORIZONTAL ELLIPSIS}": "...",
     "\N{SUBSCRIPT TWO}": "2", "\N{SUPERSCRIPT TWO}": "2", "\N{SUPERSCRIPT THREE}": "3",
     "\N{DEGREE SIGN}": " ", "\N{RIGHT SINGLE QUOTATION MARK}": "'",
     "\N{LEFT SINGLE QUOTATION MARK}": "'", "\N{LEFT DOUBLE QUOTATION MARK}": '"',
     "\N{RIGHT DOUBLE QUOTATION MARK}": '"', "\N{MINUS SIGN}": "-"}
)  # fmt: skip


def plain(text: str) -> str:
    """
    Write a text in the letters of text messages; what has no like becomes a question mark.

    Examples
    --------
    >>> plain("13.\N{NO-BREAK SPACE}januar \N{EN DASH} CO\N{SUBSCRIPT TWO}")
    '13. januar - CO2'
    """
    spelt = text.translate(INSTEAD)
    return "".join(each if each in ALPHABET or each in TWICE else "?" for each in spelt)


def length(text: str) -> int:
    """Return the room that a text in these letters takes. [letters]"""
    return len(text) + sum(each in TWICE for each in text)


def longest_fit(candidates: Iterable[str], most: int = LONGEST) -> str:
    """
    Return the first of some texts that fits, in the letters of text messages.

    Parameters
    ----------
    candidates : iterable of str
        The fullest first. Where none fits the last is cut.
    most : int, optional
        [letters]
    """
    text = ""
    for each in candidates:
        text = plain(each)
        if length(text) <= most:
            return text
    while length(text) > most - 3:
        text = text[:-1]
    return f"{text.rstrip()}..."
