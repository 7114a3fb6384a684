"""Decodes a payload in a file, as a message of a source given on the command line."""

from __future__ import annotations

import json
import os
import stat
import time
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

from pydantic import ValidationError

from estate.errors import UsageError
from estate.files.folder import read_estate
from ingest.intake import Intake
from ingest.message import Message
from ingest.sources import LONGEST_TOPIC, Source
from ingest.validation.devices import device_table
from ingest.validation.validation import ReadingRules
from operations.settings import read_settings
from operations.wiring import open_estates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

ANY_BUILDING = "any"


def decode_source(
    decoder: str,
    timezone: str | None = None,
    key_map: Sequence[str] = (),
    topic_pattern: str | None = None,
    device_field: str | None = None,
    alias: Sequence[str] = (),
) -> Source:
    """
    Create a source from command-line options, validated as in the settings.

    Raises
    ------
    UsageError
    """
    try:
        return Source(
            topic_filter="#",
            decoder=decoder,
            building=ANY_BUILDING,
            timezone=timezone,
            keys=dict(_keys(key_map)),
            topic_pattern=topic_pattern,
            device_field=device_field,
            aliases=dict(map(_alias, alias)),
        )
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))} {fault['msg']}".strip()
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise UsageError(f"{faults}. See docs/decoders.md") from error


def intake_of_estate(directory: Path, source: Source) -> Intake:
    """Return the intake of one building with a single source."""
    estate = read_estate(directory)
    rules = ReadingRules(device_table([estate]))
    return Intake([source.model_copy(update={"building": estate.building.id})], rules)


def intake_of_settings(config: Path) -> Intake:
    """Return the intake of an installation."""
    settings = read_settings(config)
    return Intake(settings.sources, ReadingRules(device_table(open_estates(settings).values())))


def _alias(option: str) -> tuple[str, str]:
    name, equals, device = option.rpartition("=")
    if not equals or not name:
        raise UsageError(f"--alias {option!r}: write NAME=DEVICE, such as 'Stue 1. th=box-0101'")
    return name, device


def _keys(key_map: Sequence[str]) -> Iterator[tuple[str, str]]:
    for option in key_map:
        if option.lstrip().startswith("{"):
            yield from _keys_of_object(option)
        else:
            yield from _keys_of_list(option)


def _keys_of_object(option: str) -> Iterator[tuple[str, str]]:
    try:
        keys = json.loads(option)
    except ValueError as error:
        raise UsageError(
            f"--key-map {option!r} is not a JSON object: {error}; "
            'write {"NAME": "QUANTITY"}, such as {"temp": "temperature_c"}'
        ) from error
    for name, target in keys.items():
        if not isinstance(target, str):
            raise UsageError(f"--key-map {name}: write a quantity, such as temperature_c")
        yield name, target


def _keys_of_list(option: str) -> Iterator[tuple[str, str]]:
    for each in option.split(","):
        name, equals, target = each.strip().rpartition("=")
        if not equals or not name:
            raise UsageError(f"--key-map {each!r}: write NAME=QUANTITY, such as temp=temperature_c")
        yield name, target


def as_message(file: IO[bytes], topic: str, arrival: str | None, most_bytes: int) -> Message:
    """
    Read a payload, at most as much as a decoder accepts.

    Raises
    ------
    UsageError
    """
    if len(topic.encode(errors="surrogateescape")) > LONGEST_TOPIC:
        raise UsageError(f"--topic: MQTT has topics of at most {LONGEST_TOPIC} bytes")
    payload = file.read(most_bytes + 1)
    return Message(topic, payload[:most_bytes], _size(file, payload), _arrival_ms(arrival))


def _size(file: IO[bytes], payload: bytes) -> int:
    """Return the total length if known from the file, else that of what was read."""
    status = os.fstat(file.fileno())
    return max(len(payload), status.st_size if stat.S_ISREG(status.st_mode) else 0)


def _arrival_ms(arrival: str | None) -> int:
    if arrival is None:
        return round(time.time() * 1000)
    try:
        instant = datetime.fromisoformat(arrival)
    except ValueError as error:
        raise UsageError(f"--arrival {arrival!r}: write ISO 8601, 2026-01-14T07:00:00Z") from error
    return round((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() * 1000)
