"""Links by which an alert's question is answered; who was told is a person, not an address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this step."""
    with op.batch_alter_table("alert_notice") as table:
        table.drop_column("address")
    op.create_table(
        "alert_link",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("message", sa.String(64), nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Take the step back; the outbox still holds where each message went."""
    op.drop_table("alert_link")
    with op.batch_alter_table("alert_notice") as table:
        table.add_column(sa.Column("address", sa.Text, nullable=False, server_default=""))
