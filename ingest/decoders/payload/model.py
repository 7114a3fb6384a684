"""Interface of decoders, which are pure functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from ingest.decoders.payload.outcomes import (
    Decoded,
)
from ingest.limits import Limits, limits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from estate.model import DeviceKind
    from ingest.decoders.payload.names import KeyMap
    from ingest.decoders.payload.topic_pattern import TopicPattern

    Statuses = Mapping[str, "str | Mapping[str, str]"]


@dataclass(frozen=True)
class DecodeOptions:
    """
    Options of a decoder.

    Attributes
    ----------
    zone : ZoneInfo, optional
        Time zone of times without an offset; if None they are rejected.
    limits : Limits
        Bounds on one message.
    keys : KeyMap
        Meaning of names in the payload; see `ingest.decoders.key_map`.
    topic : TopicPattern, optional
        Which levels of a topic name the device and the quantity.
    statuses : Statuses
        Meaning of status words of this source; see `ingest.decoders.payload.status_words`.
    kinds : mapping of str to str
        Kinds of the building's devices, by device id, where known.
    device_field : str, optional
        Which field of a payload names the device; levels are joined by a point.
    aliases : mapping of str to str
        Ids of devices by their names in the network.
    base : str, optional
        The topic above the devices' names, if the source defines it.
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
        """Ids that aliases map to."""
        return frozenset(self.aliases.values())


class Decoder(Protocol):
    """Converts one message to measurements; never raises, whatever the bytes are."""

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
            Time of arrival; used as device time only if the format has none. [ms]
        options : DecodeOptions
        """
        ...
