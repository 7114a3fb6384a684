"""The building account of a run: its costs, their split, and what each tenancy pays. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from billing.bill.documents import (
        FindingDocument,
        FindingsDocument,
        RunDocument,
        StatementDocument,
        StatementsDocument,
    )
    from billing.ledger.model import Run, State
    from billing.ledger.posting import Difference


class CostSum(NamedTuple):
    """What the suppliers charged for an item, by kind. [øre]"""

    item: str
    kind: str
    amount_ore: int
    vat_ore: int | None


class SplitSum(NamedTuple):
    """What was divided by one component, and who bears it. [øre]"""

    item: str
    component: str
    key: str
    fraction: float
    amount_ore: int
    residents_ore: int
    landlord_ore: int


class TenancySum(NamedTuple):
    """
    What one tenancy pays. Amounts in øre.

    Attributes
    ----------
    claimed_ore : int
        The claimable part of the balance; what is late repays, and claims nothing.
    """

    tenancy: str
    flat: str
    start: date
    end: date
    resident: bool
    cost_ore: int
    on_account_ore: int
    balance_ore: int
    claimed_ore: int


@dataclass(frozen=True)
class BuildingAccount:
    """
    Everything about a run on one page.

    Attributes
    ----------
    reference : dict of str to str
        Payment reference of each resident's statement, by tenancy.
    differences : sequence of Difference
        From the run that it corrects; empty if it corrects none.
    """

    run: Run
    state: State
    costs: tuple[CostSum, ...]
    split: tuple[SplitSum, ...]
    tenancies: tuple[TenancySum, ...]
    findings: tuple[FindingDocument, ...]
    references: dict[str, str]
    differences: Sequence[Difference] = ()

    @property
    def costs_ore(self) -> int:
        """Sum of the costs. [øre]"""
        return sum(each.amount_ore for each in self.costs)

    @property
    def landlord_ore(self) -> int:
        """The landlord's own share. [øre]"""
        return sum(each.cost_ore for each in self.tenancies if not each.resident)

    @property
    def residents(self) -> tuple[TenancySum, ...]:
        """The tenancies of residents."""
        return tuple(each for each in self.tenancies if each.resident)


def building_account(
    run: Run,
    state: State,
    statements: StatementsDocument,
    made: RunDocument,
    findings: FindingsDocument,
    references: dict[str, str],
    claimed_ore: Mapping[str, int],
    differences: Sequence[Difference] = (),
) -> BuildingAccount:
    """
    Summarise a run from the documents kept with it.

    Parameters
    ----------
    run, state, statements, made, findings, references : as in `BuildingAccount`
    claimed_ore : mapping of str to int
        Balance by tenancy as booked, since what is served too late is not claimed. [øre]
    differences : sequence of Difference, optional
    """
    return BuildingAccount(
        run=run,
        state=state,
        costs=tuple(_costs(made)),
        split=tuple(_split(statements.statements)),
        tenancies=tuple(_tenancy(each, claimed_ore) for each in statements.statements),
        findings=findings.findings,
        references=references,
        differences=differences,
    )


def _costs(made: RunDocument) -> list[CostSum]:
    amounts: dict[tuple[str, str], int] = defaultdict(int)
    vat: dict[tuple[str, str], list[int | None]] = defaultdict(list)
    for line in made.costs:
        amounts[line.item, line.kind] += line.amount_ore
        vat[line.item, line.kind].append(line.vat_ore)
    return [CostSum(*key, amount_ore, _whole(vat[key])) for key, amount_ore in amounts.items()]


def _whole(parts: list[int | None]) -> int | None:
    """Return the sum of parts, None if one is unknown."""
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _split(statements: Sequence[StatementDocument]) -> list[SplitSum]:
    sums: dict[tuple[str, str, str, float], list[int]] = defaultdict(lambda: [0, 0])
    for statement in statements:
        for row in statement.components:
            by_whom = sums[row.item, row.component, row.key, row.fraction]
            by_whom[0 if statement.resident else 1] += row.amount_ore
    return [
        SplitSum(*key, residents_ore + landlord_ore, residents_ore, landlord_ore)
        for key, (residents_ore, landlord_ore) in sums.items()
    ]


def _tenancy(statement: StatementDocument, claimed_ore: Mapping[str, int]) -> TenancySum:
    resident = statement.resident
    return TenancySum(
        tenancy=statement.tenancy,
        flat=statement.flat,
        start=statement.start,
        end=statement.end,
        resident=resident,
        cost_ore=statement.total_ore,
        on_account_ore=(statement.aconto_ore or 0) if resident else 0,
        balance_ore=statement.balance_ore if resident else 0,
        claimed_ore=claimed_ore.get(statement.tenancy, 0),
    )
