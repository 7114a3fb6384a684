"""What users keep in columns of their own, with the rows of the estate."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("flat", "neighbour", "tenancy", "person", "device", "cost", "aconto")


def upgrade() -> None:
    """Bring the database to this step."""
    for table in TABLES:
        column = sa.Column("own_columns", sa.JSON, nullable=False, server_default=sa.text("'{}'"))
        op.add_column(table, column)


def downgrade() -> None:
    """Take the step back."""
    for table in TABLES:
        op.drop_column(table, "own_columns")
