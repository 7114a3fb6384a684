"""Converts messages to readings for the store and entries for quarantine. No clock, no store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from paho.mqtt.matcher import MQTTMatcher

from ingest.decoders import Decoded, Reject, decoders
from ingest.decoders.payload.outcomes import CONTRADICTS, Said, shown
from ingest.message import Entry, Message
from ingest.reasons import Reason
from ingest.validation.kinds import settle
from ingest.watch.complaints import bounded, keeps_each
from ingest.watch.statuses import DECODER, READINGS, Status, read_status, readings_topic
from telemetry.plausibility import suspicion
from telemetry.readings import Quality, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ingest.decoders import DecodeOptions, Decoder, Measurement
    from ingest.sources import Source
    from ingest.validation.validation import ReadingRules

MOST_TOPICS, LONGEST_REMEMBERED = 16_384, 512
"""Number of topics cached; a flood of new or long ones costs time, not memory."""
NO_SOURCE = ""
# Plain int: IntFlag is slow.
ARRIVAL_TIME = int(Quality.ARRIVAL_TIME)


class Remark(NamedTuple):
    """A status word or contradiction of a known device."""

    building: str
    said: Said
    arrival_ms: int


@dataclass(slots=True)
class Taken:
    """Contents of some messages."""

    readings: list[Reading]
    entries: list[Entry]
    statuses: list[Status]
    remarks: list[Remark] = field(default_factory=list)


class Route(NamedTuple):
    """
    A source prepared for the messages of a topic: readings, or statuses.

    Attributes
    ----------
    sender : str
        Who may write to the topic, as far as known: a gateway or known box by the name of
        its log-in, else the source as a whole.
    """

    source: Source
    decode: Decoder
    options: DecodeOptions
    sender: str
    status: bool = False


@dataclass(frozen=True)
class Intake:
    """
    Decodes and validates messages.

    Attributes
    ----------
    sources : sequence of Source
        The first one whose filter matches a topic counts.
    rules : ReadingRules
    """

    sources: Sequence[Source]
    rules: ReadingRules
    _known: dict[str, Route | None] = field(default_factory=dict, compare=False, repr=False)

    def take(self, messages: Sequence[Message]) -> Taken:
        """Return the readings to store and the entries to quarantine, in the order of arrival."""
        taken = Taken([], [], [])
        for message in messages:
            route = self._route_of(message.topic)
            if route is None:
                taken.entries.append(Entry(NO_SOURCE, message, Reject(Reason.SOURCE_UNKNOWN)))
            elif route.status:
                self._take_status(message, route, taken)
            else:
                self._take_one(message, route, taken)
        return taken

    def _take_one(self, message: Message, route: Route, taken: Taken) -> None:
        source, before = route.source, len(taken.readings)
        found = decode_message(message, route.decode, route.options)
        if message.retained:
            found, message = _with_own_times(found, message)
        rejects = list(found.rejects)
        building, arrival_ms = source.building, message.arrival_ms
        for measurement in found.measurements:
            device, quantity, time_ms, value, quality = measurement
            if self.rules.is_unagreed(building, device, quantity, time_ms):
                # Nor is it quarantined, since it would be kept there too.
                continue
            reason = self.rules.verdict(
                building, device, quantity, time_ms, value, arrival_ms, source.devices
            )
            if reason is None:
                judged = quality | suspicion(quantity, value)
                reading = Reading(building, device, quantity, time_ms, value, judged, arrival_ms)
                taken.readings.append(reading)
            elif reason is Reason.KIND_CONTRADICTED:
                rejects += self._settle_kind(measurement, found, message, source, taken)
            else:
                rejects.append(Reject(reason, f"{value!r}", device, quantity, time_ms))
        if rejects:
            read = len(taken.readings) > before
            taken.entries.extend(_entries(message, route, rejects, read=read))
        for said in found.said:
            self._remark(said, message, source, taken)

    def _settle_kind(
        self,
        measurement: Measurement,
        found: Decoded,
        message: Message,
        source: Source,
        taken: Taken,
    ) -> list[Reject]:
        """Take a measurement of another kind than the device's, as the source decides."""
        device, time_ms = measurement.device, measurement.time_ms
        kind = self.rules.kind(source.building, device, time_ms)
        settled = settle(measurement, kind, source.kind_counts_from(device), found.measurements)
        if settled.both:
            self._remark(Said(device, settled.both, CONTRADICTS), message, source, taken)
        if settled.measurement is None:
            quantity = measurement.quantity
            return [Reject(Reason.KIND_CONTRADICTED, settled.both, device, quantity, time_ms)]
        _, quantity, _, value, quality = settled.measurement
        judged = quality | suspicion(quantity, value)
        taken.readings.append(
            Reading(source.building, device, quantity, time_ms, value, judged, message.arrival_ms)
        )
        return []

    def _remark(self, said: Said, message: Message, source: Source, taken: Taken) -> None:
        """Record a device's status word, if the device is known."""
        building = source.building
        if self.rules.device_verdict(building, said.device, source.devices) is None:
            taken.remarks.append(Remark(building, said, message.arrival_ms))

    def _take_status(self, message: Message, route: Route, taken: Taken) -> None:
        source = route.source
        status = read_status(message, source.building)
        if isinstance(status, Status):
            device = status.device
            reason = self.rules.device_verdict(source.building, device, source.devices)
            if reason is None:
                taken.statuses.append(status)
                return
            status = Reject(reason, "", device)
        taken.entries.extend(_entries(message, route, [status], read=False))

    def _route_of(self, topic: str) -> Route | None:
        if topic in self._known:
            return self._known[topic]
        if len(self._known) >= MOST_TOPICS:
            self._known.clear()
        route = self._status_route(topic) or self._readings_route(topic)
        if len(topic) <= LONGEST_REMEMBERED:
            self._known[topic] = route
        return route

    def _readings_route(self, topic: str) -> Route | None:
        numbers = self._filters.iter_match(topic)  # type: ignore[no-untyped-call]
        number: int | None = min(numbers, default=None)
        if number is None:
            return None
        route = self._routes[number]
        return route._replace(sender=self._sender(route.source, topic))

    @cached_property
    def _filters(self) -> MQTTMatcher:
        """Number of the first source of each filter: thousands of sources are one look-up."""
        matcher = MQTTMatcher()  # type: ignore[no-untyped-call]
        for number, source in reversed(list(enumerate(self.sources))):
            matcher[source.topic_filter] = number
        return matcher

    @cached_property
    def _routes(self) -> tuple[Route, ...]:
        return tuple(
            Route(
                source,
                decoders()[source.decoder],
                replace(source.options, kinds=self.rules.kinds.get(source.building, {})),
                source.topic_filter,
            )
            for source in self.sources
        )

    def _sender(self, source: Source, topic: str) -> str:
        if source.gateway is not None:
            return source.gateway
        if source.decoder == DECODER:
            device = topic.removesuffix(READINGS).rpartition("/")[2]
            if (source.building, device) in self.rules.devices:
                return box_name(source.building, device)
        return source.topic_filter

    def _status_route(self, topic: str) -> Route | None:
        beside = readings_topic(topic)
        if beside is None:
            return None
        route = self._readings_route(beside)
        if route is None or route.source.decoder != DECODER:
            return None
        return route._replace(status=True)


