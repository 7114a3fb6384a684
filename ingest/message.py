"""A message as it arrived, and what no reading could be made of in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ingest.decoders import Reject

if TYPE_CHECKING:
    pass


class Message(NamedTuple):
    """
    One MQTT message as it arrived.

    Attributes
    ----------
    payload : bytes
        Cut where it is too large to be decoded.
    payload_bytes : int
        Length before it was cut. [byte]
    arrival_ms : int
        [ms since 1970, UTC]
    """

    topic: str
    payload: bytes
    payload_bytes: int
    arrival_ms: int


class Entry(NamedTuple):
    """
    One thing that no reading could be made of, with the message that it came in.

    Attributes
    ----------
    source : str
        Topic filter of the source that took the message, empty where none did.
    sender : str
        In whose share of the quarantine it lies.
    each : bool
        Whether each such message is kept; else only the latest.
    times : int
        How many things it stands for.
    """

    source: str
    message: Message
    reject: Reject
    sender: str = ""
    each: bool = True
    times: int = 1
