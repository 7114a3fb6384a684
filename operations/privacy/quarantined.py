"""Quarantined messages from a home's devices: disclosed on request, erased like readings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from ingest.limits import limits
from ingest.quarantine.refused import FROM_STORE, refused_reading
from ingest.quarantine.store import Quarantine, Selection
from operations.privacy.held import device_spans

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import Engine

    from estate.model import Estate
    from ingest.quarantine.store import KeptMessage
    from operations.settings import Settings
    from operations.visitors.roles import Home

CLIMATE = ("climate",)


class Unread(NamedTuple):
    """
    What was erased from a home's quarantined messages.

    Attributes
    ----------
    forgotten : int
    shared : int
        Messages that stay, since they also name somebody else's devices.
    """

    forgotten: int
    shared: int


def quarantine_days() -> int:
    """Return how long a message stays in quarantine at most. [d]"""
    return limits().quarantine_days


def quarantined_of(
    settings: Settings, engine: Engine, estate: Estate, home: Home
) -> list[dict[str, Any]]:
    """Return the messages that a home's devices sent on the person's days, as JSON takes them."""
    return [
        {
            "topic": each.message.topic,
            "arrived": datetime.fromtimestamp(each.message.arrival_ms / 1000, UTC).isoformat(),
            "payload": each.message.payload.decode("utf-8", "replace"),
        }
        for each in _of_home(settings, engine, estate, home)
    ]


def forget_quarantined(settings: Settings, engine: Engine, estate: Estate, home: Home) -> Unread:
    """Erase the messages of a home's climate boxes on the person's days."""
    quarantine = Quarantine(engine)
    own = {device for device, *_ in device_spans(estate, home)}
    gone, shared = [], 0
    for each in _of_home(settings, engine, estate, home, CLIMATE):
        if quarantine.devices_of(each.digest) <= own:
            gone.append(each.digest)
        else:
            shared += 1
    quarantine.replace(gone, [])
    return Unread(len(gone), shared)


def _of_home(
    settings: Settings, engine: Engine, estate: Estate, home: Home, kinds: Collection[str] = ()
) -> Iterator[KeptMessage]:
    quarantine, told = Quarantine(engine), set()
    # Device ids are unique only within a building: another may have a box of the same name.
    others = {each.topic_filter for each in settings.sources if each.building != estate.building.id}
    for device, start_ms, end_ms in device_spans(estate, home, kinds):
        for some in quarantine.messages(Selection(device=device)):
            for each in some:
                inside = start_ms <= each.message.arrival_ms < end_ms
                elsewhere = each.source in others or _is_refused_of_another(each, estate)
                if inside and not elsewhere and each.digest not in told:
                    told.add(each.digest)
                    yield each


def _is_refused_of_another(kept: KeptMessage, estate: Estate) -> bool:
    if kept.source != FROM_STORE:
        return False
    return refused_reading(kept.message).building != estate.building.id
