"""Sources: topics, their decoder, and the building and devices that they report."""

from __future__ import annotations

# Needed at run time by pydantic.
from collections.abc import Mapping
from functools import cache
from itertools import takewhile
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from paho.mqtt.matcher import MQTTMatcher
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from estate.model import Id
from ingest.decoders import DecodeOptions, decoders
from ingest.decoders.key_map import read_key_map
from ingest.decoders.payload.topic_pattern import TopicPattern
from ingest.validation.kinds import KindFrom
from ingest.watch.statuses import DECODER, status_filter

LONGEST_TOPIC = 65_535
StatusMeaning = Literal["harmless", "suspect", "unusable"]
# Decoders that use an option; setting one that has no effect is a mistake.
OPTIONS = {
    "keys": frozenset(
        {"wmbusmeters", "ttn", "chirpstack", "zigbee2mqtt", "tasmota", "json", "value", "senml"}
    ),
    "device_field": frozenset(decoders()) - {"value"},
}
NAMES_OF_LEVELS = "zigbee2mqtt"
"""The decoder whose devices' names may have levels."""
LONGEST_FIELD = 256
MOST_ALIASES = 10_000


def _valid_filter(topic_filter: str) -> str:
    levels = topic_filter.split("/")
    lone = all(level in {"+", "#"} or not {"+", "#"} & set(level) for level in levels)
    if not lone or "#" in levels[:-1] or "\0" in topic_filter:
        raise ValueError("a wildcard stands alone on its level, and # on the last one")
    return topic_filter


@cache
def _matcher(topic_filter: str) -> MQTTMatcher:
    # Compiled once: paho compiles one per query.
    matcher = MQTTMatcher()  # type: ignore[no-untyped-call]
    matcher[topic_filter] = True
    return matcher


def _known_decoder(name: str) -> str:
    if name not in decoders():
        raise ValueError(f"no such decoder; choose one of {', '.join(sorted(decoders()))}")
    return name


def _checked_keys(keys: Mapping[str, str]) -> Mapping[str, str]:
    read_key_map(keys)
    return keys


def _checked_pattern(pattern: str) -> str:
    TopicPattern(pattern)
    return pattern


def _checked_aliases(aliases: Mapping[str, str]) -> Mapping[str, str]:
    names: dict[str, str] = {}
    for name, device in aliases.items():
        if device in names:
            raise ValueError(
                f"{names[device]} and {name} are both {device}: a device may have only one alias"
            )
        names[device] = name
    return aliases


def known_zone(name: str) -> str:
    """Return the name of a time zone; ValueError, with the remedy, if there is no such zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("no such time zone; write it as Europe/Copenhagen") from error
    return name


class Source(BaseModel):
    """
    A topic filter and how to decode its messages.

    The building is set here and never taken from a payload: each gateway has a topic prefix of its
    own, to which the broker's access list restricts it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic_filter: Annotated[
        str, Field(min_length=1, max_length=LONGEST_TOPIC), AfterValidator(_valid_filter)
    ]
    decoder: Annotated[str, AfterValidator(_known_decoder)]
    building: Id
    devices: frozenset[Id] | None = Field(
        default=None, description="devices it may report; default: all of the building's"
    )
    gateway: Id | None = Field(default=None, description="the only gateway that may write here")
    timezone: Annotated[str, AfterValidator(known_zone)] | None = Field(
        default=None,
        description="time zone of times without an offset; if unset they are quarantined",
    )

    keys: Annotated[Mapping[str, str], AfterValidator(_checked_keys)] = Field(
        default_factory=dict, description="meaning of names in its payloads; see docs/decoders.md"
    )
    topic_pattern: Annotated[str, AfterValidator(_checked_pattern)] | None = Field(
        default=None, description="which levels of the topic name the device and the quantity"
    )
    statuses: Mapping[str, StatusMeaning | Mapping[str, StatusMeaning]] = Field(
        default_factory=dict, description="meaning of status words, for all devices or one"
    )
    kind_from: KindFrom | Mapping[Id, KindFrom] | None = Field(
        default=None, description="which counts where message and devices.csv contradict each other"
    )
    device_field: Annotated[str, Field(min_length=1, max_length=LONGEST_FIELD)] | None = Field(
        default=None, description="payload field that names the device; overrides the topic"
    )
    aliases: Annotated[
        Mapping[str, Id], Field(max_length=MOST_ALIASES), AfterValidator(_checked_aliases)
    ] = Field(default_factory=dict, description="device ids by their names in the network")

    @model_validator(mode="after")
    def _decoder_knows_the_options(self) -> Self:
        unknown = [
            name
            for name, fitting in OPTIONS.items()
            if getattr(self, name) and self.decoder not in fitting
        ]
        if unknown:
            raise ValueError(f"decoder {self.decoder} has no {' and no '.join(unknown)}")
        return self

    @property
    def options(self) -> DecodeOptions:
        """Options of the decoder."""
        return DecodeOptions(
            zone=ZoneInfo(self.timezone) if self.timezone else None,
            keys=read_key_map(self.keys),
            topic=TopicPattern(self.topic_pattern) if self.topic_pattern else None,
            statuses=self.statuses,
            device_field=self.device_field,
            aliases=self.aliases,
            base=self._base if self.decoder == NAMES_OF_LEVELS else None,
        )

    def kind_counts_from(self, device: str) -> KindFrom | None:
        """Return which side counts if a device's messages contradict devices.csv."""
        said = self.kind_from
        return said.get(device) if isinstance(said, Mapping) else said

    @property
    def _base(self) -> str | None:
        """Return the topic above the first wildcard of the filter."""
        levels = self.topic_filter.split("/")
        known = list(takewhile(lambda level: level not in {"+", "#"}, levels))
        return "/".join(known) if known and len(known) < len(levels) else None

    @property
    def status_filter(self) -> str | None:
        """Filter of its devices' status topics, None if the format has none."""
        return status_filter(self.topic_filter) if self.decoder == DECODER else None

    def matches(self, topic: str) -> bool:
        """Whether a topic matches the filter."""
        return any(_matcher(self.topic_filter).iter_match(topic))  # type: ignore[no-untyped-call]


def filters_overlap(one: str, other: str) -> bool:
    """Return whether some topic matches both filters."""
    first, second = one.split("/"), other.split("/")
    for left, right in zip(first, second, strict=False):
        if "#" in (left, right):
            return True
        if left != right and "+" not in (left, right):
            return False
    longer = max(first, second, key=len)[min(len(first), len(second)) :]
    # A filter that ends in /# also matches the level above it.
    return longer in ([], ["#"])
