"""An account as it is exchanged, made from a bill or from the files it was written to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from estate.errors import DataError
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
    not_claimed : mapping of str to int
        Part of the balance that came too late to be claimed, by tenancy; only where there is any.
        [øre]
    """

    building: str
    period: Period
    statements: tuple[Statement, ...]
    by_area: frozenset[str] = frozenset()
    not_claimed: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, bill: Bill) -> Self:
        """Make the account of a bill in memory."""
        told = bill.statements
        lost = _not_claimed((each, bill.claimable_ore(each)) for each in told)
        return cls(bill.building, bill.period, told, _by_area(bill.findings), lost)

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
        claims = (each.claimable_ore for each in statements.statements)
        lost = _not_claimed(zip(told, claims, strict=True))
        return cls(run.building, run.period, told, _by_area(findings.findings), lost)

    def findings(self) -> list[Finding]:
        """Name the tenancies that owe less than their costs, because it came too late."""
        return [
            Finding(
                "exchange.account.not_claimed",
                f"tenancy {tenancy}: {lost_ore / 100:.2f} came too late to be claimed and is not "
                "in its balance; do not collect it",
                {"tenancy": tenancy, "not_claimed_ore": lost_ore},
            )
            for tenancy, lost_ore in self.not_claimed.items()
        ]


def _not_claimed(claims: Iterable[tuple[Statement, int]]) -> dict[str, int]:
    return {
        each.tenancy: each.balance_ore - claimable_ore
        for each, claimable_ore in claims
        if each.resident and claimable_ore != each.balance_ore
    }


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
