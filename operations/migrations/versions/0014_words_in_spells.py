"""Since when a device says a word without a rest, and of which format the word is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this step."""
    op.add_column(
        "device_word",
        sa.Column("since_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    )
    op.add_column(
        "device_word", sa.Column("driver", sa.Text, nullable=False, server_default=sa.text("''"))
    )
    # When it was said first may be years ago; that it was said last is certain.
    op.execute("UPDATE device_word SET since_ms = last_ms")


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("device_word", "driver")
    op.drop_column("device_word", "since_ms")
