"""Records payments, and reports what each tenancy owes and is to pay on account."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints

from billing.law.table import law_of
from billing.ledger.model import Payment, PaymentKind
from billing.ledger.payments.on_account import Balance, Plan, balances_of, plan
from billing.ledger.payments.reference import read_reference
from billing.ledger.store import Ledger
from billing.rules import billing_rules
from estate.errors import DataError
from estate.files.rows import parse_rows
from estate.files.tables import Row, Table, TableUnreadable, read_table
from estate.findings import Finding, disqualifications
from estate.model import Id
from estate.periods import Period
from estate.record import Record
from operations.clock import now_ms
from operations.ledger.documents import read_documents
from operations.wiring import opened_database, opened_estates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from billing.ledger.model import Run
    from operations.settings import Settings

IdempotencyKey = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class PaymentRow(Record):
    """
    A row of a file of payments. Amount in øre.

    Attributes
    ----------
    key : str
        By which a repeated payment is recognised, such as the bank's own number for it.
    reference : str or None
        Of the statement, which names building and tenancy.
    """

    day: date
    amount_ore: int
    key: IdempotencyKey
    building: Id | None = None
    tenancy: Id | None = None
    kind: PaymentKind = "balance"
    reference: Annotated[str, Field(max_length=64)] | None = None


@dataclass(frozen=True)
class Booked:
    """How many payments were given, and how many of them were new."""

    given: int
    new: int


def add_payment(settings: Settings, row: PaymentRow, by: str) -> Booked:
    """Book one payment; raises `DataError` if it matches no tenancy in the ledger."""
    return _book(settings, "the payment", [(0, row)], by)


def payment_row(cells: Mapping[str, str]) -> PaymentRow:
    """Parse a payment from texts, by column; raises `DataError` if one of them is invalid."""
    findings: list[Finding] = []
    table = Table("the payment", False, tuple(cells), (Row(0, cells),))
    rows = parse_rows(table, PaymentRow, findings, frozenset())
    if findings:
        raise DataError(findings)
    return rows[0][1]


def import_payments(settings: Settings, path: Path, by: str) -> Booked:
    """
    Book a file of payments, all or none; payments that are already booked change nothing.

    Raises
    ------
    DataError
        With every wrong row.
    """
    findings: list[Finding] = []
    try:
        rows = parse_rows(read_table(path), PaymentRow, findings, frozenset())
    except TableUnreadable as error:
        raise DataError([error.finding]) from error
    if disqualifications(findings):
        raise DataError(findings)
    return _book(settings, path.name, rows, by)


def _book(settings: Settings, file: str, rows: Sequence[tuple[int, PaymentRow]], by: str) -> Booked:
    with opened_database(settings) as engine:
        ledger = Ledger(engine)
        found = _Tenancies(settings, ledger)
        payments = [found.payment(row) for _, row in rows]
        findings = list(_not_found(file, rows, payments))
        if findings:
            raise DataError(findings)
        known = [each for each in payments if each is not None]
        return Booked(len(rows), ledger.pay(known, by, now_ms()))


@dataclass
class _Tenancies:
    """Finds the tenancy of a payment, and remembers lookups."""

    settings: Settings
    ledger: Ledger
    estates: dict[str, frozenset[str]] = field(default_factory=dict)

    def payment(self, row: PaymentRow) -> Payment | None:
        building, tenancy = row.building, row.tenancy
        if row.reference:
            building, tenancy = self._by_reference(row.reference)
        if building is None or tenancy is None or row.amount_ore == 0:
            return None
        if tenancy not in self._billed.get(building, ()) and tenancy not in self._let(building):
            return None
        return Payment(building, tenancy, row.day, row.amount_ore, row.kind, row.key)

    def _by_reference(self, reference: str) -> tuple[str | None, str | None]:
        named = read_reference(reference)
        run = self._runs.get(named[0]) if named else None
        if named is None or run is None:
            return None, None
        residents, number = self._residents[run.number], named[1] - 1
        return run.facts.building, residents[number] if number in range(len(residents)) else None

    @cached_property
    def _runs(self) -> Mapping[int, Run]:
        return {run.number: run for run in self.ledger.runs()}

    @cached_property
    def _residents(self) -> Mapping[int, Sequence[str]]:
        return {
            number: [*self.ledger.standing(run).statements] for number, run in self._runs.items()
        }

    @cached_property
    def _billed(self) -> Mapping[str, set[str]]:
        """Residents' tenancies by building, including those no longer in the estate."""
        found: dict[str, set[str]] = defaultdict(set)
        for number, run in self._runs.items():
            found[run.facts.building].update(self._residents[number])
        return found

    def _let(self, building: str) -> frozenset[str]:
        """Return a building's tenancies, even before its first bill."""
        if building not in self.estates:
            with opened_estates(self.settings) as source:
                there = building in source.revisions()
                rows = source.read(building).tenancies if there else ()
            self.estates[building] = frozenset(each.tenancy for each in rows)
        return self.estates[building]


def _not_found(
    file: str, rows: Sequence[tuple[int, PaymentRow]], payments: Sequence[Payment | None]
) -> Iterator[Finding]:
    for (number, row), payment in zip(rows, payments, strict=True):
        if payment is None:
            where = f"{file} row {number}" if number else file
            message = (
                f"{where}: key {row.key} names no tenancy (building and tenancy, or the reference "
                "of a statement) of the estates or the ledger, or has no amount; correct it"
            )
            yield Finding("ledger.payment.unknown", message, {"row": number, "key": row.key})


def balances(settings: Settings, building: str) -> list[Balance]:
    """Return what was claimed from each tenancy of a building, and what it has paid."""
    with opened_database(settings) as engine:
        return balances_of(Ledger(engine).booked(building))


def propose(
    settings: Settings, number: int, told: date, instalments: int, price_change: float
) -> Plan:
    """Propose payments on account after a run; raises `UsageError` if there is no such run."""
    with opened_database(settings) as engine:
        ledger = Ledger(engine)
        run = ledger.run(number)
        documents = read_documents(ledger, run)
    facts = run.facts
    return plan(
        documents.statements.statements,
        Period(facts.period_start, facts.period_end),
        law_of(facts.country, told),
        told,
        instalments,
        price_change,
        billing_rules().on_account_step_ore,
    )
