"""Computes the VAT included in each statement. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.money import split

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from billing.bill.bill import BillRow

PARTS = 10**9


def vat_of_rows(
    rows: Sequence[Sequence[BillRow]], vat: Mapping[str, int | None]
) -> list[int | None]:
    """
    Split the VAT of each item by the weights that split its amount.

    The VAT is thus preserved even if an item's costs and rebates cancel out.

    Parameters
    ----------
    rows : sequence of sequence of BillRow
        Per statement.
    vat : mapping of str to int or None
        By item; None if a cost does not state it. [øre]

    Returns
    -------
    list of int or None
        Per statement; they add up to the VAT of the costs. None for all of them if an item
        has none stated. [øre]
    """
    total = [0] * len(rows)
    for item, vat_ore in vat.items():
        if vat_ore is None:
            return [None] * len(rows)
        shares = [_share(row for row in of if row.item == item) for of in rows]
        for number, part_ore in enumerate(split(vat_ore, shares)):
            total[number] += part_ore
    return list(total)


def _share(rows: Iterable[BillRow]) -> int:
    """Return a statement's part of an item, in whole billionths."""
    parts = (row.fraction * row.weight / row.weight_total for row in rows if row.weight_total)
    return round(sum(parts) * PARTS)
