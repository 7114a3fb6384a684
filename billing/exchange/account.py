"""An account as it is exchanged, made from a bill or from the files it was written to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from estate.errors import DataError
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from billing.bill.bill import Bill, Statement
    from billing.bill.documents import (
        FindingDocument,
        FindingsDocument,
        RunDocument,
        StatementsDocument,
    )
    from estate.periods import Period

CEILING = "billing.estimate.ceiling"


@dataclass(frozen=True)
class Account:
    """
    What the tenancies of a building pay for a period.

    Attributes
    ----------
    statements : tuple of Statement
        In the order of the bill.
    by_area : frozenset of str
        Items split by area instead, because too much would have been estimated.
    """

    building: str
    period: Period
    statements: tuple[Statement, ...]
    by_area: frozenset[str] = frozenset()

    @classmethod
    def of(cls, bill: Bill) -> Self:
        """Make the account of a bill in memory."""
        return cls(bill.building, bill.period, bill.statements, _by_area(bill.findings))

    @classmethod
    def of_documents(
        cls, statements: StatementsDocument, run: RunDocument, findings: FindingsDocument
    ) -> Self:
        """
        Make the account from the files of a bill.

        Raises
        ------
        DataError
            If amounts do not add up: a file was changed, or they belong to different bills.
        """
        wrong = list(_sums_that_are_wrong(statements, run))
        if wrong:
            raise DataError(wrong)
        told = tuple(each.statement() for each in statements.statements)
        return cls(run.building, run.period, told, _by_area(findings.findings))


def _by_area(findings: Iterable[Finding | FindingDocument]) -> frozenset[str]:
    return frozenset(str(each.data.get("item")) for each in findings if each.name == CEILING)


def _sums_that_are_wrong(statements: StatementsDocument, run: RunDocument) -> Iterator[Finding]:
    for each in statements.statements:
        parts_ore = sum(part.amount_ore for part in each.components)
        if parts_ore != each.total_ore:
            yield _wrong(
                f"tenancy {each.tenancy}: its components are {parts_ore} øre and its total is "
                f"{each.total_ore}"
            )
    together_ore = sum(each.total_ore for each in statements.statements)
    if together_ore != run.total_ore:
        yield _wrong(
            f"the statements are {together_ore} øre together, and run.json says {run.total_ore}"
        )


def _wrong(problem: str) -> Finding:
    message = f"{problem}; make the bill again, and change none of its files"
    return Finding("exchange.account.invalid", message, {})
