"""The complaints about one message: bounded in number, and whether to keep the message."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ingest.decoders import Reject
from ingest.reasons import Kept, reason_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ingest.reasons import Reason

    Complaint = tuple[Reason, str | None, str | None]


def keeps_each(reasons: Iterable[Reason], read: bool) -> bool:
    """
    Return whether every message with such complaints is kept, or only the latest.

    Parameters
    ----------
    reasons : iterable of Reason
        All reasons of one message.
    read : bool
        Whether some other part of the message could be read.
    """
    kept = {reason_texts()[reason].kept for reason in set(reasons)}
    return Kept.EACH in kept or (Kept.UNLESS_READ in kept and not read)


def bounded(rejects: Sequence[Reject], most: int) -> Iterator[tuple[Reject, int]]:
    """
    Yield the complaints about a message, each with its count.

    A complaint has one device, one reason and one name. After the first `most` distinct ones
    the others are counted by reason, without names, as are those without a name, which concern
    the message as a whole.
    """
    if len(rejects) <= most:
        yield from ((reject, 1) for reject in rejects)
        return
    named: set[Complaint] = set()
    nameless: set[Complaint] = set()
    others: Counter[Reason] = Counter()
    for reject in rejects:
        complaint = (reject.reason, reject.device, reject.quantity)
        told = nameless if reject.quantity is None else named
        if complaint in told or len(told) < most:
            told.add(complaint)
            yield reject, 1
        else:
            others[reject.reason] += 1
    for reason, number in others.items():
        yield Reject(reason, f"and {number} more"), number
