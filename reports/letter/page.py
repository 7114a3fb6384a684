"""The words of a plain letter, as the template prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from correspondence.address import language_of
from correspondence.catalogue import catalogue
from correspondence.home_delivery import letter_address, persons_of
from correspondence.phrases import address_lines, cut

if TYPE_CHECKING:
    from datetime import date

    from estate.model import Estate, Tenancy
    from reports.monthly.page import Page


def letter_page(estate: Estate, tenancy: Tenancy, subject: str, text: str, day: date) -> Page:
    """
    Lay out a finished message as a page.

    Parameters
    ----------
    estate : Estate
    tenancy : Tenancy
        The recipients.
    subject, text : str
        Paragraphs of the text are separated by an empty line.
    day : date
        Day of printing, which determines who lives there, and their address.

    Returns
    -------
    dict
        JSON-able; what ``templates/plain.typ`` reads.
    """
    persons = persons_of(estate, tenancy, day)
    building, words = estate.building, catalogue(language_of(persons, estate.building))
    return {
        "language": words.language,
        "title": cut(subject),
        "sender": cut(building.organisation or building.name),
        "address": address_lines(letter_address(estate, tenancy, day), words),
        "reference": tenancy.tenancy,
        "period": words.full_date(day),
        "paragraphs": [part.split("\n") for part in text.split("\n\n") if part.strip()],
    }
