"""What a statement tells beside its amounts: on account, half a degree, neighbours, comparison."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.aconto import charged_ore
from billing.comparison import comparisons
from billing.half_degree import half_degrees
from billing.neighbour_heat import neighbour_heats
from estate.periods import Period

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.results import BillRow, Statement
    from billing.schemes import Scheme
    from billing.weights import BuildingMonth


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
    return tuple(
        replace(
            statement,
            aconto_ore=_aconto_ore(month, statement),
            half_degree=half_degree,
            neighbour_heat=neighbour_heat,
            comparison=comparison,
        )
        for statement, half_degree, neighbour_heat, comparison in zip(
            statements,
            half_degrees(month, rows, scheme),
            neighbour_heats(month),
            comparisons(month, rows),
            strict=True,
        )
    )


def _aconto_ore(month: BuildingMonth, statement: Statement) -> int | None:
    charges = [each for each in month.estate.aconto if each.tenancy == statement.tenancy]
    return charged_ore(charges, Period(statement.start, statement.end))
