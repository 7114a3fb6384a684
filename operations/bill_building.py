"""The bill of one building from its readings: gathers, then computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.compute import compute_bill
from billing.measured.gather import gather

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from billing.bill.bill import Bill
    from billing.schemes import Scheme
    from estate.model import Estate
    from estate.periods import Period
    from telemetry.series.home_climate import HomeClimate
    from telemetry.stores.store import SampleSource


def bill_building(
    estate: Estate,
    source: SampleSource,
    period: Period,
    scheme: Scheme | None = None,
    allowed: Collection[str] = (),
    issued: date | None = None,
    first_issued: date | None = None,
    *,
    climate: HomeClimate | None = None,
) -> Bill:
    """
    Gather the evidence of a building's bill, and compute it; parameters as for these two.

    Raises
    ------
    DataError
    StoreUnavailable
    """
    return compute_bill(
        gather(estate, source, period, scheme, climate),
        estate.costs,
        scheme,
        aconto=estate.aconto,
        allowed=allowed,
        issued=issued,
        first_issued=first_issued,
    )
