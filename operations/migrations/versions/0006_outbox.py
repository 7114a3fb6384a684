"""Messages to be sent, and what became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this step."""
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("building", sa.String(64), nullable=False),
        sa.Column("tenancy", sa.String(64), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("html", sa.Text, nullable=False),
        sa.Column("safety", sa.Boolean, nullable=False),
        sa.Column("instead_of", sa.String(64), nullable=False),
        sa.Column("queued_ms", sa.BigInteger, nullable=False),
        sa.Column("due_ms", sa.BigInteger, nullable=False),
        sa.Column("next_ms", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("attempted_ms", sa.BigInteger),
        sa.Column("open_attempt", sa.Boolean, nullable=False),
        sa.Column("repeats", sa.Integer, nullable=False),
        sa.Column("ended_ms", sa.BigInteger),
        sa.Column("answer", sa.Text, nullable=False),
    )
    op.create_index("ix_outbox_message_building", "outbox_message", ["building"])
    op.create_index("ix_outbox_message_next", "outbox_message", ["state", "channel", "next_ms"])
    op.create_table(
        "outbox_attachment",
        sa.Column("message", sa.String(64), sa.ForeignKey("outbox_message.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("outbox_attachment")
    op.drop_table("outbox_message")
