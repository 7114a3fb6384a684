"""Converts entries to rows: each message once, each complaint once with a count."""

from __future__ import annotations

import hashlib
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ingest.limits import limits
from ingest.quarantine.tables import DIGEST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ingest.message import Entry, Message

# SQLite accepts at most 32,766 values in one statement.
ROWS_PER_STATEMENT = 1000
# Size on disk of a row beyond its texts and payload, with its indexes and a reserve for
# pages that are not full; tests/ingest/test_quarantine_disk.py checks it against the files.
MESSAGE_BYTES, INDEX_BYTES, COMPLAINT_BYTES, CAUSE_BYTES = 96, 224, 256, 128
PAGE_BYTES, PAGE_HEAD_BYTES = 4096, 64

Item = TypeVar("Item")
Row = dict[str, Any]
"""Values of one row of a table, by column."""
Link = tuple[bytes, bytes]
"""Message and complaint."""


class Rows(NamedTuple):
    """
    The rows of some entries.

    Attributes
    ----------
    each : list of dict
        Messages that are all kept.
    latest : list of dict
        Messages of which only the latest with the same complaints is kept.
    complaints : list of dict
        Complaints with counts.
    causes : dict
        How often a message, or those that it is the latest of, caused a complaint.
    """

    each: list[Row]
    latest: list[Row]
    complaints: list[Row]
    causes: dict[Link, int]

    @property
    def messages(self) -> list[Row]:
        """All of the messages."""
        return [*self.each, *self.latest]


def rows_of(entries: Iterable[Entry]) -> Rows:
    """Return the rows of entries, in which those of one message are adjacent."""
    each: dict[bytes, Row] = {}
    latest: dict[bytes, Row] = {}
    complaints: dict[bytes, Row] = {}
    causes: dict[Link, int] = {}
    for _, same in groupby(entries, key=lambda entry: (entry[:2], entry.sender)):
        group = list(same)
        counted = _complaints(group)
        message = _message_row(group, list(counted))
        kept = each if group[0].each else latest
        before = kept.setdefault(message["digest"], message)
        arrival_ms = before["arrival_ms"] if group[0].each else message["arrival_ms"]
        before |= message | {"arrival_ms": arrival_ms}
        for digest, row in counted.items():
            _count_up(complaints.setdefault(digest, row | {"count": 0}), row, message["digest"])
            link = (message["digest"], digest)
            causes[link] = causes.get(link, 0) + row["count"]
    return Rows(list(each.values()), list(latest.values()), list(complaints.values()), causes)


def _complaints(group: Sequence[Entry]) -> dict[bytes, Row]:
    """Return the complaints of one message, counted."""
    found: dict[tuple[str, str | None, str | None], Row] = {}
    for entry in group:
        reject = entry.reject
        key = (reject.reason, reject.device, reject.quantity)
        row = found.get(key)
        if row is None:
            row = found[key] = _complaint_row(entry)
        row["count"] += entry.times
        _widen(row, reject.time_ms, reject.time_ms)
    return {row["digest"]: row for row in found.values()}


def _complaint_row(entry: Entry) -> Row:
    """Return the row of a complaint, with count 0."""
    reject, message = entry.reject, entry.message
    whose = message.topic if reject.device is None else None
    name = (entry.sender, entry.source, reject.reason.value, reject.device, reject.quantity, whose)
    texts = {
        "sender": plain(entry.sender),
        "source": plain(entry.source),
        "topic": plain(message.topic),
        "reason": str(reject.reason),
        "detail": plain(reject.detail),
        "device": None if reject.device is None else plain(reject.device),
        "quantity": None if reject.quantity is None else plain(reject.quantity),
    }
    return {
        "digest": _digest(repr(name).encode(errors="replace")),
        "message": b"",
        **texts,
        "first_time_ms": None,
        "last_time_ms": None,
        "first_ms": message.arrival_ms,
        "last_ms": message.arrival_ms,
        "count": 0,
        "bytes": COMPLAINT_BYTES + sum(len(text) for text in texts.values() if text is not None),
    }


def _count_up(row: Row, more: Row, message: bytes) -> None:
    """Increment a complaint, and update it from its latest message."""
    row["count"] += more["count"]
    row["message"] = message
    _widen(row, more["first_time_ms"], more["last_time_ms"])
    for name in ("topic", "detail", "last_ms"):
        row[name] = more[name]


def _widen(row: Row, first_ms: int | None, last_ms: int | None) -> None:
    """Widen the span of device times of a complaint."""
    times = (row["first_time_ms"], row["last_time_ms"], first_ms, last_ms)
    known = [time_ms for time_ms in times if time_ms is not None]
    row["first_time_ms"], row["last_time_ms"] = min(known, default=None), max(known, default=None)


def _message_row(group: Sequence[Entry], complaints: Sequence[bytes]) -> Row:
    """Return the row of a message, with its whole payload if it may be decoded again."""
    entry = group[0]
    message, payload = entry.message, kept_payload(entry.message)
    texts = [plain(text) for text in (entry.sender, entry.source, message.topic)]
    length = MESSAGE_BYTES + len(payload) + sum(map(len, texts)) + len(texts[0])
    return {
        "digest": message_digest(texts, payload)
        if entry.each
        else latest_digest(texts, complaints),
        **dict(zip(("sender", "source", "topic"), texts, strict=True)),
        "payload": payload,
        "payload_bytes": message.payload_bytes,
        "arrival_ms": message.arrival_ms,
        "last_ms": message.arrival_ms,
        "bytes": disk_bytes(length) + INDEX_BYTES + CAUSE_BYTES * len(complaints),
    }


def message_digest(texts: Sequence[str], payload: bytes) -> bytes:
    """Return the key of a message that is kept in any case: of sender, source, topic, payload."""
    return _digest(repr((True, *texts)).encode(), payload)


def latest_digest(texts: Sequence[str], complaints: Sequence[bytes]) -> bytes:
    """Return the key of the latest message of those with the same complaints."""
    return _digest(repr((False, *texts)).encode(), b"".join(sorted(complaints)))


def disk_bytes(length: int) -> int:
    """Return the size of a row in pages that contain whole rows. [byte]"""
    room = PAGE_BYTES - PAGE_HEAD_BYTES
    if length > room:
        return PAGE_BYTES * (1 + -(-length // room))
    return PAGE_BYTES // (room // length)


def _digest(name: bytes, content: bytes = b"") -> bytes:
    """Return a digest of the content, so that equal content has the same key."""
    digest = hashlib.blake2b(len(name).to_bytes(8, "big"), digest_size=DIGEST_BYTES)
    digest.update(name)
    digest.update(content)
    return digest.digest()


def kept_payload(message: Message) -> bytes:
    """Return the stored part of a payload: all, or the beginning of one too large to decode."""
    if message.payload_bytes > limits().payload_bytes:
        return message.payload[: limits().kept_bytes]
    return message.payload


def plain(text: str) -> str:
    """Return a text that every database accepts, whatever a device wrote."""
    return text if text.isprintable() else ascii(text)[1:-1]


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Yield chunks of items that fit into one statement."""
    for start in range(0, len(items), ROWS_PER_STATEMENT):
        yield items[start : start + ROWS_PER_STATEMENT]
