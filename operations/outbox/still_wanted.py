"""Whether a message that waited may still be sent: not if its reader opted out or moved out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from correspondence.address import persons_on
from correspondence.outbox.message import Channel
from correspondence.recipients import wants_messages
from estate.errors import DataError, UsageError
from estate.periods import local_date

if TYPE_CHECKING:
    from collections.abc import Callable

    from correspondence.outbox.message import Message
    from estate.model import Estate

OF_ALERTS = "alert"


def still_wanted(estate_of: Callable[[str], Estate], message: Message, now_ms: int) -> bool:
    """
    Whether an alert's message may be sent now; every other kind of message may.

    It may have waited for the morning, or for a mail server, since it was queued. Danger goes to
    whoever still lives there. Where the estate cannot be read nobody's choice is known, and the
    message is sent.
    """
    if message.kind != OF_ALERTS or not message.tenancy:
        return True
    try:
        estate = estate_of(message.building)
    except (DataError, UsageError):
        return True
    today = local_date(now_ms, estate.building.zone)
    tenancy = estate.tenancy_by_id.get(message.tenancy)
    if tenancy is None or (tenancy.end is not None and tenancy.end <= today):
        return False
    if message.safety:
        return True
    persons = persons_on(estate.persons, tenancy.tenancy, today)
    if message.channel is Channel.LETTER:
        return not persons or any(map(wants_messages, persons))
    return any(
        wants_messages(each)
        for each in persons
        # Whoever has another id by now is known by the address.
        if message.person == each.person or message.address in (each.mail, each.phone)
    )
