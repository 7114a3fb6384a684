"""Which levels of a topic name the device and the quantity."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ingest.decoders.payload.outcomes import Refused
from ingest.reasons import Reason

if TYPE_CHECKING:
    pass


DEVICE, QUANTITY = "{device}", "{quantity}"


LONGEST_PATTERN = 1024


JOINT = "/"
"""Joins the parts of a device's name that spans several levels."""


@dataclass(frozen=True)
class TopicPattern:
    """
    A pattern for the end of a topic, or for all of it.

    Attributes
    ----------
    pattern : str
        Levels: ``{device}``, ``{quantity}``, ``+`` for any one, or a literal text. It may
        begin anywhere in the topic and extends to its end. Several ``{device}`` levels together
        name the device, joined by ``/``.

    Examples
    --------
    >>> TopicPattern("{device}/sensor/{quantity}/state").find("home/box-1/sensor/co2/state")
    ('box-1', 'co2')
    >>> TopicPattern("devices/{device}/{device}/{quantity}").find("devices/TH/1/humidity")
    ('TH/1', 'humidity')
    """

    pattern: str

    def __post_init__(self) -> None:
        """Reject a pattern that finds no device, or merges several devices into one."""
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
        """Return whether a topic ends in these levels."""
        return self._expression.fullmatch(topic) is not None

    def find(self, topic: str) -> tuple[str, str | None]:
        """
        Return the device that a topic names, and the quantity if the pattern has one.

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
