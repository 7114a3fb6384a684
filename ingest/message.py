"""A message as received, and quarantine entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ingest.decoders import Reject

if TYPE_CHECKING:
    pass


class Message(NamedTuple):
    """
    One MQTT message as received.

    Attributes
    ----------
    payload : bytes
        Truncated if it is too large to decode.
    payload_bytes : int
        Length before truncation. [byte]
    arrival_ms : int
        [ms since 1970, UTC]
    retained : bool
        Whether the broker had retained it: it was published at an unknown time before.
    """

    topic: str
    payload: bytes
    payload_bytes: int
    arrival_ms: int
    retained: bool = False


class Entry(NamedTuple):
    """
    Something that could not become a reading, with its message.

    Attributes
    ----------
    source : str
        Topic filter of the message's source, empty if there is none.
    sender : str
        Sender whose share of the quarantine it counts towards.
    each : bool
        Whether every such message is kept, rather than only the latest.
    times : int
        Number of items that it represents.
    """

    source: str
    message: Message
    reject: Reject
    sender: str = ""
    each: bool = True
    times: int = 1
