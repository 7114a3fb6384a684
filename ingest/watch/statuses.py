"""
Whether a device says that it is online: the retained ``.../status`` beside ``.../readings``.

A box says ``online`` when it connects, and leaves ``offline`` as its last will. The broker keeps
the last word and says it again at every subscription, so that nothing is stored here.
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
    """What a device has said of itself; None where its last word was taken back."""

    building: str
    device: str
    online: bool | None


def status_filter(topic_filter: str) -> str | None:
    """Return the filter of the statuses beside a filter of readings, None where it has none."""
    if not topic_filter.endswith(READINGS):
        return None
    return topic_filter.removesuffix(READINGS) + STATUS


def readings_topic(topic: str) -> str | None:
    """Return the topic of the readings beside a status, None for any other topic."""
    return topic.removesuffix(STATUS) + READINGS if topic.endswith(STATUS) else None


def read_status(message: Message, building: str) -> Status | Reject:
    """Read a status; its device is the last level but one of the topic."""
    device = message.topic.removesuffix(STATUS).rpartition("/")[2]
    said = {ONLINE: True, OFFLINE: False, b"": None}
    if message.payload not in said:
        return Reject(Reason.PAYLOAD_WRONG_SHAPE, shown(message.payload), device)
    return Status(building, device, said[message.payload])
