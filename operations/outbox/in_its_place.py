"""The letter that replaces a mail that could not be delivered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from correspondence.catalogue import catalogue
from correspondence.home_delivery import letter_address, persons_of
from correspondence.outbox.message import Attachment, Way, as_letter
from correspondence.phrases import address_lines
from estate.errors import DataError, UsageError
from estate.periods import local_date
from reports.letter.kept_page import KeptPage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from correspondence.outbox.message import Message
    from estate.model import Estate, Tenancy


def letter_instead(estate_of: Callable[[str], Estate], message: Message, due_ms: int) -> Message:
    """
    Return the letter that replaces a message, with an address on it.

    A month's page is printed again for the mail's recipient. For other messages, a page made for
    the mail of a home with a protected person has no address, so its letter is printed from the
    text of the mail; as is one whose estate is invalid, since it is unknown who lives there.
    """
    letter = as_letter(message, due_ms)
    try:
        estate = estate_of(message.building)
    except UsageError:
        return letter
    except DataError:
        return replace(letter, attachments=())
    tenancy = estate.tenancy_by_id.get(message.tenancy)
    if tenancy is None:
        return letter
    day = local_date(due_ms, estate.building.zone)
    hidden = tenancy.delivery == "digital" and any(
        each.protected for each in persons_of(estate, tenancy, day)
    )
    files = [_addressed(each, estate, tenancy, day) for each in letter.attachments]
    kept = (each for each in files if each.way is Way.PAGE or not hidden)
    return replace(letter, attachments=tuple(kept))


def _addressed(file: Attachment, estate: Estate, tenancy: Tenancy, day: date) -> Attachment:
    """Return the page of a mail as that of a letter: with the recipient's address."""
    if file.way is not Way.PAGE:
        return file._replace(way=Way.ATTACHED)
    page = KeptPage.read(file.content)
    if page is None:
        return file
    persons = persons_of(estate, tenancy, day)
    named = tuple(each for each in persons if each.person in page.persons)
    whom = persons if any(each.protected for each in persons) or not named else named
    block = letter_address(estate, tenancy, day, whom)
    lines = address_lines(block, catalogue(page.page["language"]))
    ids = tuple(each.person for each in whom)
    return file._replace(
        content=replace(page, page=page.page | {"address": lines}, persons=ids).as_bytes()
    )
