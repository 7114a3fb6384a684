"""Tenancies to which nothing can be delivered. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from correspondence.address import delivery_block, persons_on
from estate.periods import local_date

if TYPE_CHECKING:
    from datetime import date

    from estate.model import Estate

FORMER_DAYS = 400
"""A former tenant's last statement comes within so long. [d]"""


class MissingAddress(NamedTuple):
    """A tenancy to which nothing can be delivered, and why; no name is part of it."""

    building: str
    tenancy: str
    flat: str
    address: str
    why: Literal["no_person", "moved_out"]
    since: date


def missing_addresses(estate: Estate, now_ms: int) -> list[MissingAddress]:
    """
    Find current or recent tenancies without a person, or that moved out without leaving an address.

    Parameters
    ----------
    estate : Estate
    now_ms : int
        [ms since 1970, UTC]
    """
    today = local_date(now_ms, estate.building.zone)
    found = []
    for each in estate.tenancies:
        over = each.end is not None and each.end <= today
        if each.start > today or (each.end and each.end < today - timedelta(days=FORMER_DAYS)):
            continue
        last = each.end - timedelta(days=1) if each.end is not None and over else today
        persons = persons_on(estate.persons, each.tenancy, last)
        reachable = any(one.mail or one.phone or one.post_address for one in persons)
        block = delivery_block(estate, each, persons, today)
        if not persons or (over and block.missing and not reachable):
            address = estate.flats[estate.flat_index[each.flat]].address
            since = each.end if each.end is not None and over else each.start
            why: Literal["no_person", "moved_out"] = "moved_out" if persons else "no_person"
            found.append(
                MissingAddress(estate.building.id, each.tenancy, each.flat, address, why, since)
            )
    return found
