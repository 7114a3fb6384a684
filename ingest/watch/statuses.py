"""
Online status of devices: the retained ``.../status`` next to ``.../readings``.

A box publishes ``online`` when it connects, and sets ``offline`` as its last will. The broker
retains the last one and sends it at every subscription, so nothing is stored here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ingest.decoders import Reject
from ingest.decoders.payload.outcomes import shown
from ingest.reasons import Reason

if TYPE_CHECKING:
    from ingest.message import Message

DECODER = "fairvarme"
READINGS, STATUS = "/readings", "/status"
ONLINE, OFFLINE = b"online", b"offline"


class Status(NamedTuple):
    """Status of a device; None if its retained message was cleared."""

    building: str
    device: str
    online: bool | None


def status_filter(topic_filter: str) -> str | None:
    """Return the status filter for a readings filter, None if there is none."""
    if not topic_filter.endswith(READINGS):
        return None
    return topic_filter.removesuffix(READINGS) + STATUS


def readings_topic(topic: str) -> str | None:
    """Return the readings topic for a status topic, None for any other topic."""
    return topic.removesuffix(STATUS) + READINGS if topic.endswith(STATUS) else None


def read_status(message: Message, building: str) -> Status | Reject:
    """Parse a status; its device is the last level but one of the topic."""
    device = message.topic.removesuffix(STATUS).rpartition("/")[2]
    said = {ONLINE: True, OFFLINE: False, b"": None}
    if message.payload not in said:
        return Reject(Reason.PAYLOAD_WRONG_SHAPE, shown(message.payload), device)
    return Status(building, device, said[message.payload])
