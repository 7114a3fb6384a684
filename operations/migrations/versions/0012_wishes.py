"""What residents wish in the portal, and faults that they report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID, WORD = sa.String(64), sa.String(32)
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Bring the database to this step."""
    op.create_table(
        "resident_wish",
        *(sa.Column(each, ID, primary_key=True) for each in ("building", "tenancy", "person")),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("channels", sa.Text, nullable=False),
        sa.Column("mail", sa.String(320), nullable=False),
        sa.Column("phone", WORD, nullable=False),
        sa.Column("paper", sa.Boolean),
        sa.Column("goal_kwh", sa.Double),
        sa.Column("day_limit_kwh", sa.Double),
        sa.Column("day_limit_l", sa.Double),
        sa.Column("case_until_ms", sa.BigInteger),
        sa.Column("changed_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "fault_report",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("building", ID, nullable=False),
        sa.Column("tenancy", ID, nullable=False),
        sa.Column("flat", ID, nullable=False),
        sa.Column("case", ID, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("done_ms", sa.BigInteger),
    )
    op.create_index("ix_fault_report_building", "fault_report", ["building", "at_ms"])


def downgrade() -> None:
    """Take the step back; wishes and reports are lost."""
    op.drop_table("fault_report")
    op.drop_table("resident_wish")
