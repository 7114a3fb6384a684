"""From messages to readings to store and entries to quarantine. No clock, no store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ingest.decoders import Decoded, Reject, decoders
from ingest.decoders.model import shown
from ingest.reasons import Reason
from telemetry.plausibility import suspicion
from telemetry.readings import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.decoders import DecodeOptions, Decoder
    from ingest.sources import Source
    from ingest.validation import Rules

MOST_TOPICS = 65_536
"""Topics whose source is remembered; a flood of new ones costs time, not memory."""
NO_SOURCE = ""


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
    """One thing that no reading could be made of, with the message that it came in."""

    source: str
    message: Message
    reject: Reject


class Taken(NamedTuple):
    """What some messages hold."""

    readings: list[Reading]
    entries: list[Entry]


class Route(NamedTuple):
    """A source, made ready for its messages."""

    source: Source
    decode: Decoder
    options: DecodeOptions


@dataclass(frozen=True)
class Intake:
    """
    Decodes and judges messages.

    Attributes
    ----------
    sources : sequence of Source
        The first one whose filter takes a topic counts.
    rules : Rules
    """

    sources: Sequence[Source]
    rules: Rules
    _known: dict[str, Route | None] = field(default_factory=dict, compare=False, repr=False)

    def take(self, messages: Sequence[Message]) -> Taken:
        """Give the readings to store and the entries to quarantine, in the order of arrival."""
        taken = Taken([], [])
        for message in messages:
            route = self._route_of(message.topic)
            if route is None:
                taken.entries.append(Entry(NO_SOURCE, message, Reject(Reason.SOURCE_UNKNOWN)))
            else:
                self._take_one(message, route, taken)
        return taken

    def _take_one(self, message: Message, route: Route, taken: Taken) -> None:
        source = route.source
        found = decode_message(message, route.decode, route.options)
        for reject in found.rejects:
            taken.entries.append(Entry(source.topic_filter, message, reject))
        building, arrival_ms = source.building, message.arrival_ms
        for device, quantity, time_ms, value, quality in found.measurements:
            reason = self.rules.verdict(
                building, device, quantity, time_ms, value, arrival_ms, source.devices
            )
            if reason is None:
                judged = quality | suspicion(quantity, value)
                reading = Reading(building, device, quantity, time_ms, value, judged, arrival_ms)
                taken.readings.append(reading)
            else:
                reject = Reject(reason, f"{value!r}", device, quantity, time_ms)
                taken.entries.append(Entry(source.topic_filter, message, reject))

    def _route_of(self, topic: str) -> Route | None:
        if topic not in self._known:
            if len(self._known) >= MOST_TOPICS:
                self._known.clear()
            matching = (_route(source) for source in self.sources if source.matches(topic))
            self._known[topic] = next(matching, None)
        return self._known[topic]


def _route(source: Source) -> Route:
    return Route(source, decoders()[source.decoder], source.options)


def decode_message(message: Message, decode: Decoder, options: DecodeOptions) -> Decoded:
    """Decode one message; never raises, whatever it holds."""
    if message.payload_bytes > options.limits.payload_bytes:
        detail = f"{message.payload_bytes} bytes"
        return Decoded([], [Reject(Reason.PAYLOAD_TOO_LARGE, detail)])
    try:
        return decode(message.topic, message.payload, message.arrival_ms, options)
    except Exception as error:  # noqa: BLE001  one bad decoder must cost no other message
        return Decoded([], [Reject(Reason.DECODER_FAILED, shown(repr(error)))])
