"""How much of each statement's amount is VAT. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.money import split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from billing.results import BillRow


def vat_of_rows(
    rows: Sequence[Sequence[BillRow]], vat: Mapping[str, int | None]
) -> list[int | None]:
    """
    Divide the VAT of each item as its amount was divided.

    Parameters
    ----------
    rows : sequence of sequence of BillRow
        Of each statement.
    vat : mapping of str to int or None
        By item; None where a cost does not tell it. [øre]

    Returns
    -------
    list of int or None
        Of each statement; they add up to the VAT of the costs. None for all of them where an item
        does not tell its own. [øre]
    """
    total = [0] * len(rows)
    for item, vat_ore in vat.items():
        if vat_ore is None:
            return [None] * len(rows)
        # The rows of an item all have its sign.
        paid = [abs(sum(row.amount_ore for row in of if row.item == item)) for of in rows]
        if any(paid):
            for number, part_ore in enumerate(split(vat_ore, paid)):
                total[number] += part_ore
    return list(total)
