"""What was charged on account within some days, cut exactly where a charge reaches beyond them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from estate.model import Aconto
    from estate.periods import Period


def charged_ore(charges: Iterable[Aconto], days: Period) -> int | None:
    """
    Sum what was charged for some days.

    A charge that reaches beyond them counts by its days: the parts of adjacent periods add up to
    the charge, to the øre.

    Parameters
    ----------
    charges : iterable of Aconto
        Of one tenancy.
    days : Period

    Returns
    -------
    int or None
        None where nothing was charged for any of the days. [øre]
    """
    parts = [
        _until(charge, own.end) - _until(charge, own.start)
        for charge in charges
        if (own := days.overlap(charge.period_start, charge.period_end)) is not None
    ]
    return sum(parts) if parts else None


def _until(charge: Aconto, day: date) -> int:
    """Give the part of a charge before a day, in whole øre."""
    whole_days = (charge.period_end - charge.period_start).days
    return charge.amount_ore * (day - charge.period_start).days // whole_days
