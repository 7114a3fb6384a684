"""Who lives in a home on a day, and where a letter to it goes. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from correspondence.address import delivery_block, persons_on

if TYPE_CHECKING:
    from datetime import date

    from correspondence.address import AddressBlock
    from correspondence.outbox.message import Channel
    from estate.model import Estate, Person, Tenancy


class Recipient(NamedTuple):
    """
    Somebody who is written to.

    Attributes
    ----------
    person : str
        Empty for a letter, which is to all of the home.
    address : str
        Mail address; empty for a letter, whose address is printed on it.
    """

    person: str
    channel: Channel
    address: str


def persons_of(estate: Estate, tenancy: Tenancy, day: date) -> tuple[Person, ...]:
    """Return the persons of a tenancy on a day; of one that has ended, those of its last day."""
    last = day if tenancy.end is None else min(day, tenancy.end - timedelta(days=1))
    return persons_on(estate.persons, tenancy.tenancy, last)


def letter_address(
    estate: Estate, tenancy: Tenancy, day: date, persons: tuple[Person, ...] | None = None
) -> AddressBlock:
    """
    Return where a letter goes on a day, also to a home that chose digital delivery.

    Parameters
    ----------
    estate : Estate
    tenancy : Tenancy
    day : date
    persons : tuple of Person, optional
        Whom the letter is to; by default everybody of the home.
    """
    on_paper = tenancy.model_copy(update={"delivery": "paper"})
    if persons is None:
        persons = persons_of(estate, tenancy, day)
    return delivery_block(estate, on_paper, persons, day)
