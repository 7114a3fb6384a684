"""Who is sent a message to a home, how and where. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from correspondence.address import persons_on
from correspondence.home_delivery import Recipient
from correspondence.outbox.message import Channel

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from estate.model import Estate, Person, Tenancy

NONE = "none"
"""The word of who wants no messages."""
WORDS = frozenset({Channel.MAIL, Channel.SMS, Channel.LETTER, NONE})
"""What persons.csv may say in its column channels."""
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
) -> tuple[Recipient, ...]:
    """
    Return whom a message to a home goes to.

    Each person is sent it once, by the first channel of their wish that there is and for which they
    have an address; without a wish, by the tenancy's delivery. A letter goes to the home, one for
    all, where somebody asked for letters or nobody can be reached otherwise. Who wants none gets
    none, and danger alone goes by what is fastest whatever was wished.

    Parameters
    ----------
    estate : Estate
    tenancy : Tenancy
    day : date
        Decides who lives there.
    available : collection of Channel
        What the installation can send by.
    safety : bool, optional
        Danger to people or the building.

    Returns
    -------
    tuple of Recipient
        Empty where everybody wants none, or where there is no channel.
    """
    persons = persons_on(estate.persons, tenancy.tenancy, day)
    wishes = {each.person: _wishes(each, tenancy, safety=safety) for each in persons}
    ways = [way for each in persons for way in _way(each, wishes[each.person], available)]
    found = dict.fromkeys((way.channel, way.address) for way in ways)
    reached = [next(way for way in ways if (way.channel, way.address) == key) for key in found]
    wanted = any(_asks_for_letters(each) for each in wishes.values())
    all_refuse = bool(persons) and not any(wishes.values())
    letter = Channel.LETTER in available and not all_refuse and (wanted or not reached)
    return (*reached, Recipient("", Channel.LETTER, "")) if letter else tuple(reached)


def at_once(found: Collection[Recipient]) -> bool:
    """Whether one of them is reached within the hour."""
    return any(each.channel in AT_ONCE for each in found)


def _asks_for_letters(wishes: tuple[Channel, ...]) -> bool:
    return bool(wishes) and wishes[0] is Channel.LETTER


def _wishes(person: Person, tenancy: Tenancy, *, safety: bool) -> tuple[Channel, ...]:
    """Return a person's channels, the first the best; none for who wants none."""
    said = [each for each in re.split(r"[\s,;+]+", (person.channels or "").casefold()) if each]
    if NONE in said:
        return (*AT_ONCE, Channel.LETTER) if safety else ()
    own = tuple(Channel(each) for each in said if each in WORDS) or BY_DELIVERY[tenancy.delivery]
    return (*AT_ONCE, *own) if safety else own


def _way(
    person: Person, wishes: tuple[Channel, ...], available: Collection[Channel]
) -> Iterator[Recipient]:
    addresses = {Channel.MAIL: person.mail, Channel.SMS: person.phone}
    for channel in wishes:
        if channel is Channel.LETTER:
            return
        address = addresses.get(channel)
        if channel in available and address:
            yield Recipient(person.person, channel, address)
            return
