"""Alerts as staff see them: where, since when in local time, in which state, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from correspondence.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alerts.life.case import Case
    from estate.model import Estate

LANGUAGE = "en"
"""Of the command line."""


@dataclass(frozen=True)
class Listed:
    """
    An alert in words.

    Attributes
    ----------
    case : Case
    address : str
        Of the home, or of the building; empty if neither is known any more.
    since, until : str
        In the building's local time, to the minute, with its offset.
    title, to_do : str
    """

    case: Case
    address: str
    since: str
    until: str
    title: str
    to_do: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-able data."""
        case = self.case
        return {
            "id": case.id, "building": case.building, "flat": case.flat, "address": self.address,
            "tenancy": case.tenancy, "kind": str(case.kind), "device": case.device or None,
            "state": str(case.state), "since": self.since, "until": self.until,
            "start_ms": case.start_ms, "end_ms": case.end_ms, "raised_ms": case.raised_ms,
            "inhibited_by": case.inhibited_by or None, "label": case.label or None,
            "title": self.title, "to_do": self.to_do, "evidence": dict(case.evidence),
        }  # fmt: skip


def listed(cases: Iterable[Case], estates: Mapping[str, Estate]) -> list[Listed]:
    """Put alerts into words; for a building that no longer exists, times are in UTC."""
    return [_listed(case, estates.get(case.building)) for case in cases]


def _listed(case: Case, estate: Estate | None) -> Listed:
    words = catalogue(LANGUAGE)
    zone = zone_of(estate)

    def local(time_ms: int) -> str:
        moment = datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone)
        return moment.isoformat(timespec="minutes")

    place = meter_kind(case, estate)
    to_do = f"alert.{case.kind}.do"
    of = f"{to_do}.{place}"
    if (fault := f"message.{case.kind}.check.{case.evidence.get('fault')}") in words:
        of = fault
    return Listed(
        case=case,
        address=address_of(case, estate),
        since=local(case.start_ms),
        until=local(case.end_ms),
        title=words.say(f"alert.{case.kind}.title"),
        to_do=words.say(of if of in words else to_do),
    )


def zone_of(estate: Estate | None) -> ZoneInfo:
    """Return a building's time zone; UTC if there is no such building any more."""
    return ZoneInfo("UTC") if estate is None else estate.building.zone


def address_of(case: Case, estate: Estate | None) -> str:
    """Return the address of what an alert is about."""
    if estate is None:
        return ""
    number = estate.flat_index.get(case.flat)
    return estate.building.address if number is None else estate.flats[number].address


def meter_kind(case: Case, estate: Estate | None) -> str:
    """Return the kind of the meter that an alert is about; empty for none."""
    placements = estate.placements.get(case.device, ()) if estate else ()
    return placements[0].kind if placements else ""
