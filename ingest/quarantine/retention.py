"""How long the quarantine keeps, and how much: what is fixed neither soon nor at all is let go."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from ingest.quarantine.tables import QuarantinedMessage, QuarantineShare
from ingest.quarantine.writing import forget, take_turn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

# One piece of work: more than one batch of the worker brings, and done before anybody waits for it.
MESSAGES_AT_ONCE = 2000
BYTES_AT_ONCE = 16 << 20
SMALLEST_PART = 1000
"""Of the whole room: to let go of less at a time costs more than it keeps."""


class Forgotten(NamedTuple):
    """
    What was let go.

    Attributes
    ----------
    old, surplus : int
        Messages that were too old, and messages that were too many.
    due : bool
        Whether there is more to let go.
    """

    old: int
    surplus: int
    due: bool


def forget_old(session: Session, before_ms: int) -> tuple[int, bool]:
    """
    Forget some of the messages that came last before a time.

    Parameters
    ----------
    session : Session
    before_ms : int
        [ms since 1970, UTC]

    Returns
    -------
    tuple of int and bool
        How many messages are forgotten, and whether there may be more.
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
    Forget some messages where all of them take more than so many bytes.

    The sender that takes most gives its oldest, so that a box or gateway that floods the quarantine
    pushes no other out of it, whichever topics it writes to.

    Returns
    -------
    tuple of int and bool
        How many messages are forgotten, and whether there is more.
    """
    forgotten = 0
    while (surplus := _surplus(session, most_bytes)) > 0:
        if forgotten >= MESSAGES_AT_ONCE:
            return forgotten, True
        # Half of it: complaints go with their messages, and take room that is not counted here.
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
    """Forget the first few messages that together take at least so many bytes."""
    if not found:
        return 0, False
    before = accumulate((size for _, size in found), initial=0)
    digests = [
        digest for (digest, _), taken in zip(found, before, strict=False) if taken < enough_bytes
    ]
    take_turn(session)
    forget(session, digests)
    return len(digests), len(digests) < len(found) or len(found) == MESSAGES_AT_ONCE
