"""
The outbox in the relational database: a message goes in once, and out at least once.

An attempt is written down before it is made, and its end after. A process that is killed between
the two leaves the attempt open: the message is tried again when its lease is over, and counted as
one that may have been sent twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, func, select, update

from correspondence.outbox.message import Attachment, Channel, Message, Way
from correspondence.outbox.tables import OutboxAttachment, OutboxMessage
from estate.database.engine import answering, insert_into

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Engine, Select
    from sqlalchemy.orm import Session

LONGEST_ANSWER = 500


class State(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    SENT = "sent"
    UNDELIVERABLE = "undeliverable"
    GIVEN_UP = "given_up"
    WITHDRAWN = "withdrawn"


class Claimed(NamedTuple):
    """A message that this process may send now, and the number of the attempt."""

    message: Message
    attempt: int
    queued_ms: int


class OutboxRow(NamedTuple):
    """What became of a message, without its text."""

    id: str
    channel: str
    kind: str
    building: str
    tenancy: str
    person: str
    subject: str
    state: str
    queued_ms: int
    due_ms: int
    attempts: int
    repeats: int
    ended_ms: int | None
    answer: str
    instead_of: str


@dataclass(frozen=True)
class Outbox:
    """
    The outbox of an installation.

    Attributes
    ----------
    engine : Engine
        A database with the tables of `correspondence.outbox.tables`.
    """

    engine: Engine

    def put(self, messages: Iterable[Message], now_ms: int) -> int:
        """
        Queue messages; when this returns they are durable.

        One whose id is known already changes nothing, whatever became of it.

        Returns
        -------
        int
            Number of messages that were new.

        Raises
        ------
        StoreUnavailable
            Nothing may be taken as queued; queueing all of it again is harmless.
        """
        with answering(self.engine) as session:
            return self.put_within(session, messages, now_ms)

    def put_within(self, session: Session, messages: Iterable[Message], now_ms: int) -> int:
        """Queue messages in the caller's transaction, beside what they are about."""
        return sum(self._put_one(session, message, now_ms) for message in messages)

    def put_together(self, messages: Sequence[Message], now_ms: int) -> int:
        """
        Queue messages that are one matter: all of them, or none where the first is known already.

        Raises
        ------
        StoreUnavailable
            As of `put`.
        """
        with answering(self.engine) as session:
            return self.put_together_within(session, messages, now_ms)

    def put_together_within(
        self, session: Session, messages: Sequence[Message], now_ms: int
    ) -> int:
        """Queue messages that are one matter in the caller's transaction."""
        if not self.put_within(session, messages[:1], now_ms):
            return 0
        return 1 + self.put_within(session, messages[1:], now_ms)

    def _put_one(self, session: Session, message: Message, now_ms: int) -> int:
        insert = insert_into(self.engine, OutboxMessage).values(_as_row(message, now_ms))
        once = insert.on_conflict_do_nothing(index_elements=["id"]).returning(OutboxMessage.id)
        if session.execute(once).first() is None:
            return 0
        session.add_all(
            OutboxAttachment(message=message.id, number=number, **each._asdict())
            for number, each in enumerate(message.attachments)
        )
        session.flush()
        return 1

    def claim(self, channel: Channel, now_ms: int, lease_ms: int) -> Claimed | None:
        """
        Take the message that has been due the longest; no other process gets it meanwhile.

        Parameters
        ----------
        channel : Channel
        now_ms : int
            [ms since 1970, UTC]
        lease_ms : int
            How long the attempt may take; after that another process may make the next. [ms]
        """
        due = _due(channel, now_ms)
        # Asked for twice: the second time of the row as it is once it is locked.
        take = (
            update(OutboxMessage)
            .where(OutboxMessage.id == due.limit(1).scalar_subquery())
            .where(OutboxMessage.state == State.QUEUED, OutboxMessage.next_ms <= now_ms)
            .values(
                attempts=OutboxMessage.attempts + 1,
                repeats=OutboxMessage.repeats + _as_number(OutboxMessage.open_attempt),
                attempted_ms=now_ms,
                next_ms=now_ms + lease_ms,
                open_attempt=True,
            )
            .returning(OutboxMessage)
        )
        with answering(self.engine) as session:
            row = session.scalars(take).first()
            if row is None:
                return None
            return Claimed(_as_message(session, row), row.attempts, row.queued_ms)

    def sent(self, message_id: str, now_ms: int, answer: str) -> None:
        """Write down that a channel has taken a message."""
        self._end(message_id, State.SENT, now_ms, answer)

    def later(self, message_id: str, next_ms: int, answer: str) -> None:
        """Write down that a message was not taken, and when it is tried again."""
        self._change(message_id, next_ms=next_ms, open_attempt=False, answer=_short(answer))

    def put_back(self, message_id: str, next_ms: int) -> None:
        """Take back an attempt that was never made, since nothing could be sent that way."""
        self._change(
            message_id, attempts=OutboxMessage.attempts - 1, next_ms=next_ms, open_attempt=False
        )

    def undeliverable(
        self, message_id: str, now_ms: int, answer: str, instead: Message | None = None
    ) -> None:
        """Write down that a message can never be delivered, and queue what stands in its place."""
        self._end(message_id, State.UNDELIVERABLE, now_ms, answer, instead)

    def give_up(
        self, message_id: str, now_ms: int, answer: str, instead: Message | None = None
    ) -> None:
        """Write down that a message was tried long enough, and queue what stands in its place."""
        self._end(message_id, State.GIVEN_UP, now_ms, answer, instead)

    def withdraw(self, ids: Iterable[str], now_ms: int, why: str) -> int:
        """Take back messages that have not been sent, and return how many those were."""
        with answering(self.engine) as session:
            return self.withdraw_within(session, ids, now_ms, why)

    def withdraw_within(self, session: Session, ids: Iterable[str], now_ms: int, why: str) -> int:
        """Take back messages in the caller's transaction."""
        taken_back = (
            update(OutboxMessage)
            .where(OutboxMessage.id.in_(list(ids)), OutboxMessage.state == State.QUEUED)
            .values(state=State.WITHDRAWN, ended_ms=now_ms, answer=_short(why))
            .returning(OutboxMessage.id)
        )
        return len(session.scalars(taken_back).all())

    def message(self, message_id: str) -> Message | None:
        """Return a message with its text."""
        with answering(self.engine) as session:
            row = session.get(OutboxMessage, message_id)
            return None if row is None else _as_message(session, row)

    def tenancies_of(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the tenancy that each message of some ids is about; unknown ids are left out."""
        query = select(OutboxMessage.id, OutboxMessage.tenancy)
        query = query.where(OutboxMessage.id.in_(list(ids)))
        with answering(self.engine) as session:
            return {each: tenancy for each, tenancy in session.execute(query)}  # noqa: C416  typed

    def list_rows(
        self, limit: int, state: str | None = None, building: str | None = None
    ) -> list[OutboxRow]:
        """List what became of messages, the latest first."""
        query = select(*(getattr(OutboxMessage, name) for name in OutboxRow._fields))
        if state is not None:
            query = query.where(OutboxMessage.state == state)
        if building is not None:
            query = query.where(OutboxMessage.building == building)
        query = query.order_by(OutboxMessage.queued_ms.desc(), OutboxMessage.id).limit(limit)
        with answering(self.engine) as session:
            return [OutboxRow(*row) for row in session.execute(query)]

    def counts(self) -> dict[str, int]:
        """Count the messages by state."""
        query = select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)
        with answering(self.engine) as session:
            return {state: number for state, number in session.execute(query)}  # noqa: C416  typed

    def _end(
        self,
        message_id: str,
        state: State,
        now_ms: int,
        answer: str,
        instead: Message | None = None,
    ) -> None:
        ending = (
            update(OutboxMessage)
            .where(OutboxMessage.id == message_id)
            .values(state=state, ended_ms=now_ms, open_attempt=False, answer=_short(answer))
        )
        with answering(self.engine) as session:
            session.execute(ending)
            if instead is not None:
                self.put_within(session, [instead], now_ms)

    def _change(self, message_id: str, **values: Any) -> None:  # noqa: ANN401  columns
        # What was withdrawn or reported meanwhile stays so.
        change = update(OutboxMessage).where(
            OutboxMessage.id == message_id, OutboxMessage.state == State.QUEUED
        )
        with answering(self.engine) as session:
            session.execute(change.values(**values))


def _due(channel: Channel, now_ms: int) -> Select[str]:
    return (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.state == State.QUEUED,
            OutboxMessage.channel == channel,
            OutboxMessage.next_ms <= now_ms,
        )
        # What is dangerous goes before what is not.
        .order_by(OutboxMessage.safety.desc(), OutboxMessage.next_ms, OutboxMessage.id)
    )


def _as_number(condition: Any) -> Any:  # noqa: ANN401  a column
    return case((condition, 1), else_=0)


def _short(answer: str) -> str:
    return answer[:LONGEST_ANSWER]


def _as_row(message: Message, now_ms: int) -> dict[str, Any]:
    names = (
        "id", "channel", "kind", "building", "tenancy", "person", "address", "subject", "text",
        "html", "due_ms", "safety", "instead_of",
    )  # fmt: skip
    return {name: getattr(message, name) for name in names} | {
        "queued_ms": now_ms,
        "next_ms": message.due_ms,
        "state": State.QUEUED,
        "attempts": 0,
        "open_attempt": False,
        "repeats": 0,
        "answer": "",
    }


def _as_message(session: Session, row: OutboxMessage) -> Message:
    files = session.scalars(
        select(OutboxAttachment)
        .where(OutboxAttachment.message == row.id)
        .order_by(OutboxAttachment.number)
    )
    return Message(
        id=row.id,
        channel=Channel(row.channel),
        kind=row.kind,
        address=row.address,
        subject=row.subject,
        text=row.text,
        html=row.html,
        attachments=tuple(
            Attachment(each.name, each.media_type, each.content, Way(each.way)) for each in files
        ),
        building=row.building,
        tenancy=row.tenancy,
        person=row.person,
        due_ms=row.due_ms,
        safety=row.safety,
        instead_of=row.instead_of,
    )
