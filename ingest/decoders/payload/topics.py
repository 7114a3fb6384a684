"""Identifies the device: by levels of the topic, or a field of the payload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.decoders.payload.clocks import values_at
from ingest.decoders.payload.outcomes import Refused, shown
from ingest.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.decoders.payload.model import DecodeOptions

LONGEST_NAME = 256


def own_device(topic: str, options: DecodeOptions, of_topic: Callable[[str], str]) -> str:
    """
    Return the device that a topic names: by the source's pattern, else by the format.

    Raises
    ------
    Refused
    """
    return of_topic(topic) if options.topic is None else options.topic.find(topic)[0]


def device_of(document: object, options: DecodeOptions, otherwise: str) -> str:
    """
    Return the id of a payload's device: by the source's field, else the given name; then aliases.

    Raises
    ------
    Refused
    """
    field = options.device_field
    return known_as(otherwise if field is None else device_in(document, field), options)


def known_as(name: str, options: DecodeOptions) -> str:
    """
    Return the id of the device with this name in the network.

    Raises
    ------
    Refused
        If that is the id of another device by the source's aliases.
    """
    device = options.aliases.get(name)
    if device is not None:
        return device
    if name in options.ids_of_aliases:
        raise Refused(Reason.DEVICE_AMBIGUOUS, f"{shown(name)} is the id of a device with an alias")
    return name


def device_in(document: object, field: str) -> str:
    """
    Return the device that a field of a payload names; a number is used as written.

    Raises
    ------
    Refused
        If it is missing, not a name, or the entries of a list name different ones.
    """
    named = [each for each in values_at(document, field) if each != ""]
    if not named:
        raise Refused(Reason.DEVICE_MISSING, field)
    if any(each != named[0] for each in named):
        raise Refused(Reason.DEVICE_MISSING, f"{field} is {' and '.join(map(shown, named[:2]))}")
    return device_name(named[0])


def device_name(named: object) -> str:
    """
    Return a name from a payload, never truncated: two names could become one.

    Raises
    ------
    Refused
        If it is not a name.
    """
    if isinstance(named, bool) or not isinstance(named, str | int):
        raise Refused(Reason.DEVICE_MISSING, shown(named))
    name = str(named)
    if len(name) > LONGEST_NAME:
        raise Refused(Reason.DEVICE_ID_INVALID, shown(named))
    return name if name.isprintable() else ascii(name)[1:-1]


def device_before(topic: str, last: frozenset[str]) -> str:
    """
    Return the last level of a topic that is not one of some words.

    Raises
    ------
    Refused
        If there is no such level.
    """
    *head, device = topic.split("/")
    while head and device in last:
        *head, device = head
    if not device or device in last or "/" not in topic or head == [""]:
        raise Refused(Reason.TOPIC_UNEXPECTED, "expected .../{device}")
    return device
