"""The quarantine keeps each complaint once and counted, and what each sender takes."""

from __future__ import annotations

import hashlib
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROWS_AT_ONCE = 500
DIGEST_BYTES = 16
# What a row is counted as beside its texts and its payload.
MESSAGE_BYTES, COMPLAINT_BYTES, CAUSE_BYTES = 256, 256, 128
BOXES, READINGS_LEVEL = "fairvarme/v1/", "/readings"
MESSAGES = sa.text(
    "SELECT old_message.*, (SELECT max(last_ms) FROM old_reading"
    " WHERE message = old_message.digest) AS last_ms FROM old_message"
    " WHERE EXISTS (SELECT 1 FROM old_reading WHERE message = old_message.digest)"
).execution_options(yield_per=ROWS_AT_ONCE)
READINGS = sa.text(
    "SELECT old_reading.*, source, topic, payload FROM old_reading"
    " JOIN old_message ON old_reading.message = old_message.digest"
    " ORDER BY source, topic, device, reason, quantity, last_ms"
).execution_options(yield_per=ROWS_AT_ONCE)
SHARES = sa.text(
    "INSERT INTO quarantine_share (sender, bytes) SELECT sender, sum(bytes) FROM ("
    "SELECT sender, bytes FROM quarantined_message"
    " UNION ALL SELECT sender, bytes FROM quarantined_complaint) AS kept GROUP BY sender"
)


def upgrade() -> None:
    """Bring the database to this step."""
    op.rename_table("quarantined_message", "old_message")
    op.rename_table("quarantined_reading", "old_reading")
    _create_tables()
    _copy()
    for table in ("old_reading", "old_message"):
        op.drop_table(table)


def downgrade() -> None:
    """Take the step back; what is in quarantine is not taken along."""
    for table in ("quarantined_cause", "quarantined_complaint", "quarantined_message"):
        op.drop_table(table)
    op.drop_table("quarantine_share")
    _create_former_tables()


def _digest(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(DIGEST_BYTES), nullable=False)


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def _times(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger, nullable=nullable) for name in names]


