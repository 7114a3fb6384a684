"""
Compares a home with the other homes of its building without revealing a neighbour.

A figure is shown only if at least five other homes are occupied, for a tenancy over the whole
period, and for metered components only. The others are all other flats of the building: none is
left out for being empty or newly let. So the figure follows from what the bill must print anyway
(own weight, total weight, area) and reveals nothing more, over any number of months; leaving a flat
out would reveal its use as a difference. Figures are rounded to two significant digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import floor, log10
from typing import TYPE_CHECKING

from billing.bill.explanations import Comparison, Withheld
from billing.schemes import METERED_KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from billing.bill.bill import BillRow
    from billing.measured.weighing import Weighing
    from billing.rules import BillingRules
    from estate.model import Estate

BY_HOME = frozenset({"hot_water_m3", "cold_water_m3", "electricity_kwh"})
"""Keys compared per home; the others per m²."""


def comparisons(
    weighing: Weighing, rows: Sequence[Sequence[BillRow]]
) -> list[tuple[Comparison, ...] | Withheld]:
    """
    Compare each span with the other homes, or return why not.

    Parameters
    ----------
    weighing : Weighing
    rows : sequence of sequence of BillRow
        Per span.
    """
    lived_in = {span.flat for span in weighing.spans if span.resident}
    least, sizes = weighing.rules.comparison_homes_least, _Sizes(weighing.estate, weighing.rules)
    result: list[tuple[Comparison, ...] | Withheld] = []
    for span, own in zip(weighing.spans, rows, strict=True):
        homes = len(lived_in) - (span.flat in lived_in)
        if homes < least:
            result.append(Withheld.FEW_HOMES)
        elif span.period != weighing.period:
            result.append(Withheld.PART_OF_PERIOD)
        else:
            result.append(tuple(sizes.compared(row, homes) for row in own if _counts(row)))
    return result


def rounded(value: float, digits: int) -> float:
    """
    Round to significant digits, halves to even; 0 stays 0.

    Examples
    --------
    >>> rounded(147.2, 2), rounded(0.0346, 2)
    (150.0, 0.035)
    """
    return round(value, digits - 1 - floor(log10(abs(value)))) if value else 0.0


def _counts(row: BillRow) -> bool:
    return row.key in METERED_KEYS and row.weight_total > 0


@dataclass(frozen=True)
class _Sizes:
    """Reference sizes for the comparison of flats."""

    estate: Estate
    rules: BillingRules

    @cached_property
    def area_m2(self) -> Mapping[str, float]:
        return {each.flat: each.area_m2 for each in self.estate.flats}

    @cached_property
    def whole_m2(self) -> float:
        return sum(self.area_m2.values())

    def compared(self, row: BillRow, homes: int) -> Comparison:
        by_home = row.key in BY_HOME
        own = 1.0 if by_home else self.area_m2[row.flat]
        others = (len(self.area_m2) if by_home else self.whole_m2) - own
        digits = self.rules.comparison_digits
        mean = (row.weight_total - row.weight) / others
        return Comparison(
            item=row.item,
            key=row.key,
            own=rounded(row.weight / own, digits),
            others=rounded(mean, digits),
            homes=homes,
        )
