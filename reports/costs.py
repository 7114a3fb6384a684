"""Breakdown of an amount, as both documents show it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from billing.money import split
from correspondence.phrases import key_words, known

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from billing.bill.bill import BillRow
    from correspondence.catalogue import Catalogue

MOST_COST_LINES = 6


@dataclass(frozen=True)
class CostShare:
    """
    One component of the amount.

    Attributes
    ----------
    amount_ore : int
        Negative for a deduction. [øre]
    share : float
        Fraction of everything that is not a deduction, from 0 to 1; 0 where nothing is to be paid.
    estimated : bool
        The key depends on a meter without a usable reading.
    """

    item: str
    key: str
    amount_ore: int
    share: float
    estimated: bool = False


def cost_shares(rows: Sequence[BillRow], estimated: Collection[str] = ()) -> tuple[CostShare, ...]:
    """Add up a statement's rows by item and key, in the order of the bill; mark estimated keys."""
    amounts: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        amounts[row.item, row.key] += row.amount_ore
    due = sum(amounts.values()) > 0
    charged_ore = sum(amount for amount in amounts.values() if amount > 0) if due else 0
    return tuple(
        CostShare(
            item,
            key,
            amount,
            max(amount, 0) / charged_ore if charged_ore else 0.0,
            key in estimated,
        )
        for (item, key), amount in amounts.items()
    )


def cost_rows(costs: Sequence[CostShare], currency: str, words: Catalogue) -> list[dict[str, Any]]:
    """Return the table rows of an amount's breakdown, the smallest ones combined."""
    lines = _largest_lines(costs)
    shared = [max(line.amount_ore, 0) if line.share else 0 for line in lines]
    percents = split(100, shared) if any(shared) else shared
    credited = sum(line.amount_ore for line in lines) < 0
    return [
        {
            "what": _component(line, words),
            "share": line.share,
            "share_text": "" if credited or line.amount_ore < 0 else words.percent(percent),
            "amount": words.money(line.amount_ore, currency),
        }
        for line, percent in zip(lines, percents, strict=True)
    ]


def _largest_lines(costs: Sequence[CostShare]) -> list[CostShare]:
    """Keep the largest lines in order, and combine the rest."""
    if len(costs) <= MOST_COST_LINES:
        return list(costs)
    by_size = sorted(costs, key=lambda line: -abs(line.amount_ore))
    kept, rest = by_size[: MOST_COST_LINES - 1], by_size[MOST_COST_LINES - 1 :]
    amount_ore = sum(line.amount_ore for line in rest)
    others = CostShare("", "", amount_ore, sum(line.share for line in rest))
    return [*(line for line in costs if line in kept), others]


def _component(line: CostShare, words: Catalogue) -> str:
    if not line.item:
        return words.say("costs.rest")
    item = known(f"item.{line.item}", line.item, words)
    return words.say(
        "costs.line", item=item, key=key_words(line.key, words, estimated=line.estimated)
    )


def shadow_words(
    amount_ore: int, shadow_ore: int, currency: str, words: Catalogue, *, by_climate: bool
) -> str:
    """Return what the other scheme would have cost: ordinary metering, or measured climate."""
    key = "costs.shadow_climate" if by_climate else "costs.shadow"
    difference_ore = shadow_ore - amount_ore
    if difference_ore == 0:
        return words.say(f"{key}.same")
    return words.say(
        f"{key}.more" if difference_ore > 0 else f"{key}.less",
        amount=words.money(shadow_ore, currency),
        difference=words.money(abs(difference_ore), currency),
    )
