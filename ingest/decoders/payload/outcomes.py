"""Output of decoders: measurements, rejects, and devices' status words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ingest.reasons import Reason


SHOWN_CHARACTERS = 80


CONTRADICTS = "contradicts"
"""Meaning of a word that contradicts the device's kind in devices.csv."""


class Measurement(NamedTuple):
    """
    One value as the device reports it: not yet assigned to a building or validated.

    Attributes
    ----------
    device, quantity : str
        The quantity is a known one, and the value in its unit.
    time_ms : int
        Device time. [ms since 1970, UTC]
    value : float
        Finite.
    quality : int
        Bits of `telemetry.readings.Quality`.
    """

    device: str
    quantity: str
    time_ms: int
    value: float
    quality: int


class Reject(NamedTuple):
    """What cannot become a reading, and why; device, quantity and time if known."""

    reason: Reason
    detail: str = ""
    device: str | None = None
    quantity: str | None = None
    time_ms: int | None = None


class Said(NamedTuple):
    """
    A status word that a device reports.

    Attributes
    ----------
    device, word : str
    meaning : str
        What it means for the values beside it: a `Meaning` of
        `ingest.decoders.payload.status_words`, or `CONTRADICTS`.
    driver : str
        The format that the word belongs to: makes use the same word for different things.
    """

    device: str
    word: str
    meaning: str
    driver: str = ""


@dataclass(slots=True)
class Decoded:
    """
    The result of decoding one message: at least one measurement or reject.

    Attributes
    ----------
    measurements : list of Measurement
    rejects : list of Reject
    said : list of Said
        Status words, except those of healthy devices.
    """

    measurements: list[Measurement]
    rejects: list[Reject]
    said: list[Said] = field(default_factory=list)


class Refused(Exception):
    """Ends the decoding of a message, or of one of its records, with a reason."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(reason, detail)


def shown(value: object) -> str:
    """Return an untrusted value as a short text that is safe to store and print."""
    text = repr(value) if not isinstance(value, str) else value
    clipped = text[:SHOWN_CHARACTERS] + ("…" if len(text) > SHOWN_CHARACTERS else "")
    # Lone surrogates cannot be encoded, and PostgreSQL does not accept NUL.
    return ascii(clipped)[1:-1] if not clipped.isprintable() else clipped
