"""Retention of the quarantine, by age and by size."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from ingest.quarantine.tables import QuarantinedMessage, QuarantineShare
from ingest.quarantine.writing import forget, take_turn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

# One unit of work: more than a batch of the worker adds, and quick enough not to delay it.
MESSAGES_AT_ONCE = 2000
BYTES_AT_ONCE = 16 << 20
SMALLEST_PART = 1000
"""Fraction of the total size: removing less at a time costs more than it keeps."""


class Forgotten(NamedTuple):
    """
    What was removed.

    Attributes
    ----------
    old, surplus : int
        Messages removed by age, and by size.
    due : bool
        Whether there is more to remove.
    """

    old: int
    surplus: int
    due: bool


def forget_old(session: Session, before_ms: int) -> tuple[int, bool]:
    """
    Remove some messages last received before a time.

    Parameters
    ----------
    session : Session
    before_ms : int
        [ms since 1970, UTC]

    Returns
    -------
    tuple of int and bool
        Number of messages removed, and whether there may be more.
    """
    senders = select(QuarantineShare.sender)
    found = (
        select(QuarantinedMessage.digest, QuarantinedMessage.bytes)
        .where(QuarantinedMessage.sender.in_(senders), QuarantinedMessage.last_ms < before_ms)
        .limit(MESSAGES_AT_ONCE)
    )
    return _forget_some(session, session.execute(found).all(), BYTES_AT_ONCE)


def forget_surplus(session: Session, most_bytes: int) -> tuple[int, bool]:
    """
    Remove some messages if all of them exceed a size.

    The sender that takes most loses its oldest, so that a box or gateway that floods the quarantine
    displaces no other, whichever topics it writes to.

    Returns
    -------
    tuple of int and bool
        Number of messages removed, and whether there are more.
    """
    forgotten = 0
    while (surplus := _surplus(session, most_bytes)) > 0:
        if forgotten >= MESSAGES_AT_ONCE:
            return forgotten, True
        # Half of it: complaints are removed with their messages, and their size is not counted
        # here.
        enough_bytes = min(max(surplus // 2, most_bytes // SMALLEST_PART) + 1, BYTES_AT_ONCE)
        number, _ = _forget_some(session, _oldest_of_the_largest(session), enough_bytes)
        if number == 0:
            break
        forgotten += number
    return forgotten, False


def _surplus(session: Session, most_bytes: int) -> int:
    return int(session.scalar(select(func.sum(QuarantineShare.bytes))) or 0) - most_bytes


def _oldest_of_the_largest(session: Session) -> Sequence[tuple[bytes, int]]:
    share = select(QuarantineShare.sender).order_by(
        QuarantineShare.bytes.desc(), QuarantineShare.sender
    )
    oldest = (
        select(QuarantinedMessage.digest, QuarantinedMessage.bytes)
        .where(QuarantinedMessage.sender == session.scalar(share.limit(1)))
        .order_by(QuarantinedMessage.last_ms)
        .limit(MESSAGES_AT_ONCE)
    )
    return session.execute(oldest).all()


def _forget_some(
    session: Session, found: Sequence[tuple[bytes, int]], enough_bytes: int
) -> tuple[int, bool]:
    """Remove the first few messages that together take at least this many bytes."""
    if not found:
        return 0, False
    before = accumulate((size for _, size in found), initial=0)
    digests = [
        digest for (digest, _), taken in zip(found, before, strict=False) if taken < enough_bytes
    ]
    take_turn(session)
    forget(session, digests)
    return len(digests), len(digests) < len(found) or len(found) == MESSAGES_AT_ONCE
