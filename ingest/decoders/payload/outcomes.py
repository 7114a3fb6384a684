"""What comes out of a decoder: measurements, rejects, and what devices say of themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ingest.reasons import Reason


SHOWN_CHARACTERS = 80


CONTRADICTS = "contradicts"
"""The meaning of a word that says what a device is, and not what devices.csv says."""


class Measurement(NamedTuple):
    """
    One value as the device says it: of no building yet, and not validated.

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
    """What no reading can be made of, and why; device, quantity and time where they are known."""

    reason: Reason
    detail: str = ""
    device: str | None = None
    quantity: str | None = None
    time_ms: int | None = None


class Said(NamedTuple):
    """
    A word that a device says of itself.

    Attributes
    ----------
    device, word : str
    meaning : str
        What it means for the values beside it: a `Meaning` of
        `ingest.decoders.payload.status_words`, or `CONTRADICTS`.
    """

    device: str
    word: str
    meaning: str


@dataclass(slots=True)
class Decoded:
    """
    Everything that one message holds: it yields at least one measurement or reject.

    Attributes
    ----------
    measurements : list of Measurement
    rejects : list of Reject
    said : list of Said
        What devices say of themselves, unless they are well.
    """

    measurements: list[Measurement]
    rejects: list[Reject]
    said: list[Said] = field(default_factory=list)


class Refused(Exception):
    """Ends the decoding of a message, or of one record of it, with a reason."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(reason, detail)


def shown(value: object) -> str:
    """Return a value from outside as a short text that is safe to keep and to print."""
    text = repr(value) if not isinstance(value, str) else value
    clipped = text[:SHOWN_CHARACTERS] + ("…" if len(text) > SHOWN_CHARACTERS else "")
    # Lone surrogates can not be encoded, and PostgreSQL takes no NUL.
    return ascii(clipped)[1:-1] if not clipped.isprintable() else clipped
