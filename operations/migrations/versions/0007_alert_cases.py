"""Alerts as events with a life: their state, every change of it, and who was told."""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID, WORD = sa.String(64), sa.String(32)
ROWS_AT_ONCE = 500
KEPT = "kept from before alerts had a life"


def upgrade() -> None:
    """Bring the database to this step."""
    _create_tables()
    _take_over()
    op.drop_table("alert")


def downgrade() -> None:
    """Take the step back; what was done about alerts is lost."""
    alert = _create_alert()
    case = sa.table("alert_case", *(sa.column(each.name, each.type) for each in alert.columns))
    columns = [case.c[each.name] for each in alert.columns]
    op.execute(alert.insert().from_select([each.name for each in columns], sa.select(*columns)))
    for table in ("alert_notice", "alert_change", "alert_case"):
        op.drop_table(table)


def _create_tables() -> None:
    op.create_table(
        "alert_case",
        sa.Column("id", ID, primary_key=True),
        *(sa.Column(name, ID, nullable=False) for name in ("building", "flat")),
        sa.Column("kind", WORD, nullable=False),
        *(sa.Column(name, ID, nullable=False) for name in ("device", "tenancy")),
        *(
            sa.Column(name, sa.BigInteger, nullable=False)
            for name in ("start_ms", "end_ms", "raised_ms", "found_ms", "changed_ms")
        ),
        sa.Column("state", WORD, nullable=False),
        sa.Column("closed_ms", sa.BigInteger, nullable=False),
        sa.Column("inhibited_by", ID, nullable=False),
        sa.Column("silenced_ms", sa.BigInteger, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
    )
    op.create_index("ix_alert_case_building", "alert_case", ["building", "flat"])
    op.create_index("ix_alert_case_state", "alert_case", ["state"])
    op.create_table(
        "alert_change",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("case", ID, sa.ForeignKey("alert_case.id"), nullable=False),
        sa.Column("event", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_index("ix_alert_change_case", "alert_change", ["case"])
    op.create_table(
        "alert_notice",
        sa.Column("message", ID, primary_key=True),
        sa.Column("case", ID, sa.ForeignKey("alert_case.id"), primary_key=True),
        sa.Column("about", WORD, nullable=False),
        sa.Column("tenancy", ID, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("channel", WORD, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("queued_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_alert_notice_case", "alert_notice", ["case"])
    op.create_index("ix_alert_notice_tenancy", "alert_notice", ["tenancy", "queued_ms"])


def _take_over() -> None:
    """Keep every alert that there is, as one that is over: nobody is told of it now."""
    connection = op.get_bind()
    names = ("building", "flat", "kind", "device", "start_ms", "end_ms", "raised_ms", "evidence")
    old = sa.table(
        "alert", *(sa.column(each) for each in names[:-1]), sa.column("evidence", sa.JSON)
    )
    case = sa.Table("alert_case", sa.MetaData(), autoload_with=connection)
    change = sa.Table("alert_change", sa.MetaData(), autoload_with=connection)
    found = connection.execute(sa.select(old)).mappings().all()
    rows = [_as_case(dict(row)) for row in found]
    for first in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[first : first + ROWS_AT_ONCE]
        connection.execute(case.insert(), some)
        connection.execute(change.insert(), [_as_change(row) for row in some])


def _as_case(row: dict[str, object]) -> dict[str, object]:
    about = [row["building"], row["flat"], row["kind"], row["device"], "", row["start_ms"]]
    return row | {
        "id": hashlib.sha256(json.dumps(about).encode()).hexdigest()[:12],
        "tenancy": "",
        "found_ms": row["raised_ms"],
        "changed_ms": row["raised_ms"],
        "state": "cleared",
        "closed_ms": row["end_ms"],
        "inhibited_by": "",
        "silenced_ms": 0,
        "label": "",
    }


def _as_change(row: dict[str, object]) -> dict[str, object]:
    return {
        "case": row["id"], "event": "found", "state": "cleared", "at_ms": row["raised_ms"],
        "by": "", "note": KEPT,
    }  # fmt: skip


def _create_alert() -> sa.Table:
    return op.create_table(
        "alert",
        *(sa.Column(name, ID, primary_key=True) for name in ("building", "flat")),
        sa.Column("kind", WORD, primary_key=True),
        sa.Column("device", ID, primary_key=True),
        sa.Column("start_ms", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("end_ms", sa.BigInteger, nullable=False),
        sa.Column("raised_ms", sa.BigInteger, nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
    )
