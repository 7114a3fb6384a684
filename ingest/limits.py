"""Bounds on the cost of one message, from ``limits.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from estate.numbers.values import load_values


@dataclass(frozen=True)
class Limits:
    """
    Bounds on one message.

    Attributes
    ----------
    packet_bytes : int
        Largest packet that is accepted from the broker. [byte]
    payload_bytes : int
        Largest payload that is decoded. [byte]
    kept_bytes : int
        Stored size of a quarantined payload that is too large to decode. [byte]
    quarantine_days, quarantine_bytes : int
        Retention and size of the quarantine. [days], [byte]
    complaints : int
        Distinct complaints about one message that are kept one by one.
    depth, fields, text, readings : int
        Deepest nesting, most fields and list entries, longest text [characters], most readings.
    unknown_names : int
        Unknown names of one object that are reported one by one.
    earliest_ms : int
        Of several times in one message, one before this is from a clock that was never set.
        [ms since 1970, UTC]
    words_per_device : int
        Status words kept per device.
    word_rest_hours : float
        A word that a device repeats after a longer silence counts as new. [h]
    receive_maximum : int
        Most unacknowledged messages, unless the settings say otherwise.
    ahead_ms : int
        How far a device's time may be ahead of now. [ms]
    """

    packet_bytes: int
    payload_bytes: int
    kept_bytes: int
    quarantine_days: int
    quarantine_bytes: int
    complaints: int
    depth: int
    fields: int
    text: int
    readings: int
    unknown_names: int
    earliest_ms: int
    words_per_device: int
    word_rest_hours: float
    receive_maximum: int
    ahead_ms: int


@cache
def limits() -> Limits:
    """Return the table of bounds."""
    return load_values(Limits, "ingest", "limits.yaml")
