"""On which days the climate of a home may be measured. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estate.purposes.table import needs_agreement

if TYPE_CHECKING:
    from datetime import date

    from estate.model import Estate, Tenancy


def agreed_on(tenancy: Tenancy, day: date) -> bool:
    """Whether a resident has agreed that the climate of their home is measured on a day."""
    if tenancy.climate_refused:
        return False
    begun = tenancy.climate_from is None or tenancy.climate_from <= day
    return begun and (tenancy.climate_to is None or day < tenancy.climate_to)


def may_be_stored(estate: Estate, flat: str | None, quantity: str, day: date) -> bool:
    """
    Whether a quantity may be stored of a flat on a local day.

    What needs no agreement always may, and so may everything of common rooms. A flat that nobody
    has rented has nobody to ask.
    """
    if flat is None or not needs_agreement(quantity):
        return True
    tenants = (
        each
        for each in estate.tenancies_of.get(flat, ())
        if each.start <= day and (each.end is None or day < each.end)
    )
    return all(agreed_on(each, day) for each in tenants)
