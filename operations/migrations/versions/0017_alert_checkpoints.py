"""What daily runs of alerts keep for the hours after them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this step."""
    op.create_table(
        "alert_checkpoint",
        sa.Column("building", sa.String(64), primary_key=True),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("alert_checkpoint")
