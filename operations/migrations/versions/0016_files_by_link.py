"""How a file goes with a message, and whether a resident wishes PDFs by a link."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this step."""
    way = sa.Column("way", sa.String(16), nullable=False, server_default="attached")
    op.add_column("outbox_attachment", way)
    pdf = sa.Column("pdf", sa.String(32), nullable=False, server_default=sa.text("''"))
    op.add_column("resident_wish", pdf)


def downgrade() -> None:
    """Take the step back; what is linked goes out attached again."""
    op.drop_column("resident_wish", "pdf")
    op.drop_column("outbox_attachment", "way")