def _create_tables() -> None:
    op.create_table(
        "quarantined_message",
        sa.Column("digest", sa.LargeBinary(DIGEST_BYTES), primary_key=True),
        *_texts("sender", "source", "topic"),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("payload_bytes", sa.Integer, nullable=False),
        *_times("arrival_ms", "last_ms"),
        sa.Column("bytes", sa.Integer, nullable=False),
    )
    op.create_index("ix_quarantined_message_sender", "quarantined_message", ["sender", "last_ms"])
    op.create_table(
        "quarantined_complaint",
        sa.Column("digest", sa.LargeBinary(DIGEST_BYTES), primary_key=True),
        _digest("message"),
        *_texts("sender", "source", "topic"),
        sa.Column("reason", sa.String(64), nullable=False),
        *_texts("detail"),
        *_texts("device", "quantity", nullable=True),
        *_times("first_time_ms", "last_time_ms", nullable=True),
        *_times("first_ms", "last_ms", "count"),
        sa.Column("bytes", sa.Integer, nullable=False),
    )
    op.create_table(
        "quarantined_cause",
        *(
            sa.Column(
                name,
                sa.LargeBinary(DIGEST_BYTES),
                sa.ForeignKey(f"quarantined_{name}.digest", name=f"fk_quarantined_cause_{name}"),
                primary_key=True,
            )
            for name in ("message", "complaint")
        ),
        *_times("count"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_quarantined_cause_complaint", "quarantined_cause", ["complaint"])
    op.create_table(
        "quarantine_share",
        sa.Column("sender", sa.Text, primary_key=True),
        *_times("bytes"),
    )


def _copy() -> None:
    """Copy each message, and make complaints of what was said of each reading."""
    connection = op.get_bind()
    kinds = ("message", "complaint", "cause")
    message, complaint, cause = (_table(f"quarantined_{kind}").insert() for kind in kinds)
    for rows in connection.execute(MESSAGES).mappings().partitions(ROWS_AT_ONCE):
        connection.execute(message, [_message(row) for row in rows])
    for _, same in groupby(connection.execute(READINGS).mappings(), _name):
        readings = list(same)
        row = _complaint(readings)
        counts: Counter[bytes] = Counter()
        for reading in readings:
            counts[_message_digest(reading)] += reading["count"]
        connection.execute(complaint, row)
        causes = [
            {"message": digest, "complaint": row["digest"], "count": count}
            for digest, count in counts.items()
        ]
        connection.execute(cause, causes)
    connection.execute(SHARES)


def _table(name: str) -> sa.Table:
    return sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())


def _short(digest: str) -> bytes:
    return bytes.fromhex(digest)[:DIGEST_BYTES]


def _message_digest(row: RowMapping) -> bytes:
    """Return the key of a message by its content, by which damage is found."""
    name = repr((True, _sender(row["source"], row["topic"]), row["source"], row["topic"])).encode()
    digest = hashlib.blake2b(len(name).to_bytes(8, "big"), digest_size=DIGEST_BYTES)
    digest.update(name + row["payload"])
    return digest.digest()


def _sender(source: str, topic: str) -> str:
    """Return a box by its log-in, and whatever else by its source."""
    if topic.startswith(BOXES) and topic.endswith(READINGS_LEVEL):
        return topic.removeprefix(BOXES).removesuffix(READINGS_LEVEL)
    return source


def _name(reading: RowMapping) -> tuple[Any, ...]:
    return tuple(reading[name] for name in ("source", "topic", "device", "reason", "quantity"))


def _message(row: RowMapping) -> dict[str, Any]:
    texts = {name: row[name] for name in ("source", "topic")}
    texts["sender"] = _sender(**texts)
    size = MESSAGE_BYTES + CAUSE_BYTES + len(row["payload"]) + sum(map(len, texts.values()))
    kept = {name: row[name] for name in ("payload", "payload_bytes", "arrival_ms", "last_ms")}
    return {"digest": _message_digest(row), **texts, **kept, "bytes": size}


def _complaint(readings: list[RowMapping]) -> dict[str, Any]:
    latest = readings[-1]
    texts = {name: latest[name] for name in ("source", "topic", "reason", "detail")}
    texts["sender"] = _sender(latest["source"], latest["topic"])
    times = [each["time_ms"] for each in readings if each["time_ms"] is not None]
    return {
        "digest": _short(latest["digest"]),
        "message": _message_digest(latest),
        **texts,
        **{name: latest[name] for name in ("device", "quantity")},
        "first_time_ms": min(times, default=None),
        "last_time_ms": max(times, default=None),
        "first_ms": min(each["first_ms"] for each in readings),
        "last_ms": max(each["last_ms"] for each in readings),
        "count": sum(each["count"] for each in readings),
        "bytes": COMPLAINT_BYTES + sum(map(len, texts.values())),
    }


def _create_former_tables() -> None:
    op.create_table(
        "quarantined_message",
        sa.Column("digest", sa.String(64), primary_key=True),
        *_texts("source", "topic"),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("payload_bytes", sa.Integer, nullable=False),
        *_times("arrival_ms"),
    )
    op.create_table(
        "quarantined_reading",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column(
            "message",
            sa.String(64),
            sa.ForeignKey("quarantined_message.digest", name="fk_quarantined_reading_message"),
            nullable=False,
        ),
        sa.Column("reason", sa.String(64), nullable=False),
        *_texts("detail"),
        *_texts("device", "quantity", nullable=True),
        *_times("time_ms", nullable=True),
        *_times("first_ms", "last_ms"),
        sa.Column("count", sa.Integer, nullable=False),
    )
    for column in ("message", "reason"):
        op.create_index(f"ix_quarantined_reading_{column}", "quarantined_reading", [column])
