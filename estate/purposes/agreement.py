"""On which days the climate of a home may be measured. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estate.periods import day_start_ms
from estate.purposes.table import needs_agreement

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

    from estate.model import Estate, Tenancy

FOR_EVER_MS = 2**63 - 1


def agreed_on(tenancy: Tenancy, day: date) -> bool:
    """Whether a resident has agreed that the climate of their home is measured on a day."""
    if tenancy.climate_refused:
        return False
    begun = tenancy.climate_from is None or tenancy.climate_from <= day
    return begun and (tenancy.climate_to is None or day < tenancy.climate_to)


def may_be_stored(estate: Estate, flat: str | None, quantity: str, day: date) -> bool:
    """
    Whether a quantity of a flat may be stored on a local day.

    What needs no agreement always may, as may everything in common rooms. In a flat that nobody
    rents there is nobody to ask.
    """
    if flat is None or not needs_agreement(quantity):
        return True
    tenants = (
        each
        for each in estate.tenancies_of.get(flat, ())
        if each.start <= day and (each.end is None or day < each.end)
    )
    return all(agreed_on(each, day) for each in tenants)


def unagreed_spans(estate: Estate, flat: str | None) -> tuple[tuple[int, int], ...]:
    """
    Return when the climate of a flat may not be stored, in order.

    Returns
    -------
    tuple of (int, int)
        Start and end, the end exclusive. [ms since 1970, UTC]
    """
    zone = estate.building.zone
    found = []
    for each in estate.tenancies_of.get(flat or "", ()):
        start, end = _edge(each.start, zone), _edge(each.end, zone, FOR_EVER_MS)
        if each.climate_refused:
            found.append((start, end))
            continue
        first = max(start, _edge(each.climate_from, zone, start))
        last = min(end, _edge(each.climate_to, zone, end))
        found += [(start, min(first, end)), (max(last, start), end)]
    return tuple((start, end) for start, end in found if start < end)


def _edge(day: date | None, zone: ZoneInfo, otherwise: int = 0) -> int:
    return otherwise if day is None else day_start_ms(day, zone)
