"""Topics: which of their levels name the device and the quantity."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from ingest.decoders.model import Refused
from ingest.reasons import Reason

DEVICE, QUANTITY = "{device}", "{quantity}"
LONGEST_PATTERN = 1024


@dataclass(frozen=True)
class TopicPattern:
    """
    A pattern for the end of a topic, or for all of it.

    Attributes
    ----------
    pattern : str
        Levels: ``{device}``, ``{quantity}``, ``+`` for any one, or a text that is just so. It may
        begin anywhere in the topic and goes to its end.

    Examples
    --------
    >>> TopicPattern("{device}/sensor/{quantity}/state").find("home/box-1/sensor/co2/state")
    ('box-1', 'co2')
    """

    pattern: str

    def __post_init__(self) -> None:
        """Refuse a pattern that finds no device."""
        levels = self.pattern.split("/")
        if levels.count(DEVICE) != 1 or levels.count(QUANTITY) > 1:
            raise ValueError(f"a topic pattern has the level {DEVICE} once and {QUANTITY} at most")
        plain = {level for level in levels if level not in {DEVICE, QUANTITY, "+"}}
        if any(set(level) & set("{}+#\0") for level in plain):
            raise ValueError(f"a level is {DEVICE}, {QUANTITY}, + or a text without {{ }} + #")
        if len(self.pattern) > LONGEST_PATTERN:
            raise ValueError(f"a topic pattern has at most {LONGEST_PATTERN} characters")

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        known = {DEVICE: "(?P<device>[^/]+)", QUANTITY: "(?P<quantity>[^/]+)", "+": "[^/]+"}
        levels = [known.get(level, re.escape(level)) for level in self.pattern.split("/")]
        return re.compile("(?:.*/)?" + "/".join(levels), re.DOTALL)

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
        return fit["device"], fit.groupdict().get("quantity")


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
