"""Passkeys: what is kept beside a proof, their public key and count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this step."""
    facts = sa.Column("facts", sa.JSON, nullable=False, server_default=sa.text("'{}'"))
    op.add_column("login_identity", facts)


def downgrade() -> None:
    """Take the step back; passkeys open nothing any more."""
    op.drop_column("login_identity", "facts")
