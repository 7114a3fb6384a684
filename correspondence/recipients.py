"""Who is sent a message to a home, how and where. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from correspondence.home_delivery import Recipient, letter_address, persons_of
from correspondence.outbox.message import Channel

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from estate.model import Estate, Person, Tenancy

NONE = "none"
"""The word of who wants no messages."""
WORDS = frozenset({Channel.MAIL, Channel.SMS, Channel.LETTER, NONE})
"""What persons.csv may say in its column channels."""
PAGES = frozenset({Channel.MAIL, Channel.LETTER})
"""What can carry a page."""
BY_DELIVERY = {
    "digital": (Channel.MAIL, Channel.SMS, Channel.LETTER),
    "paper": (Channel.LETTER,),
}
AT_ONCE = (Channel.SMS, Channel.MAIL)
"""Channels that arrive within the hour, the one that wakes people first."""


def recipients(
    estate: Estate,
    tenancy: Tenancy,
    day: date,
    available: Collection[Channel],
    *,
    safety: bool = False,
    page: bool = False,
) -> tuple[Recipient, ...]:
    """
    Return whom a message to a home goes to.

    Each person is sent it once, by the first channel of their wish that there is and for which they
    have an address; without a wish, by the tenancy's delivery. A letter goes to the home, one for
    all, where somebody asked for letters, or wants messages and cannot be reached otherwise. Who
    wants none gets none; but danger goes by what is fastest whatever was wished, and a page that
    the law gives every home by the tenancy's delivery.

    Parameters
    ----------
    estate : Estate
    tenancy : Tenancy
    day : date
        Decides who lives there; of a tenancy that has ended, those of its last day.
    available : collection of Channel
        What the installation can send by.
    safety : bool, optional
        Danger to people or the building.
    page : bool, optional
        A page that every home is given, such as its month.

    Returns
    -------
    tuple of Recipient
        Letters last. Empty where everybody wants none, where there is no channel, or where a
        tenancy has ended and left neither a mail address nor a new post address.
    """
    persons = persons_of(estate, tenancy, day)
    wishes = {each.person: _wishes(each, tenancy, safety=safety, page=page) for each in persons}
    ways = [(each, _way(each, wishes[each.person], available)) for each in persons]
    # Who shares an address with another of the home is reached by the other's message.
    by_address = {(way.channel, way.address): way for _, way in reversed(ways) if way is not None}
    reached = sorted(by_address.values(), key=lambda way: way.person)
    left = [each for each, way in ways if way is None and wishes[each.person]]
    wanted = not reached if safety else bool(left)
    all_refuse = bool(persons) and not any(wishes.values())
    letter = (wanted or not reached) and not all_refuse and Channel.LETTER in available
    if not letter:
        return tuple(reached)
    named = whom_a_letter_is_to(persons, reached)
    if letter_address(estate, tenancy, day, named).missing:
        return tuple(reached)
    return (*reached, Recipient("", Channel.LETTER, ""))


def whom_a_letter_is_to(
    persons: tuple[Person, ...], found: Collection[Recipient]
) -> tuple[Person, ...]:
    """
    Return the persons of a home to whom its letter is: those whom nothing else reaches.

    Beside a protected person it is to all of them, so that the protected name stands on it only
    where there is no other.
    """
    reached = {each.address for each in found if each.address}
    left = tuple(each for each in persons if not reached & {each.mail, each.phone})
    return persons if any(each.protected for each in persons) or not left else left


def at_once(found: Collection[Recipient]) -> bool:
    """Whether one of them is reached within the hour."""
    return any(each.channel in AT_ONCE for each in found)


def wants_messages(person: Person) -> bool:
    """Whether a person has not opted out of messages."""
    return NONE not in _said(person)


def _said(person: Person) -> list[str]:
    return [each for each in re.split(r"[\s,;+]+", (person.channels or "").casefold()) if each]


def _wishes(person: Person, tenancy: Tenancy, *, safety: bool, page: bool) -> tuple[Channel, ...]:
    """Return a person's channels, the first the best; none for who wants none."""
    said = _said(person)
    by_delivery = BY_DELIVERY[tenancy.delivery]
    if not wants_messages(person):
        if safety:
            return (*AT_ONCE, Channel.LETTER)
        return tuple(each for each in by_delivery if each in PAGES) if page else ()
    own = tuple(Channel(each) for each in said if each in WORDS and (each in PAGES or not page))
    own = own or tuple(each for each in by_delivery if each in PAGES or not page)
    return (*AT_ONCE, *own) if safety else own


def _way(
    person: Person, wishes: tuple[Channel, ...], available: Collection[Channel]
) -> Recipient | None:
    """Return how a person is reached without a letter."""
    addresses = {Channel.MAIL: person.mail, Channel.SMS: person.phone}
    for channel in wishes:
        if channel is Channel.LETTER:
            return None
        address = addresses.get(channel)
        if channel in available and address:
            return Recipient(person.person, channel, address)
    return None
