"""What somebody proves by a log-in service, and by which one a session came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID, WORD, HASH = sa.String(64), sa.String(32), sa.String(64)
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
HOME = ["building", "tenancy"]


def upgrade() -> None:
    """Bring the database to this step."""
    way = sa.Column("way", WORD, nullable=False, server_default=sa.text("''"))
    op.add_column("login_session", way)
    op.create_table(
        "login_identity",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("way", WORD, nullable=False),
        sa.Column("proof", HASH, nullable=False),
        *(sa.Column(each, ID, nullable=False) for each in ("staff", *HOME, "person")),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("used_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_login_identity_proof", "login_identity", ["proof"])
    op.create_index("ix_login_identity_home", "login_identity", HOME)


def downgrade() -> None:
    """Take the step back; who was known by a service logs in by letter or address again."""
    op.drop_table("login_identity")
    op.drop_column("login_session", "way")
