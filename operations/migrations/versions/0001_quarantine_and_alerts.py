"""Quarantined messages and readings, and alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this step."""
    _create_quarantine()
    _create_alert()


def downgrade() -> None:
    """Take the step back."""
    for table in ("alert", "quarantined_reading", "quarantined_message"):
        op.drop_table(table)


def _create_quarantine() -> None:
    op.create_table(
        "quarantined_message",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("payload_bytes", sa.Integer, nullable=False),
        sa.Column("arrival_ms", sa.BigInteger, nullable=False),
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
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("device", sa.Text),
        sa.Column("quantity", sa.Text),
        sa.Column("time_ms", sa.BigInteger),
        sa.Column("first_ms", sa.BigInteger, nullable=False),
        sa.Column("last_ms", sa.BigInteger, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
    )
    for column in ("message", "reason"):
        op.create_index(f"ix_quarantined_reading_{column}", "quarantined_reading", [column])


def _create_alert() -> None:
    op.create_table(
        "alert",
        sa.Column("building", sa.String(64), primary_key=True),
        sa.Column("flat", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("device", sa.String(64), primary_key=True),
        sa.Column("start_ms", sa.BigInteger, primary_key=True),
        sa.Column("end_ms", sa.BigInteger, nullable=False),
        sa.Column("raised_ms", sa.BigInteger, nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
    )
