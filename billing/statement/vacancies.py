"""Combines the landlord's statements of a flat's vacant days in a period."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from billing.money import MICRO

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from billing.bill.bill import BillRow, Statement

DIGITS = len(str(MICRO)) - 1


def one_vacancy_each(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """
    Merge the statements of a flat's vacancies, so that a tenancy has one row per component.

    Parameters
    ----------
    statements : iterable of Statement
        By flat and day; tenancies with a resident have one each and are unchanged.

    Returns
    -------
    tuple of Statement
        In place of the first vacancy; from its first to its last vacant day.
    """
    by_tenancy: dict[str, list[Statement]] = defaultdict(list)
    for statement in statements:
        by_tenancy[statement.tenancy].append(statement)
    return tuple(_joined(own) for own in by_tenancy.values())


def _joined(statements: Sequence[Statement]) -> Statement:
    first = statements[0]
    if len(statements) == 1:
        return first
    return first.replace(
        start=min(each.start for each in statements),
        end=max(each.end for each in statements),
        rows=tuple(map(_row, *(each.rows for each in statements))),
        registers=tuple(register for each in statements for register in each.registers),
        climate_hours=sum(each.climate_hours for each in statements),
        climate_hours_measured=sum(each.climate_hours_measured for each in statements),
        climate_hours_by_house=sum(each.climate_hours_by_house for each in statements),
        shadow_ore=_sum(each.shadow_ore for each in statements),
        vat_ore=_sum(each.vat_ore for each in statements),
        year_before=(),
    )


def _row(*rows: BillRow) -> BillRow:
    """Add up the rows of one component."""
    weight = round(sum(row.weight for row in rows), DIGITS)
    return rows[0].replace(weight=weight, amount_ore=sum(row.amount_ore for row in rows))


def _sum(amounts: Iterable[int | None]) -> int | None:
    """Add up amounts; None if one of them is unknown."""
    known = list(amounts)
    return None if None in known else sum(amount for amount in known if amount is not None)