def box_name(building: str, device: str) -> str:
    """Return the name of a box's log-in."""
    return f"{building}/{device}"


def _entries(
    message: Message, route: Route, rejects: Sequence[Reject], *, read: bool
) -> Iterator[Entry]:
    """Yield the quarantine entries of a message; `read` says whether any of it could be used."""
    each = keeps_each((reject.reason for reject in rejects), read)
    source = route.source.topic_filter
    for reject, times in bounded(rejects, route.options.limits.complaints):
        yield Entry(source, message, reject, route.sender, each, times)


def _with_own_times(found: Decoded, message: Message) -> tuple[Decoded, Message]:
    """
    Reject what a retained message would say of the time of its arrival.

    It is kept without its payload, so that decoding it again cannot make it a reading.
    """
    timed, rejects = [], list(found.rejects)
    for measurement in found.measurements:
        device, quantity, _, value, quality = measurement
        if quality & ARRIVAL_TIME:
            rejects.append(Reject(Reason.TIME_RETAINED, f"{value!r}", device, quantity))
        else:
            timed.append(measurement)
    if len(timed) < len(found.measurements):
        message = message._replace(payload=b"")
    return Decoded(timed, rejects, found.said), message


def decode_message(message: Message, decode: Decoder, options: DecodeOptions) -> Decoded:
    """Decode one message; never raises, whatever it contains."""
    if message.payload_bytes > options.limits.payload_bytes:
        detail = f"{message.payload_bytes} bytes"
        return Decoded([], [Reject(Reason.PAYLOAD_TOO_LARGE, detail)])
    try:
        return decode(message.topic, message.payload, message.arrival_ms, options)
    except Exception as error:  # noqa: BLE001  one bad decoder must cost no other message
        return Decoded([], [Reject(Reason.DECODER_FAILED, shown(repr(error)))])
