"""Log-in: sessions, tokens, staff accounts, attempts, and the record of who looked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

HASH, ID, WORD = sa.String(64), sa.String(64), sa.String(32)
TABLES = ("login_session", "access_token", "staff_account", "access_record", "attempt_count")
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Bring the database to this step."""
    op.create_table(
        "login_session",
        sa.Column("token", HASH, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("staff", ID, nullable=False),
        sa.Column("acting_for", JSON),
        sa.Column("form_token", HASH, nullable=False),
        sa.Column("started_ms", sa.BigInteger, nullable=False),
        sa.Column("seen_ms", sa.BigInteger, nullable=False),
        sa.Column("ends_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_login_session_subject", "login_session", ["subject"])
    op.create_table(
        "access_token",
        sa.Column("token", HASH, primary_key=True),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("request", HASH, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("ends_ms", sa.BigInteger, nullable=False),
        sa.Column("used_ms", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
    )
    op.create_index("ix_access_token_request", "access_token", ["request"])
    op.create_index("ix_access_token_subject", "access_token", ["kind", "subject"])
    op.create_table(
        "staff_account",
        sa.Column("name", ID, primary_key=True),
        sa.Column("mail", sa.String(320), nullable=False, unique=True),
        sa.Column("roles", JSON, nullable=False),
        sa.Column("buildings", JSON),
        sa.Column("otp_secret", sa.Text, nullable=False),
        sa.Column("otp_step", sa.BigInteger, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "access_record",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("event", WORD, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("building", ID, nullable=False),
        sa.Column("tenancy", ID, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("ix_access_record_home", "access_record", ["building", "tenancy", "at_ms"])
    op.create_table(
        "attempt_count",
        sa.Column("key", HASH, primary_key=True),
        sa.Column("window_ms", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("count", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    """Take the step back; everybody is logged out, and the record is lost."""
    for table in reversed(TABLES):
        op.drop_table(table)
