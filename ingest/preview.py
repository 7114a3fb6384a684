"""Previews what a message would become; nothing is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ingest.decoders import Measurement, Reject, decoders
from ingest.decoders.payload.outcomes import shown
from ingest.intake import decode_message
from ingest.validation.validation import ReadingRules
from telemetry.plausibility import suspicion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.decoders import DecodeOptions
    from ingest.decoders.payload.outcomes import Said
    from ingest.intake import Intake
    from ingest.message import Message

YEARS_MS = (
    round(datetime.min.replace(tzinfo=UTC).timestamp()) * 1000,
    round(datetime.max.replace(tzinfo=UTC).timestamp()) * 1000 - 1000,
)


def preview(message: Message, decoder: str, options: DecodeOptions) -> Iterator[dict[str, Any]]:
    """
    Yield what a message would become, independent of a building.

    Whether the device is known and in place, and whether the time is plausible, is not
    checked: that takes an estate and a clock; see `preview_intake`.

    Yields
    ------
    dict
        ``device``, ``time`` (ISO 8601, UTC), ``quantity``, ``value`` and ``quality`` (bits of
        `telemetry.readings.Quality`) of a reading; ``reason`` and known facts of a reject; or
        ``device``, ``status`` and ``meaning`` of a status word.
    """
    rules = ReadingRules({})
    found = decode_message(message, decoders()[decoder], options)
    for each in found.measurements:
        reason = rules.value_verdict(each.quantity, each.value)
        if reason is None:
            yield _reading(each)
        else:
            detail = repr(each.value)
            yield _reject(Reject(reason, detail, each.device, each.quantity, each.time_ms))
    for reject in found.rejects:
        yield _reject(reject)
    for said in found.said:
        yield _word(said)


def preview_intake(message: Message, intake: Intake) -> Iterator[dict[str, Any]]:
    """
    Yield what a worker of this installation would store and reject of a message.

    Yields
    ------
    dict
        As `preview`; also ``device`` and ``online`` of a box's status.
    """
    taken = intake.take([message])
    for reading in taken.readings:
        _, device, quantity, time_ms, value, quality, _ = reading
        yield _reading(Measurement(device, quantity, time_ms, value, quality))
    for entry in taken.entries:
        yield _reject(entry.reject)
    for _, said, _ in taken.remarks:
        yield _word(said)
    for status in taken.statuses:
        yield {"device": shown(status.device), "online": status.online}


def _word(said: Said) -> dict[str, Any]:
    return {"device": shown(said.device), "status": said.word, "meaning": said.meaning}


def _reading(measurement: Measurement) -> dict[str, Any]:
    device, quantity, time_ms, value, quality = measurement
    return {
        "device": shown(device),
        "time": _iso(time_ms),
        "quantity": quantity,
        "value": value,
        "quality": quality | suspicion(quantity, value),
    }


def _reject(reject: Reject) -> dict[str, Any]:
    facts = {
        "reason": str(reject.reason),
        "detail": reject.detail,
        "device": None if reject.device is None else shown(reject.device),
        "quantity": reject.quantity,
        "time": None if reject.time_ms is None else _iso(reject.time_ms),
    }
    return {name: fact for name, fact in facts.items() if fact not in (None, "")}


def _iso(time_ms: int) -> str | int:
    """Return a time in ISO 8601; one outside the calendar stays a number. [ms]"""
    if not YEARS_MS[0] <= time_ms <= YEARS_MS[1]:
        return time_ms
    seconds, milliseconds = divmod(time_ms, 1000)
    time = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    fraction = f".{milliseconds:03d}" if milliseconds else ""
    return f"{time.isoformat()}{fraction}Z"
