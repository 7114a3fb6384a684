"""Who it is: which levels of a topic, or which field of a payload, name the device."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ingest.decoders.clocks import values_at
from ingest.decoders.model import Refused, shown
from ingest.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.decoders.model import DecodeOptions

DEVICE, QUANTITY = "{device}", "{quantity}"
LONGEST_PATTERN = 1024
LONGEST_NAME = 256
JOINT = "/"
"""Between the parts of a device's name that stand on several levels."""


@dataclass(frozen=True)
class TopicPattern:
    """
    A pattern for the end of a topic, or for all of it.

    Attributes
    ----------
    pattern : str
        Levels: ``{device}``, ``{quantity}``, ``+`` for any one, or a text that is just so. It may
        begin anywhere in the topic and goes to its end. Several levels ``{device}`` together name
        the device, joined by ``/``.

    Examples
    --------
    >>> TopicPattern("{device}/sensor/{quantity}/state").find("home/box-1/sensor/co2/state")
    ('box-1', 'co2')
    >>> TopicPattern("devices/{device}/{device}/{quantity}").find("devices/TH/1/humidity")
    ('TH/1', 'humidity')
    """

    pattern: str

    def __post_init__(self) -> None:
        """Refuse a pattern that finds no device, or the same one in topics of several."""
        levels = self.pattern.split("/")
        if DEVICE not in levels or levels.count(QUANTITY) > 1:
            raise ValueError(f"a topic pattern has the level {DEVICE}, and {QUANTITY} at most once")
        before = levels[: levels.index(DEVICE)]
        if before[-1:] == ["+"] and set(before) != {"+"}:
            raise ValueError(
                f"+ before {DEVICE}: devices that differ there would be one; write {DEVICE} for"
                f" that level too, and their names are joined by {JOINT}"
            )
        plain = {level for level in levels if level not in {DEVICE, QUANTITY, "+"}}
        if any(set(level) & set("{}+#\0") for level in plain):
            raise ValueError(f"a level is {DEVICE}, {QUANTITY}, + or a text without {{ }} + #")
        if len(self.pattern) > LONGEST_PATTERN:
            raise ValueError(f"a topic pattern has at most {LONGEST_PATTERN} characters")

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        known = {QUANTITY: "(?P<quantity>[^/]+)", "+": "[^/]+"}
        levels = [
            f"(?P<device_{number}>[^/]+)" if level == DEVICE else known.get(level, re.escape(level))
            for number, level in enumerate(self.pattern.split("/"))
        ]
        return re.compile("(?:.*/)?" + "/".join(levels), re.DOTALL)

    def fits(self, topic: str) -> bool:
        """Tell whether a topic has these levels at its end."""
        return self._expression.fullmatch(topic) is not None

    def find(self, topic: str) -> tuple[str, str | None]:
        """
        Give the device that a topic names, and the quantity where the pattern has one.

        Raises
        ------
        Refused
            If the topic does not fit.
        """
        fit = self._expression.fullmatch(topic)
        if fit is None:
            raise Refused(Reason.TOPIC_UNEXPECTED, f"expected .../{self.pattern}")
        found = fit.groupdict()
        quantity = found.pop("quantity", None)
        return JOINT.join(found.values()), quantity


def own_device(topic: str, options: DecodeOptions, of_topic: Callable[[str], str]) -> str:
    """
    Give the device that a topic names: by the source's pattern, else as the format does.

    Raises
    ------
    Refused
    """
    return of_topic(topic) if options.topic is None else options.topic.find(topic)[0]


def device_of(document: object, options: DecodeOptions, otherwise: str) -> str:
    """
    Give the id of a payload's device: by the source's field, else another name; then its aliases.

    Raises
    ------
    Refused
    """
    field = options.device_field
    return known_as(otherwise if field is None else device_in(document, field), options)


def known_as(name: str, options: DecodeOptions) -> str:
    """
    Give the id of the device that the network calls so.

    Raises
    ------
    Refused
        If that is the id of another one, which has it by the source's aliases.
    """
    device = options.aliases.get(name)
    if device is not None:
        return device
    if name in options.ids_of_aliases:
        raise Refused(Reason.DEVICE_AMBIGUOUS, f"{shown(name)} is the id of one with an alias")
    return name


def device_in(document: object, field: str) -> str:
    """
    Give the device that a field of a payload names; a number is taken as it is written.

    Raises
    ------
    Refused
        If it is not there, or no name.
    """
    named = next(values_at(document, field), None)
    if named is None or named == "":
        raise Refused(Reason.DEVICE_MISSING, field)
    return device_name(named)


def device_name(named: object) -> str:
    """
    Give a name from a payload, whole: cut off, two names could become one.

    Raises
    ------
    Refused
        If it is no name.
    """
    if isinstance(named, bool) or not isinstance(named, str | int):
        raise Refused(Reason.DEVICE_MISSING, shown(named))
    name = str(named)
    if len(name) > LONGEST_NAME:
        raise Refused(Reason.DEVICE_ID_INVALID, shown(named))
    return name if name.isprintable() else ascii(name)[1:-1]


def device_before(topic: str, last: frozenset[str]) -> str:
    """
    Give the last level of a topic, or the one before it where the last is one of some words.

    Raises
    ------
    Refused
        If there is no such level, or none before it.
    """
    head, _, device = topic.rpartition("/")
    if device in last:
        head, _, device = head.rpartition("/")
    if not head or not device:
        raise Refused(Reason.TOPIC_UNEXPECTED, "expected .../{device}")
    return device
