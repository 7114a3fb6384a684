"""
The ledger's append-only tables: each row belongs to one entry of the chain.

An entry is written last in its transaction, and seals the rows under it. The database refuses
a row under a sealed entry, every change, and every deletion; a posting holds both of its accounts,
so that no row can make them add up to anything but 0. The triggers are in the migration.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from estate.database.engine import Base

ID, HEX = String(64), String(64)


def _entry_key(*, primary_key: bool = False, unique: bool = False) -> Mapped[int]:
    """Return a column for the entry that a row belongs to, which is written after the row."""
    key = ForeignKey("ledger_entry.position", deferrable=True, initially="DEFERRED")
    return mapped_column(Integer, key, primary_key=primary_key, unique=unique or None)


class LedgerEntry(Base):
    """A link of the chain."""

    __tablename__ = "ledger_entry"

    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    made_ms: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[str] = mapped_column(Text)
    postings: Mapped[int] = mapped_column(Integer)
    posted_ore: Mapped[int] = mapped_column(BigInteger)
    previous: Mapped[str] = mapped_column(HEX, unique=True)
    digest: Mapped[str] = mapped_column(HEX, unique=True)


class LedgerPosting(Base):
    """An amount from one account to another."""

    __tablename__ = "ledger_posting"
    __table_args__ = (
        CheckConstraint("amount_ore > 0", name="ck_ledger_posting_amount"),
        CheckConstraint("debit <> credit", name="ck_ledger_posting_accounts"),
    )

    entry: Mapped[int] = _entry_key(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    building: Mapped[str] = mapped_column(ID, index=True)
    run: Mapped[int | None] = mapped_column(Integer, index=True)
    tenancy: Mapped[str] = mapped_column(ID)
    debit: Mapped[str] = mapped_column(String(16))
    credit: Mapped[str] = mapped_column(String(16))
    item: Mapped[str] = mapped_column(ID)
    component: Mapped[str] = mapped_column(ID)
    amount_ore: Mapped[int] = mapped_column(BigInteger)


class BillingRun(Base):
    """An approved run; one begins each period of a building, and at most one corrects another."""

    __tablename__ = "billing_run"
    __table_args__ = (
        Index(
            "ix_billing_run_period",
            "building",
            "period_start",
            "period_end",
            unique=True,
            sqlite_where=text("corrects IS NULL"),
            postgresql_where=text("corrects IS NULL"),
        ),
    )

    run: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    entry: Mapped[int] = _entry_key(unique=True)
    first: Mapped[int] = mapped_column(Integer, index=True)
    building: Mapped[str] = mapped_column(ID)
    period_start: Mapped[date] = mapped_column(Date)
    period_end: Mapped[date] = mapped_column(Date)
    scheme: Mapped[str] = mapped_column(Text)
    scheme_version: Mapped[str] = mapped_column(Text)
    total_ore: Mapped[int] = mapped_column(BigInteger)
    issued: Mapped[date] = mapped_column(Date)
    deadline: Mapped[date | None] = mapped_column(Date)
    program: Mapped[str] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(String(2))
    tenure: Mapped[str] = mapped_column(String(16))
    corrects: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("billing_run.run"), unique=True
    )
    reason: Mapped[str | None] = mapped_column(String(32))


class RunDocument(Base):
    """What a run was made from, and the files that it produced."""

    __tablename__ = "run_document"

    entry: Mapped[int] = _entry_key(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    sha256: Mapped[str] = mapped_column(HEX)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class RunState(Base):
    """A step of a statement, or of a whole run."""

    __tablename__ = "run_state"

    entry: Mapped[int] = _entry_key(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    run: Mapped[int] = mapped_column(Integer, ForeignKey("billing_run.run"), index=True)
    tenancy: Mapped[str] = mapped_column(ID)
    state: Mapped[str] = mapped_column(String(16))
    day: Mapped[date] = mapped_column(Date)
    channel: Mapped[str | None] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)


class LedgerPayment(Base):
    """Money received or paid out."""

    __tablename__ = "ledger_payment"
    __table_args__ = (Index("ix_ledger_payment_key", "building", "key", unique=True),)

    entry: Mapped[int] = _entry_key(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    building: Mapped[str] = mapped_column(ID)
    tenancy: Mapped[str] = mapped_column(ID)
    day: Mapped[date] = mapped_column(Date)
    amount_ore: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(128))


class BillDraft(Base):
    """A bill awaiting approval; the row is deleted when it is approved or discarded."""

    __tablename__ = "bill_draft"

    draft: Mapped[int] = mapped_column(Integer, primary_key=True)
    building: Mapped[str] = mapped_column(ID)
    made_ms: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[str] = mapped_column(Text)
    facts: Mapped[str] = mapped_column(Text)
    postings: Mapped[str] = mapped_column(Text)


class DraftDocument(Base):
    """A document of a draft."""

    __tablename__ = "draft_document"

    draft: Mapped[int] = mapped_column(
        Integer, ForeignKey("bill_draft.draft", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


SEALED = (LedgerPosting, BillingRun, RunDocument, RunState, LedgerPayment)
"""Tables whose rows stand under an entry."""
TABLES = (LedgerEntry, *SEALED, BillDraft, DraftDocument)
