"""How long the quarantine keeps, and how much: what is mended neither soon nor at all is let go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from estate.database import answering
from ingest.quarantine_tables import QuarantinedMessage, QuarantinedReading, delete_empty

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine

ROW_BYTES = 512
"""What a message takes beside its payload."""
MESSAGES_AT_ONCE = 1000

SIZE = func.length(QuarantinedMessage.payload) + ROW_BYTES


def forget_old(engine: Engine, before_ms: int) -> int:
    """
    Forget the reasons that were last given before a time, and messages without any.

    Parameters
    ----------
    engine : Engine
    before_ms : int
        [ms since 1970, UTC]

    Returns
    -------
    int
        How many messages are forgotten.

    Raises
    ------
    StoreUnavailable
    """
    old = QuarantinedReading.last_ms < before_ms
    with answering(engine) as session:
        digests = session.scalars(select(QuarantinedReading.message).where(old).distinct()).all()
        session.execute(delete(QuarantinedReading).where(old))
        return delete_empty(session, digests)


def forget_surplus(engine: Engine, most_bytes: int) -> int:
    """
    Forget messages until all of them take at most so many bytes; returns how many.

    The topic that takes most gives its oldest first, so that a device that floods the quarantine
    pushes no other out of it.

    Raises
    ------
    StoreUnavailable
    """
    forgotten = 0
    while found := _surplus(engine, most_bytes):
        with answering(engine) as session:
            session.execute(delete(QuarantinedReading).where(QuarantinedReading.message.in_(found)))
            forgotten += delete_empty(session, found)
    return forgotten


def _surplus(engine: Engine, most_bytes: int) -> list[str]:
    """Name the messages to forget next, none where there is room."""
    with answering(engine) as session:
        surplus = (session.scalar(select(func.sum(SIZE))) or 0) - most_bytes
        if surplus <= 0:
            return []
        topics = select(QuarantinedMessage.topic).group_by(QuarantinedMessage.topic)
        largest = session.scalar(topics.order_by(func.sum(SIZE).desc()).limit(1))
        oldest = (
            select(QuarantinedMessage.digest, SIZE)
            .where(QuarantinedMessage.topic == largest)
            .order_by(QuarantinedMessage.arrival_ms)
            .limit(MESSAGES_AT_ONCE)
        )
        sizes = [(digest, size) for digest, size in session.execute(oldest)]
    return _enough(sizes, surplus)


def _enough(sizes: Iterable[tuple[str, int]], surplus: int) -> list[str]:
    """Give the first few messages that together take at least so many bytes."""
    digests: list[str] = []
    for digest, size in sizes:
        if surplus <= 0:
            break
        digests.append(digest)
        surplus -= size
    return digests
