"""
Clients of the broker: their names, and the topics they may write and read.

A device is named ``{building}/{device}``, which is unique; a gateway by its name in
the sources. The name is the MQTT user name, and a certificate's common name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import quote

from estate.errors import UsageError
from ingest.watch.statuses import DECODER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from estate.model import Estate
    from ingest.sources import Source
    from operations.settings import Settings

Kind = Literal["device", "gateway", "worker", "broker"]

WORKER, BROKER = "worker", "broker"
WORKER_SUFFIX = re.compile(r"[A-Za-z0-9-]{1,32}")
DEVICE_LEVEL = "{device}"
"""What stands for the device in a source's `topic_pattern`."""
OWN_TOPICS = (
    "fairvarme/v1/{building}/{device}/readings",
    "fairvarme/v1/{building}/{device}/status",
)


class Client(NamedTuple):
    """
    One client, with the only topics that the access list allows it.

    Attributes
    ----------
    name : str
        MQTT user name and common name.
    kind : {'device', 'gateway', 'worker', 'broker'}
    write, read : tuple of str
        Topics, or topic filters.
    """

    name: str
    kind: Kind
    write: tuple[str, ...] = ()
    read: tuple[str, ...] = ()


def worker_name(text: str = "") -> str:
    """
    Return the user name of the worker or a further one: each name may have one connection.

    Raises
    ------
    UsageError
        If the name is invalid.
    """
    if not text:
        return WORKER
    if not WORKER_SUFFIX.fullmatch(text):
        raise UsageError(f"{text!r} is not a worker name; use letters, digits and hyphens")
    return f"{WORKER}-{text}"


def worker_client(name: str = WORKER) -> Client:
    """Return a worker: it reads everything, and writes nothing."""
    return Client(name, "worker", read=("#", "$SYS/broker/#"))


def broker_client() -> Client:
    """Return the broker itself, which needs a certificate and no access."""
    return Client(BROKER, "broker")


def device_name(text: str) -> str:
    """
    Return the user name of a device written ``BUILDING/DEVICE``.

    A colon, which ends the name in a password file, is written %3A.

    Raises
    ------
    UsageError
        If it is not written so.
    """
    building, slash, device = text.partition("/")
    if not (building and slash and device) or "/" in device:
        raise UsageError(f"{text!r} is not a device; write BUILDING/DEVICE")
    return f"{quote(building, safe='')}/{quote(device, safe='')}"


def gateway_name(text: str) -> str:
    """
    Return the user name of a gateway.

    Raises
    ------
    UsageError
        If the name is taken.
    """
    if text in (WORKER, BROKER) or text.startswith(f"{WORKER}-") or "/" in text:
        raise UsageError(f"no gateway may be called {text}; rename it in its source")
    return quote(text, safe="")


def device_client(settings: Settings, estates: Mapping[str, Estate], text: str) -> Client:
    """
    Return the device written ``BUILDING/DEVICE``, which must be in its estate folder.

    Raises
    ------
    UsageError
        If the building or device is unknown, or no source matches its topic.
    """
    name = device_name(text)
    building, _, device = text.partition("/")
    if building not in estates:
        known = ", ".join(sorted(estates)) or "none"
        raise UsageError(f"no building {building} in the settings; choose from {known}")
    if device not in estates[building].placements:
        raise UsageError(f"{building} has no device {device}; add it to its devices.csv first")
    topics = tuple(_own_topics(settings, building, device))
    if not topics:
        raise UsageError(
            f"no source reads topics of {text} alone; add one to [[sources]]: of decoder "
            "fairvarme, or one whose topic_filter or topic_pattern shows the device's level"
        )
    return Client(name, "device", write=topics)


def _own_topics(settings: Settings, building: str, device: str) -> Iterator[str]:
    """Yield what a device may write by the sources that belong to no gateway."""
    own = [topic.format(building=building, device=device) for topic in OWN_TOPICS]
    first = next((each for each in settings.sources if each.matches(own[0])), None)
    if first is not None and first.building == building and first.decoder == DECODER:
        yield from own
    for source in settings.sources:
        allowed = source.devices is None or device in source.devices
        if source.building == building and source.gateway is None and allowed:
            yield from _topic_of(source, device)


def _topic_of(source: Source, device: str) -> Iterator[str]:
    """Yield the topic of one device of a source, where its level is known."""
    if source.decoder == DECODER:
        return
    names = {own: name for name, own in source.aliases.items()}
    name = names.get(device, device)
    levels = source.topic_filter.split("/")
    places = [number for number, level in enumerate(levels) if level == "+"]
    if source.topic_pattern is not None:
        # A pattern matches the end of the topic.
        shown = source.topic_pattern.split("/")
        before = len(levels) - len(shown)
        places = [before + number for number, level in enumerate(shown) if level == DEVICE_LEVEL]
    # A name with a wildcard or a level of its own would open more than the device's topic.
    if "#" not in levels and len(places) == 1 and places[0] >= 0 and not {*"+#/"} & set(name):
        levels[places[0]] = name
        yield "/".join(levels)


def gateway_client(settings: Settings, text: str) -> Client:
    """
    Return the gateway of a name; it may write only the topics of its sources.

    Raises
    ------
    UsageError
        If no source names the gateway.
    """
    name = gateway_name(text)
    filters = tuple(each.topic_filter for each in settings.sources if each.gateway == text)
    if not filters:
        raise UsageError(
            f'no source has a gateway {text!r}; add gateway = "{text}" to its [[sources]]'
        )
    return Client(name, "gateway", write=filters)
