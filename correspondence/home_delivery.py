"""Who of a home is sent its month, and by which channel. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from correspondence.address import delivery_block, persons_on
from correspondence.outbox.message import Channel

if TYPE_CHECKING:
    from datetime import date

    from correspondence.address import AddressBlock
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


def month_recipients(estate: Estate, tenancy: Tenancy, day: date) -> tuple[Recipient, ...]:
    """
    Return who of a tenancy is written to on a day: by mail or on paper, never both.

    A home that chose digital delivery gets a mail for each person who left an address. Where nobody
    did, and in every other home, one letter goes to all of it.

    Returns
    -------
    tuple of Recipient
        Empty only where the tenancy has ended, and neither a mail address nor a new post address
        is known: at the flat somebody else opens the letterbox.
    """
    persons = persons_of(estate, tenancy, day)
    if tenancy.delivery == "digital":
        # Who shares an address with another of the home gets one mail.
        by_mail = {each.mail: each for each in reversed(persons) if each.mail}
        if by_mail:
            found = sorted(by_mail.values(), key=lambda each: each.person)
            return tuple(Recipient(each.person, Channel.MAIL, each.mail or "") for each in found)
    block = letter_address(estate, tenancy, day)
    return () if block.missing else (Recipient("", Channel.LETTER, ""),)


def persons_of(estate: Estate, tenancy: Tenancy, day: date) -> tuple[Person, ...]:
    """Return the persons of a tenancy on a day; of one that has ended, those of its last day."""
    last = day if tenancy.end is None else min(day, tenancy.end - timedelta(days=1))
    return persons_on(estate.persons, tenancy.tenancy, last)


def letter_address(estate: Estate, tenancy: Tenancy, day: date) -> AddressBlock:
    """Return where a letter goes on a day, also to a home that chose digital delivery."""
    on_paper = tenancy.model_copy(update={"delivery": "paper"})
    return delivery_block(estate, on_paper, persons_of(estate, tenancy, day), day)
