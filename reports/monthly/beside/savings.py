"""What a home may save in a month by a change of habits. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from reports.monthly.beside.uses import beside_rules

if TYPE_CHECKING:
    from billing.bill.bill import Statement

Saving = Literal["half_degree", "shower"]
LITRES_PER_M3 = 1000
WATER = "hot_water_m3"


def savings_of(statement: Statement) -> dict[Saving, int]:
    """
    Return the possible savings in a statement's month, if worth mentioning. [øre]

    Half a degree is the statement's own figure. A minute less in the shower each day saves that
    water at this home's price per cubic metre, but never more than its whole cost.
    """
    least = beside_rules(statement.start).saving_least_ore
    found: dict[Saving, int] = {"shower": _shower_ore(statement)}
    if statement.half_degree is not None:
        found["half_degree"] = -statement.half_degree.colder_ore
    return {name: saving for name, saving in found.items() if saving >= least}


def _shower_ore(statement: Statement) -> int:
    rows = [row for row in statement.rows if row.key == WATER and row.weight > 0]
    litres = beside_rules(statement.start).shower_l_per_minute
    spared_m3 = litres * (statement.end - statement.start).days / LITRES_PER_M3
    return round(sum(row.amount_ore * min(spared_m3 / row.weight, 1.0) for row in rows))
