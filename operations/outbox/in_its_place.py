"""The letter in the place of a mail that did not arrive."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from correspondence.home_delivery import persons_of
from correspondence.outbox.message import as_letter
from estate.errors import DataError, UsageError
from estate.periods import local_date

if TYPE_CHECKING:
    from collections.abc import Callable

    from correspondence.outbox.message import Message
    from estate.model import Estate


def letter_instead(estate_of: Callable[[str], Estate], message: Message, due_ms: int) -> Message:
    """
    Return the letter that takes a message's place, with an address on it.

    A page made for the mail of a home with a protected person carries no address. Its letter is
    printed anew, from the words of the mail; so is one whose estate is out of order, as nothing
    tells who lives there.
    """
    letter = as_letter(message, due_ms)
    try:
        estate = estate_of(message.building)
    except UsageError:
        return letter
    except DataError:
        return replace(letter, attachments=())
    here = estate.tenancies
    tenancy = next((each for each in here if each.tenancy == message.tenancy), None)
    if tenancy is None:
        return letter
    persons = persons_of(estate, tenancy, local_date(due_ms, estate.building.zone))
    hidden = tenancy.delivery == "digital" and any(each.protected for each in persons)
    return replace(letter, attachments=()) if hidden else letter
