"""Converts readings rejected by the store to quarantine entries and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ingest.decoders import Reject
from ingest.intake import box_name
from ingest.message import Entry, Message
from ingest.reasons import Reason
from telemetry.readings import Reading

if TYPE_CHECKING:
    from telemetry.readings import Rejected

FROM_STORE = "store"
"""Source of entries rejected by the store."""


def refused_entry(rejected: Rejected) -> Entry:
    """Return the entry of a rejected reading; its message is the reading itself."""
    reading = rejected.reading
    reject = Reject(
        Reason.STORE_REFUSED, rejected.reason, reading.device, reading.quantity, reading.time_ms
    )
    payload = json.dumps(reading._asdict()).encode()
    message = Message("", payload, len(payload), reading.arrival_ms)
    return Entry(FROM_STORE, message, reject, box_name(reading.building, reading.device))


def refused_reading(message: Message) -> Reading:
    """Return the reading from such an entry's message."""
    return Reading(**json.loads(message.payload))
