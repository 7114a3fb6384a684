"""The words of a print file's count sheet, for those who print, fold and deliver."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from correspondence.catalogue import catalogue, spoken_language
from correspondence.phrases import cut
from reports.print_file.merge import sheets_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from estate.model import Building
    from reports.monthly.page import Page

BY_POST = ""
"""The place of a letter that goes to an address elsewhere."""


class Counted(NamedTuple):
    """
    One letter of a print file.

    Attributes
    ----------
    letter : str
        Its id in the outbox.
    place : str
        Stairwell, or `BY_POST` if it goes elsewhere.
    pages : int
    """

    letter: str
    tenancy: str
    flat: str
    place: str
    pages: int


def count_page(
    building: Building, name: str, letters: Sequence[Counted], aside: Sequence[str], day: date
) -> Page:
    """
    Put the counts of a print file into words; no resident is named.

    Parameters
    ----------
    building : Building
    name : str
        Of the print file.
    letters : sequence of Counted
        In the order of the file.
    aside : sequence of str
        Letters not in the file, to be delivered by hand.
    day : date

    Returns
    -------
    dict
        JSON-able; what ``templates/count.typ`` reads.
    """
    words = catalogue(spoken_language(building.language))
    places = list(dict.fromkeys(each.place for each in letters))
    rows = [_row(place, [each for each in letters if each.place == place]) for place in places]
    return {
        "language": words.language,
        "title": words.say("print.title", building=cut(building.name)),
        "sender": cut(building.organisation or building.name),
        "facts": [name, words.full_date(day), words.say("print.duplex")],
        "columns": [words.say(f"print.{each}") for each in ("place", "letters", "pages", "sheets")],
        "rows": [[_place(row[0], words.say("print.post")), *row[1:]] for row in rows],
        "total": [words.say("print.total"), *_row("", letters)[1:]],
        "blank": words.say("print.blank", count=_blank(letters)),
        "aside": words.say("print.aside", names=", ".join(aside)) if aside else "",
    }


def _place(place: str, by_post: str) -> str:
    return by_post if place == BY_POST else cut(place)


def _row(place: str, letters: Sequence[Counted]) -> list[str]:
    counts: Counter[str] = Counter()
    for each in letters:
        counts.update(letters=1, pages=each.pages, sheets=sheets_of(each.pages))
    return [place, *(str(counts[name]) for name in ("letters", "pages", "sheets"))]


def _blank(letters: Sequence[Counted]) -> int:
    return sum(2 * sheets_of(each.pages) - each.pages for each in letters)
