"""A supplier's prices by day, with the building."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this step."""
    column = sa.Column("tariffs", sa.JSON, nullable=False, server_default=sa.text("'[]'"))
    op.add_column("building", column)


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("building", "tariffs")
