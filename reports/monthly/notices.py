"""Notices to a resident: the alerts within a tenancy's own days, one per kind."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.life.kinds import kind_rules
from correspondence.contacts import contact_for, contact_wishes
from estate.periods import day_start_ms, local_date

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from alerts.model import Alert, AlertKind
    from estate.model import Contact, DeviceKind, Estate, Tenancy
    from estate.periods import Period

CLIMATE_ALERTS = frozenset(kind for kind, rules in kind_rules().items() if rules.climate)
"""Alerts derived from the climate; omitted if the climate is not shown."""


@dataclass(frozen=True)
class Notice:
    """
    Alerts of one kind, as a notice to a resident.

    Attributes
    ----------
    meter : str or None
        Kind of the meter concerned.
    first, last : date
        First and last day, none outside of the tenancy's days.
    count : int
        Number of alerts that it combines.
    contact : Contact or None
    """

    kind: AlertKind
    meter: DeviceKind | None
    first: date
    last: date
    count: int
    contact: Contact | None


def notices_of(
    estate: Estate,
    tenancy: Tenancy,
    own: Period,
    alerts: Iterable[Alert],
    withheld: Collection[AlertKind] = (),
) -> tuple[Notice, ...]:
    """
    Return the notices to a tenancy.

    Parameters
    ----------
    estate : Estate
    tenancy : Tenancy
    own : Period
        The tenancy's days of the page.
    alerts : iterable of Alert
        Those of other buildings, flats and days are skipped, as is an alert that was
        raised before the tenancy began, since it concerns somebody else's days.
    withheld : collection of AlertKind
        Kinds that are withheld.
    """
    zone = estate.building.zone
    start_ms, end_ms = day_start_ms(own.start, zone), day_start_ms(own.end, zone)
    tenancy_start_ms = day_start_ms(tenancy.start, zone)
    groups: dict[tuple[AlertKind, DeviceKind | None], list[Alert]] = defaultdict(list)
    for alert in alerts:
        here = alert.building == estate.building.id and alert.flat == tenancy.flat
        then = alert.start_ms < end_ms and alert.end_ms > start_ms
        if here and then and alert.raised_ms >= tenancy_start_ms and alert.kind not in withheld:
            groups[alert.kind, _meter(estate, alert)].append(alert)

    def notice(kind: AlertKind, meter: DeviceKind | None, group: list[Alert]) -> Notice:
        first_ms = max(min(alert.start_ms for alert in group), start_ms)
        last_ms = min(max(alert.end_ms for alert in group), end_ms) - 1
        contact = contact_for(kind, estate.building.contacts)
        first, last = local_date(first_ms, zone), local_date(last_ms, zone)
        return Notice(kind, meter, first, last, len(group), contact)

    found = [notice(kind, meter, group) for (kind, meter), group in groups.items()]
    return tuple(sorted(found, key=lambda each: (_weight(each.kind), each.first)))


def _weight(kind: AlertKind) -> int:
    """Rank of a kind among those with a contact; a new kind comes last."""
    kinds = list(contact_wishes())
    return kinds.index(kind) if kind in kinds else len(kinds)


def _meter(estate: Estate, alert: Alert) -> DeviceKind | None:
    placements = estate.placements.get(alert.device or "", ())
    return placements[0].kind if placements else None
