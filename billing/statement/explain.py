"""What a statement tells beside its amounts: on account, half a degree, comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.statement.aconto import credited_ore
from billing.statement.comparison import comparisons
from billing.statement.half_degree import half_degrees
from billing.statement.last_year import years_before
from billing.statement.neighbour_heat import neighbour_heats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.bill.bill import BillRow, Statement
    from billing.measured.building import BuildingMonth
    from billing.schemes import Scheme


def explained(
    month: BuildingMonth,
    scheme: Scheme,
    rows: Sequence[Sequence[BillRow]],
    statements: Sequence[Statement],
) -> tuple[Statement, ...]:
    """
    Add to each statement what explains it.

    Parameters
    ----------
    month : BuildingMonth
    scheme : Scheme
        The one that was charged.
    rows : sequence of sequence of BillRow
        The split by it, rows of each span.
    statements : sequence of Statement
        Of each span.
    """
    credited = credited_ore(month.estate, month.period)
    return tuple(
        statement.replace(
            aconto_ore=credited.get(statement.tenancy),
            half_degree=half_degree,
            neighbour_heat=neighbour_heat,
            comparison=comparison,
            year_before=year_before,
        )
        for statement, half_degree, neighbour_heat, comparison, year_before in zip(
            statements,
            half_degrees(month, rows, scheme),
            neighbour_heats(month),
            comparisons(month, rows),
            years_before(month),
            strict=True,
        )
    )
