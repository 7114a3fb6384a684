"""The tables of a building account: columns and cells, the same for workbook and CSV."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from billing.ledger.payments.summary import BuildingAccount


@dataclass(frozen=True)
class Ore:
    """An amount, typed so that a cell is written in kroner. [øre]"""

    ore: int


Cell = str | float | date | Ore | None


@dataclass(frozen=True)
class AccountTable:
    """A table by its name, with a header and rows."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def account_tables(account: BuildingAccount) -> tuple[AccountTable, ...]:
    """Return costs, split, tenancies, differences and findings, each as a table."""
    return (_run(account), _costs(account), _split(account), _tenancies(account),
            _differences(account), _findings(account))  # fmt: skip


def _run(account: BuildingAccount) -> AccountTable:
    facts = account.run.facts
    rows: tuple[tuple[str, Cell], ...] = (
        ("run", float(account.run.number)), ("building", facts.building),
        ("period_start", facts.period_start), ("period_end", facts.period_end),
        ("state", str(account.state)), ("issued", facts.issued), ("deadline", facts.deadline),
        ("approved_by", account.run.approved_by), ("scheme", facts.scheme),
        ("scheme_version", facts.scheme_version), ("program", facts.program),
        ("corrects", None if facts.corrects is None else float(facts.corrects)),
        ("reason", facts.reason), ("total", Ore(facts.total_ore)),
        ("landlords_share", Ore(account.landlord_ore)), ("digest", account.run.digest),
    )  # fmt: skip
    return AccountTable("run", ("what", "value"), rows)


def _costs(account: BuildingAccount) -> AccountTable:
    rows = [
        (each.item, each.kind, Ore(each.amount_ore), _known(each.vat_ore)) for each in account.costs
    ]
    return AccountTable("costs", ("item", "kind", "amount", "vat_amount"), tuple(rows))


def _split(account: BuildingAccount) -> AccountTable:
    rows = [
        (
            each.item, each.component, each.key, each.fraction, Ore(each.amount_ore),
            Ore(each.residents_ore), Ore(each.landlord_ore),
        )
        for each in account.split
    ]  # fmt: skip
    columns = ("item", "component", "key", "fraction", "amount", "residents", "landlord")
    return AccountTable("split", columns, tuple(rows))


def _tenancies(account: BuildingAccount) -> AccountTable:
    rows = [
        (
            each.tenancy, each.flat, each.start, each.end, account.references.get(each.tenancy),
            Ore(each.cost_ore), Ore(each.on_account_ore), Ore(each.balance_ore),
            Ore(each.claimed_ore),
        )
        for each in account.tenancies
    ]  # fmt: skip
    columns = (
        "tenancy", "flat", "from", "to", "reference", "cost", "on_account", "balance", "claimed",
    )  # fmt: skip
    return AccountTable("tenancies", columns, tuple(rows))


def _differences(account: BuildingAccount) -> AccountTable:
    rows: list[tuple[Cell, ...]] = [
        (each.tenancy, *(Ore(amount_ore) for amount_ore in each[1:]))
        for each in account.differences
    ]
    columns = ("tenancy", "cost_before", "cost", "balance_before", "balance")
    return AccountTable("differences", columns, tuple(rows))


def _findings(account: BuildingAccount) -> AccountTable:
    rows = [
        (each.name, str(each.severity), "yes" if each.allowed else "no", each.message)
        for each in account.findings
    ]
    return AccountTable("findings", ("finding", "severity", "allowed", "message"), tuple(rows))


def _known(amount_ore: int | None) -> Ore | None:
    return None if amount_ore is None else Ore(amount_ore)
