"""Record of log-ins that were refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from operations.access.limits import count_try
from operations.access.record import AccessEvent, Entry, record_access

if TYPE_CHECKING:
    from operations.serving import Serving

LONGEST = 200


def record_refused(serving: Serving, way: str, reason: str, visitor_address: str) -> None:
    """
    Record why a log-in was refused, which its page does not tell.

    Raises
    ------
    TooManyTries
        Nobody fills the record with refusals.
    """
    now = serving.clock()
    count_try(serving.engine, "refusal_of_visitor", visitor_address, now)
    what = f"log-in by {way[:32]}"
    entry = Entry(now, "", "", AccessEvent.REFUSED, what, reason=reason[:LONGEST])
    record_access(serving.engine, entry)
