"""Assigns alerts to tenancies: an event is cut where a tenancy starts or ends. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from alerts.life.kinds import kind_rules
from estate.periods import day_start_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from alerts.model import Alert
    from estate.model import Estate

NOT_OF_DAYS = ("quantity", "material", "f_rsi")
"""Evidence that tells nothing about what happened on a day; so do limits."""


class Part(NamedTuple):
    """The part of an event in one tenancy's days; ``tenancy`` is empty for the landlord's."""

    tenancy: str
    alert: Alert


def parts_of(estate: Estate, alerts: Iterable[Alert]) -> list[Part]:
    """
    Cut alerts where tenancies of their flat start and end.

    No part reveals another's days: what was measured across both is left out of its evidence.
    If a part begins with a tenancy, it counts once it has lasted long enough by itself; if
    it ends with one, it counts if it was raised by then.
    """
    return [part for alert in alerts for part in _parts(estate, alert)]


def _parts(estate: Estate, alert: Alert) -> Iterator[Part]:
    hold_ms = kind_rules()[alert.kind].hold_ms
    for tenancy, start_ms, end_ms in _days(estate, alert.flat):
        first, last = max(alert.start_ms, start_ms), min(alert.end_ms, end_ms)
        if first >= last:
            continue
        if (first, last) == (alert.start_ms, alert.end_ms):
            yield Part(tenancy, alert)
            continue
        known = alert.start_ms >= start_ms and alert.raised_ms <= end_ms
        if known or last - first >= hold_ms:
            raised_ms = alert.raised_ms if known else max(alert.raised_ms, first + hold_ms)
            yield Part(
                tenancy,
                replace(
                    alert,
                    start_ms=first,
                    end_ms=last,
                    raised_ms=min(raised_ms, last),
                    evidence=_own(alert.evidence),
                ),
            )


def _days(estate: Estate, flat: str) -> Iterator[tuple[str, int, int]]:
    """Yield who has a flat from when to when, including the landlord's days."""
    zone, before = estate.building.zone, -(1 << 62)
    for tenancy in estate.tenancies_of.get(flat, ()):
        start_ms = day_start_ms(tenancy.start, zone)
        end_ms = 1 << 62 if tenancy.end is None else day_start_ms(tenancy.end, zone)
        if before < start_ms:
            yield "", before, start_ms
        yield tenancy.tenancy, start_ms, end_ms
        before = end_ms
    yield "", before, 1 << 62


def _own(evidence: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in evidence.items() if name in NOT_OF_DAYS or "limit" in name
    }
