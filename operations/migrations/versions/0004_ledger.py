"""Approved bills for good: the chain of entries, and what stands under them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SEALED = ("ledger_posting", "billing_run", "run_document", "run_state", "ledger_payment")
APPEND_ONLY = ("ledger_entry", *SEALED)
KEPT = "the ledger is append only"
ADDS_UP = "a ledger entry does not add up"
IS_SEALED = "the ledger entry is sealed"
WRONG = """
    NEW.postings <> (SELECT count(*) FROM ledger_posting WHERE entry = NEW.position)
    OR NEW.posted_ore <> (
      SELECT coalesce(sum(amount_ore), 0) FROM ledger_posting WHERE entry = NEW.position)
    OR EXISTS (
      SELECT 1 FROM billing_run
      WHERE entry = NEW.position AND corrects IS NULL AND total_ore <> (
        SELECT coalesce(sum(CASE WHEN credit = 'cost' THEN amount_ore ELSE -amount_ore END), 0)
        FROM ledger_posting WHERE entry = NEW.position AND 'cost' IN (debit, credit)))
"""
UNDER_A_SEAL = "EXISTS (SELECT 1 FROM ledger_entry WHERE position = NEW.entry)"
LINES = """
    CREATE VIEW ledger_line AS
    SELECT entry, number, building, run, tenancy, debit AS account, item, component, amount_ore
    FROM ledger_posting
    UNION ALL
    SELECT entry, number, building, run, tenancy, credit, item, component, -amount_ore
    FROM ledger_posting
"""


def upgrade() -> None:
    """Bring the database to this step."""
    _create_entry()
    _create_under_entries()
    _create_drafts()
    op.execute(LINES)
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    """Take the step back."""
    op.execute("DROP VIEW ledger_line")
    tables = (
        "draft_document",
        "bill_draft",
        *(each for each in SEALED if each != "billing_run"),
        "billing_run",
    )
    for table in (*tables, "ledger_entry"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for name in ("ledger_kept", "ledger_sealed", "ledger_adds_up"):
            op.execute(f"DROP FUNCTION {name}()")


def _entry_key(*, primary_key: bool = False, unique: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey("ledger_entry.position", deferrable=True, initially="DEFERRED")
    return sa.Column(
        "entry", sa.Integer, key, primary_key=primary_key, unique=unique, nullable=False
    )


def _create_entry() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("postings", sa.Integer, nullable=False),
        sa.Column("posted_ore", sa.BigInteger, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False, unique=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
    )


def _create_under_entries() -> None:
    op.create_table(
        "billing_run",
        sa.Column("run", sa.Integer, primary_key=True, autoincrement=False),
        _entry_key(unique=True),
        sa.Column("first", sa.Integer, nullable=False),
        sa.Column("building", sa.String(64), nullable=False),
        sa.Column("period_start", sa.Date, nullable=False),
        sa.Column("period_end", sa.Date, nullable=False),
        sa.Column("scheme", sa.Text, nullable=False),
        sa.Column("scheme_version", sa.Text, nullable=False),
        sa.Column("total_ore", sa.BigInteger, nullable=False),
        sa.Column("issued", sa.Date, nullable=False),
        sa.Column("deadline", sa.Date),
        sa.Column("program", sa.Text, nullable=False),
        sa.Column("country", sa.String(2)),
        sa.Column("tenure", sa.String(16), nullable=False),
        sa.Column("corrects", sa.Integer, sa.ForeignKey("billing_run.run"), unique=True),
        sa.Column("reason", sa.String(32)),
    )
    op.create_index("ix_billing_run_first", "billing_run", ["first"])
    first = sa.text("corrects IS NULL")
    op.create_index(
        "ix_billing_run_period", "billing_run", ["building", "period_start", "period_end"],
        unique=True, sqlite_where=first, postgresql_where=first,
    )  # fmt: skip
    op.create_table(
        "ledger_posting",
        _entry_key(primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("building", sa.String(64), nullable=False),
        sa.Column("run", sa.Integer),
        sa.Column("tenancy", sa.String(64), nullable=False),
        sa.Column("debit", sa.String(16), nullable=False),
        sa.Column("credit", sa.String(16), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("component", sa.String(64), nullable=False),
        sa.Column("amount_ore", sa.BigInteger, nullable=False),
        sa.CheckConstraint("amount_ore > 0", name="ck_ledger_posting_amount"),
        sa.CheckConstraint("debit <> credit", name="ck_ledger_posting_accounts"),
    )
    for column in ("building", "run"):
        op.create_index(f"ix_ledger_posting_{column}", "ledger_posting", [column])
    op.create_table(
        "run_document",
        _entry_key(primary_key=True),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "run_state",
        _entry_key(primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("run", sa.Integer, sa.ForeignKey("billing_run.run"), nullable=False),
        sa.Column("tenancy", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("channel", sa.String(16)),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_index("ix_run_state_run", "run_state", ["run"])
    op.create_table(
        "ledger_payment",
        _entry_key(primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("building", sa.String(64), nullable=False),
        sa.Column("tenancy", sa.String(64), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("amount_ore", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
    )
    op.create_index("ix_ledger_payment_key", "ledger_payment", ["building", "key"], unique=True)


def _create_drafts() -> None:
    op.create_table(
        "bill_draft",
        sa.Column("draft", sa.Integer, primary_key=True),
        sa.Column("building", sa.String(64), nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("postings", sa.Text, nullable=False),
    )
    op.create_table(
        "draft_document",
        sa.Column(
            "draft",
            sa.Integer,
            sa.ForeignKey("bill_draft.draft", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )


def _guard_sqlite() -> None:
    for table in APPEND_ONLY:
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
            )
    for table in SEALED:
        op.execute(
            f"CREATE TRIGGER {table}_sealed BEFORE INSERT ON {table} WHEN {UNDER_A_SEAL} "
            f"BEGIN SELECT RAISE(ABORT, '{IS_SEALED}'); END"
        )
    op.execute(
        f"CREATE TRIGGER ledger_entry_adds_up BEFORE INSERT ON ledger_entry WHEN {WRONG} "
        f"BEGIN SELECT RAISE(ABORT, '{ADDS_UP}'); END"
    )


def _guard_postgresql() -> None:
    _function("ledger_kept", f"RAISE EXCEPTION '{KEPT}';")
    _function(
        "ledger_sealed",
        f"IF {UNDER_A_SEAL} THEN RAISE EXCEPTION '{IS_SEALED}'; END IF; RETURN NEW;",
    )
    _function("ledger_adds_up", f"IF {WRONG} THEN RAISE EXCEPTION '{ADDS_UP}'; END IF; RETURN NEW;")
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_kept()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_kept()"
        )
    for table in SEALED:
        op.execute(
            f"CREATE TRIGGER {table}_sealed BEFORE INSERT ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_sealed()"
        )
    op.execute(
        "CREATE TRIGGER ledger_entry_adds_up BEFORE INSERT ON ledger_entry "
        "FOR EACH ROW EXECUTE FUNCTION ledger_adds_up()"
    )


def _function(name: str, body: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
    )
