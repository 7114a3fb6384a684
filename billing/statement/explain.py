"""Adds explanations to statements: on account, half a degree, comparisons."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.statement.aconto import credited_ore
from billing.statement.comparison import comparisons
from billing.statement.half_degree import half_degrees
from billing.statement.last_year import years_before
from billing.statement.neighbour_heat import neighbour_heats

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from billing.bill.bill import BillRow, Statement
    from billing.measured.weighing import Weighing
    from billing.schemes import Scheme
    from estate.model import Aconto, DeviceKind


def explained(
    weighing: Weighing,
    scheme: Scheme,
    rows: Sequence[Sequence[BillRow]],
    statements: Sequence[Statement],
    aconto: Sequence[Aconto],
    kinds: Collection[DeviceKind],
) -> tuple[Statement, ...]:
    """
    Add explanations to each statement.

    Parameters
    ----------
    weighing : Weighing
    scheme : Scheme
        The charged scheme.
    rows : sequence of sequence of BillRow
        The split by it, rows per span.
    statements : sequence of Statement
        Per span.
    aconto : sequence of Aconto
    kinds : collection of DeviceKind
        Of meters that are compared with the year before.
    """
    credited = credited_ore(replace(weighing.estate, aconto=tuple(aconto)), weighing.period)
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
            half_degrees(weighing, rows, scheme),
            neighbour_heats(weighing),
            comparisons(weighing, rows),
            years_before(weighing.evidence, kinds),
            strict=True,
        )
    )
