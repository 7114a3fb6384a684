"""The costs of a period by item, from the rows of costs.csv."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from estate.findings import Finding

if TYPE_CHECKING:
    from estate.model import Cost, Estate
    from estate.periods import Period


def item_costs(estate: Estate, period: Period) -> tuple[dict[str, int], list[Finding]]:
    """
    Add up the costs of each item that lie in a period.

    Returns
    -------
    costs : dict of str to int
        By item, in the order of its name. [øre]
    findings : list of Finding
        Costs that reach beyond the period, that are provisional, or that there are none.
    """
    costs: dict[str, int] = defaultdict(int)
    findings = []
    for cost in estate.costs:
        days = period.overlap(cost.period_start, cost.period_end)
        if days is None:
            continue
        if (days.start, days.end) != (cost.period_start, cost.period_end):
            findings.append(_beyond(cost, period))
        elif cost.status == "provisional":
            findings.append(_provisional(cost))
        costs[cost.item] += cost.amount_ore
    if not costs:
        message = f"costs.csv has no cost within {period}; add the supplier's bill"
        findings.append(Finding("billing.costs.missing", message, {"period": str(period)}))
    return dict(sorted(costs.items())), findings


def _beyond(cost: Cost, period: Period) -> Finding:
    message = (
        f"the cost of {cost.item} from {cost.period_start} to {cost.period_end} reaches beyond "
        f"{period}; bill its whole period, or divide the row in costs.csv"
    )
    return Finding("billing.costs.beyond", message, {"item": cost.item, "period": str(period)})


def _provisional(cost: Cost) -> Finding:
    message = (
        f"the cost of {cost.item} from {cost.period_start} is provisional; "
        "bill again when the final one is there"
    )
    data = {"item": cost.item, "amount_ore": cost.amount_ore}
    return Finding("billing.costs.provisional", message, data)
