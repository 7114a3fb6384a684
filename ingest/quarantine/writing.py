"""Writes and deletes rows of the quarantine's tables, and accounts each sender's share."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    case,
    delete,
    false,
    select,
    tuple_,
    update,
)

from estate.database.upsert import upsert
from ingest.quarantine.rows import Rows, chunks
from ingest.quarantine.tables import (
    QuarantinedCause,
    QuarantinedComplaint,
    QuarantinedMessage,
    QuarantineShare,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from estate.database.upsert import Changes
    from ingest.quarantine.rows import Link, Row

    Excluded = Any  # the row proposed for insertion; a namespace of columns

SOME = "some"
Table = type[QuarantinedMessage] | type[QuarantinedComplaint]


def take_turn(session: Session) -> None:
    """Take the write lock first: otherwise SQLite reads before it locks."""
    session.execute(update(QuarantineShare).where(false()).values(bytes=0))
    session.execute(select(QuarantineShare).order_by(QuarantineShare.sender).with_for_update())


def insert_rows(session: Session, rows: Rows) -> None:
    """Insert messages and complaints; existing ones are incremented."""
    more: Counter[str] = Counter()
    for table, some, replaced in (
        (QuarantinedMessage, rows.each, False),
        (QuarantinedMessage, rows.latest, True),
        (QuarantinedComplaint, rows.complaints, False),
    ):
        before = _sizes(session, table, [row["digest"] for row in some])
        for row in some:
            if replaced or row["digest"] not in before:
                more[row["sender"]] += row["bytes"] - before.get(row["digest"], 0)
    upsert(session, QuarantinedMessage, rows.each, _came_again)
    upsert(session, QuarantinedMessage, rows.latest, _took_the_place)
    upsert(session, QuarantinedComplaint, rows.complaints, _complained_again)
    each, latest = _cause_rows(rows)
    upsert(session, QuarantinedCause, each, _counted(QuarantinedCause.count))
    upsert(session, QuarantinedCause, latest)
    _add_to_shares(session, more)


def _cause_rows(rows: Rows) -> tuple[list[Row], list[Row]]:
    """Return the causes of messages that are all kept, and of the latest ones, which count once."""
    latest = {row["digest"] for row in rows.latest}
    each: list[Row] = []
    once: list[Row] = []
    for (message, complaint), count in rows.causes.items():
        row = {"message": message, "complaint": complaint, "count": count}
        if message in latest:
            once.append(row | {"count": 1})
        else:
            each.append(row)
    return each, once


def replace_rows(session: Session, digests: Collection[bytes], rows: Rows) -> None:
    """Replace some messages by rows; a repeated complaint keeps its count."""
    before = _causes(session, digests)
    new = {link: count for link, count in rows.causes.items() if link not in before}
    gone = {link: count for link, count in before.items() if link not in rows.causes}
    counts: Counter[bytes] = Counter()
    for (_, complaint), count in new.items():
        counts[complaint] += count
    complaints = [row | {"count": counts[row["digest"]]} for row in rows.complaints
                  if row["digest"] in counts]  # fmt: skip
    insert_rows(session, Rows(rows.each, rows.latest, complaints, new))
    for (_, complaint), count in gone.items():
        session.execute(
            update(QuarantinedComplaint)
            .where(QuarantinedComplaint.digest == complaint)
            .values(count=QuarantinedComplaint.count - count)
        )
    forget(session, set(digests) - {row["digest"] for row in rows.messages}, list(gone))


def forget(session: Session, messages: Collection[bytes], links: Sequence[Link] = ()) -> None:
    """Delete messages, other links to complaints, and complaints without a message."""
    touched = {complaint for _, complaint in (*links, *_causes(session, messages))}
    _unlink(session, messages, links)
    _delete(session, QuarantinedMessage, messages)
    orphans = _without_message(session, touched)
    _delete(session, QuarantinedComplaint, orphans)
    _show_another_message(session, touched - set(orphans))


def _unlink(session: Session, messages: Collection[bytes], links: Sequence[Link]) -> None:
    link = tuple_(QuarantinedCause.message, QuarantinedCause.complaint)
    for some_links in chunks(links):
        session.execute(delete(QuarantinedCause).where(link.in_(some_links)))
    of_messages = delete(QuarantinedCause).where(_one_of(QuarantinedCause.message))
    for some in chunks(list(messages)):
        session.connection().execute(of_messages, {SOME: some})


def _without_message(session: Session, complaints: Collection[bytes]) -> list[bytes]:
    """Return those of some complaints for which no message is kept."""
    complaint = QuarantinedComplaint
    query = select(complaint.digest).where(_one_of(complaint.digest), ~_kept_messages().exists())
    return [
        digest
        for some in chunks(list(complaints))
        for digest in session.scalars(query, {SOME: some})
    ]


def _show_another_message(session: Session, complaints: Collection[bytes]) -> None:
    """Let complaints whose example was deleted show another of their messages."""
    complaint = QuarantinedComplaint
    example = select(QuarantinedMessage.digest).where(
        QuarantinedMessage.digest == complaint.message
    )
    change = (
        update(complaint)
        .where(_one_of(complaint.digest), ~example.exists())
        .values(message=_kept_messages().limit(1).scalar_subquery())
    )
    for some in chunks(list(complaints)):
        session.connection().execute(change, {SOME: some})


def _kept_messages() -> Select[bytes]:
    """Return the query of the messages that are kept for a complaint of the query around it."""
    return select(QuarantinedCause.message).where(
        QuarantinedCause.complaint == QuarantinedComplaint.digest
    )


def _delete(session: Session, table: Table, digests: Collection[bytes]) -> None:
    one_of = _one_of(table.digest)
    sizes, gone = select(table.sender, table.bytes).where(one_of), delete(table).where(one_of)
    less: Counter[str] = Counter()
    for some in chunks(list(digests)):
        for sender, number in session.execute(sizes, {SOME: some}):
            less[sender] -= number
        session.connection().execute(gone, {SOME: some})
    _add_to_shares(session, less)


def _add_to_shares(session: Session, more: Mapping[str, int]) -> None:
    rows = [{"sender": sender, "bytes": number} for sender, number in sorted(more.items())]
    upsert(session, QuarantineShare, rows, _counted(QuarantineShare.bytes))
    session.execute(delete(QuarantineShare).where(QuarantineShare.bytes <= 0))


def _sizes(session: Session, table: Table, digests: Sequence[bytes]) -> dict[bytes, int]:
    query = select(table.digest, table.bytes).where(_one_of(table.digest))
    sizes: dict[bytes, int] = {}
    for some in chunks(digests):
        sizes.update(session.execute(query, {SOME: some}).all())
    return sizes


def _causes(session: Session, messages: Collection[bytes]) -> dict[Link, int]:
    cause = QuarantinedCause
    causes: dict[Link, int] = {}
    query = select(cause.message, cause.complaint, cause.count).where(_one_of(cause.message))
    for some in chunks(list(messages)):
        found = session.execute(query, {SOME: some})
        causes.update(((message, complaint), count) for message, complaint, count in found)
    return causes


def _one_of(column: Any) -> ColumnElement[bool]:  # noqa: ANN401  a column of any of the tables
    """Return the condition that a column has one of `SOME` values, passed as parameters."""
    condition: ColumnElement[bool] = column.in_(bindparam(SOME, expanding=True))
    return condition


def _counted(column: Any) -> Changes:  # noqa: ANN401  a column of any of the tables
    return lambda excluded: {column.key: column + excluded[column.key]}


def _came_again(excluded: Excluded) -> Mapping[str, Any]:
    return {"last_ms": excluded.last_ms}


def _took_the_place(excluded: Excluded) -> Mapping[str, Any]:
    names = ("topic", "payload", "payload_bytes", "arrival_ms", "last_ms", "bytes")
    return {name: excluded[name] for name in names}


def _complained_again(excluded: Excluded) -> Mapping[str, Any]:
    table = QuarantinedComplaint
    return {
        **{name: excluded[name] for name in ("message", "topic", "detail", "last_ms")},
        "count": table.count + excluded["count"],
        "first_time_ms": _extreme(table.first_time_ms, excluded.first_time_ms, least=True),
        "last_time_ms": _extreme(table.last_time_ms, excluded.last_time_ms, least=False),
    }


def _extreme(one: Any, other: Any, *, least: bool) -> ColumnElement[Any]:  # noqa: ANN401  columns
    """Return the lesser or greater of two columns, either of which may be null."""
    nearer = other < one if least else other > one
    return case((one.is_(None), other), (nearer, other), else_=one)
