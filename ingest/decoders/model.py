"""What goes into a decoder and what comes out. Decoders are pure functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ingest.limits import Limits, limits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from estate.model import DeviceKind
    from ingest.decoders.key_map import KeyMap
    from ingest.decoders.status_words import Statuses
    from ingest.decoders.topics import TopicPattern
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
        What it means for the values beside it: one of `ingest.decoders.status_words.Meaning`, or
        `CONTRADICTS`.
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


@dataclass(frozen=True)
class DecodeOptions:
    """
    What a decoder is told beside the message.

    Attributes
    ----------
    zone : ZoneInfo, optional
        Time zone of times without an offset; without it they are rejected.
    limits : Limits
        Bounds on one message.
    keys : KeyMap
        What names in the payload mean; see `ingest.decoders.key_map`.
    topic : TopicPattern, optional
        Which levels of a topic name the device and the quantity.
    statuses : Statuses
        What status words mean here; see `ingest.decoders.status_words`.
    kinds : mapping of str to str
        What the building's devices are, by device id, where that is known.
    device_field : str, optional
        Which field of a payload names the device; levels are joined by a point.
    aliases : mapping of str to str
        Ids of devices by the names that the network calls them.
    base : str, optional
        The topic above the devices' names, where the source says it.
    """

    zone: ZoneInfo | None = None
    limits: Limits = field(default_factory=limits)
    keys: KeyMap = field(default_factory=dict)
    topic: TopicPattern | None = None
    statuses: Statuses = field(default_factory=dict)
    kinds: Mapping[str, DeviceKind] = field(default_factory=dict)
    device_field: str | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    base: str | None = None

    @cached_property
    def ids_of_aliases(self) -> frozenset[str]:
        """Ids that devices of other names have here."""
        return frozenset(self.aliases.values())


class Decoder(Protocol):
    """Turns one message into measurements; never raises, whatever the bytes are."""

    def __call__(
        self, topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions
    ) -> Decoded:
        """
        Decode one message.

        Parameters
        ----------
        topic : str
        payload : bytes
        arrival_ms : int
            When it arrived; stands in for the device time only where the format has none. [ms]
        options : DecodeOptions
        """
        ...


class Refused(Exception):
    """Ends the decoding of a message, or of one record of it, with a reason."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(reason, detail)


def shown(value: object) -> str:
    """Give a value from outside as a short text that is safe to keep and to print."""
    text = repr(value) if not isinstance(value, str) else value
    clipped = text[:SHOWN_CHARACTERS] + ("…" if len(text) > SHOWN_CHARACTERS else "")
    # Lone surrogates can not be encoded, and PostgreSQL takes no NUL.
    return ascii(clipped)[1:-1] if not clipped.isprintable() else clipped
