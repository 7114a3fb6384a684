"""Parses bytes to bounded JSON, numbers and times, for every decoder."""

from __future__ import annotations

import json
import re
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

from ingest.decoders.payload.model import DecodeOptions
from ingest.decoders.payload.numbers import read_number
from ingest.decoders.payload.outcomes import Refused, shown
from ingest.reasons import Reason

if TYPE_CHECKING:
    from ingest.limits import Limits

# Seconds since 1970 reach this in the year 5138, milliseconds passed it in 1973.
FIRST_MILLISECONDS = 10**11
# Milliseconds reach this in the year 5138, microseconds passed it in 1973.
FIRST_MICROSECONDS = 10**14
# Nanoseconds reach this in the year 5138; anything larger is not a time.
LAST_NANOSECONDS = 10**20
BYTE_ORDER_MARK, END_OF_TEXT = "\ufeff", "\0"
LONGEST_TIME, LONGEST_DATE = 64, len("2026-01-14")
MOST_DIGITS = 4000
"""Python refuses to parse integers of more than 4,300 digits; no device measures such."""
HALF_AN_HOUR_MS = 1_800_000


class Repeated:
    """
    Value of a name that one object has several times, with different values.

    It is neither a number, a text, an object nor a list, so nothing is decoded from it.
    """

    __slots__ = ("values",)

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    def __repr__(self) -> str:
        return " and ".join(map(shown, self.values))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    return document if len(document) == len(pairs) else _with_repeated(document, pairs)


def _with_repeated(document: dict[str, Any], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said: dict[str, list[Any]] = {}
    for name, value in pairs:
        said.setdefault(name, []).append(value)
    for name, values in said.items():
        if any(value != values[0] for value in values):
            document[name] = Repeated(values)
    return document


# Seconds or milliseconds of this century as a text; a date such as 20260114 is shorter.
_is_epoch = re.compile(r"\s*[0-9]{10}(?:[0-9]{3})?(?:\.[0-9]{1,9})?\s*").fullmatch


# What C and Python print for a number that is not finite; texts are matched first, and stay.
_texts_and_no_numbers = re.compile(
    r'"(?:[^"\\]|\\.)*"?|[+-]?(?P<none>nan|inf(?:inity)?)(?![a-z])', re.IGNORECASE | re.DOTALL
)


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= MOST_DIGITS else float(digits)


_decoder = json.JSONDecoder(object_pairs_hook=_object)
_patient = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer)
"""Only for messages with such integers: they are infinite, and cost the other values nothing."""


def _scan(text: str) -> Any:  # noqa: ANN401  JSON is any value
    try:
        document, end = _decoder.raw_decode(text)
    except json.JSONDecodeError:
        end = -1
    except ValueError:
        return _patient.decode(text)
    if end == len(text):
        return document
    # Surrounded by whitespace, or by the marks of a careless firmware, or invalid: the slower way,
    # which reports the position.
    plain = text.removeprefix(BYTE_ORDER_MARK).rstrip(END_OF_TEXT)
    try:
        return _decoder.decode(plain)
    except json.JSONDecodeError:
        named = _texts_and_no_numbers.sub(lambda each: "NaN" if each["none"] else each[0], plain)
        if named == plain:
            raise
        return _decoder.decode(named)


def parse_json(payload: bytes, limits: Limits) -> Any:  # noqa: ANN401  JSON is any value
    """
    Parse bounded JSON.

    Raises
    ------
    Refused
        If it is empty, too large, not text, not JSON, or exceeds the limits.
    """
    if not payload:
        raise Refused(Reason.PAYLOAD_EMPTY)
    if len(payload) > limits.payload_bytes:
        raise Refused(Reason.PAYLOAD_TOO_LARGE, f"{len(payload)} bytes")
    try:
        document = _scan(str(payload, "utf-8"))
    except UnicodeDecodeError as error:
        raise Refused(Reason.PAYLOAD_NOT_TEXT, f"at byte {error.start}") from error
    except RecursionError as error:
        raise Refused(Reason.PAYLOAD_TOO_COMPLEX, "nested too deep") from error
    except ValueError as error:
        raise Refused(Reason.PAYLOAD_NOT_JSON, shown(str(error))) from error
    if _may_exceed(payload, limits):
        _check_bounds(document, limits)
    return document


def parse_object(payload: bytes, limits: Limits) -> dict[str, Any]:
    """
    Parse a bounded JSON object.

    Raises
    ------
    Refused
        Also if it is JSON of another kind.
    """
    document = parse_json(payload, limits)
    if not isinstance(document, dict):
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, "no object")
    return document


def parse_records(payload: bytes, limits: Limits) -> list[Any]:
    """
    Parse a bounded JSON object, or an array of at least one value.

    Raises
    ------
    Refused
    """
    document = parse_json(payload, limits)
    if isinstance(document, dict):
        return [document]
    if not isinstance(document, list):
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, "neither an object nor an array of objects")
    if not document:
        raise Refused(Reason.PAYLOAD_EMPTY, "an empty array")
    return document


def _may_exceed(payload: bytes, limits: Limits) -> bool:
    # Counting bytes is much faster than walking, and enough for messages of ordinary size.
    return (
        len(payload) > min(limits.text, limits.fields)
        or payload.count(b"{") + payload.count(b"[") > limits.depth
    )


def _check_bounds(document: object, limits: Limits) -> None:
    fields = 0
    level: list[object] = [document]
    for _depth in range(limits.depth + 1):
        fields += len(level)
        if fields > limits.fields:
            raise Refused(Reason.PAYLOAD_TOO_COMPLEX, f"more than {limits.fields} fields")
        if any(_text_length(each) > limits.text for each in level):
            raise Refused(Reason.PAYLOAD_TOO_COMPLEX, f"a text over {limits.text} characters")
        level = [child for each in level for child in _children(each)]
        if not level:
            return
    raise Refused(Reason.PAYLOAD_TOO_COMPLEX, f"nested over {limits.depth} levels")


def _text_length(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    return max(map(len, value), default=0) if isinstance(value, dict) else 0


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, Repeated):
        return value.values
    return value if isinstance(value, list) else []


def parse_number(value: object) -> float:
    """
    Return a JSON value as a finite number.

    Raises
    ------
    Refused
        If it is of another type (true counts as one), or not finite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(Reason.VALUE_NOT_NUMBER, shown(value))
    try:
        number = float(value)
    except OverflowError as error:
        raise Refused(Reason.VALUE_NOT_FINITE, "an integer too large") from error
    return finite(number)


def number_written(value: object, name: str) -> object:
    """
    Return a JSON value, or the number in its text.

    Raises
    ------
    Refused
        If the text is not a number, or ambiguous.
    """
    if not isinstance(value, str):
        return value
    number = read_number(value)
    if number is None:
        raise Refused(Reason.VALUE_NOT_NUMBER, shown(value))
    if number.value is None:
        detail = f"{shown(name)} is {shown(value.strip())}: decimals or thousands?"
        raise Refused(Reason.VALUE_NOT_NUMBER, detail)
    return number.value


def finite(number: float) -> float:
    """
    Return a number if it is finite.

    Raises
    ------
    Refused
    """
    if not isfinite(number):
        raise Refused(Reason.VALUE_NOT_FINITE, str(number))
    return number


def parse_time(value: object, options: DecodeOptions, arrival_ms: int | None = None) -> int:
    """
    Parse a device time: ISO 8601, or seconds or milliseconds since 1970.

    Parameters
    ----------
    value : object
    options : DecodeOptions
    arrival_ms : int, optional
        Time of arrival. It resolves a local time that occurs twice
        when summer time ends; if None the first counts. [ms since 1970, UTC]

    Returns
    -------
    int
        [ms since 1970, UTC]

    Raises
    ------
    Refused
        If there is none, it is invalid, or it has no offset and no zone is known.
    """
    if value is None:
        raise Refused(Reason.TIME_MISSING)
    if isinstance(value, str) and not _is_epoch(value):
        return _parse_iso(value, options, arrival_ms)
    try:
        number = parse_number(float(value) if isinstance(value, str) else value)
    except Refused as error:
        raise Refused(Reason.TIME_INVALID, error.detail) from error
    if abs(number) >= LAST_NANOSECONDS:
        raise Refused(Reason.TIME_INVALID, shown(value))
    if abs(number) >= FIRST_MICROSECONDS:
        raise Refused(Reason.TIME_UNIT_WRONG, f"{shown(value)} is more than milliseconds")
    return round(number * 1000) if abs(number) < FIRST_MILLISECONDS else round(number)


def _parse_iso(text: str, options: DecodeOptions, arrival_ms: int | None) -> int:
    if len(text) > LONGEST_TIME:
        raise Refused(Reason.TIME_INVALID, shown(text))
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None and options.zone is not None:
            time = time.replace(tzinfo=options.zone)
        if time.tzinfo is None:
            raise Refused(Reason.TIME_INVALID, f"{shown(text)} has no offset")
        if len(text) <= LONGEST_DATE:
            # Taken as midnight, the readings of a day would replace each other.
            raise Refused(Reason.TIME_INVALID, f"{shown(text)} has no time of day")
        return _instant_ms(time, options, arrival_ms)
    except (ValueError, OverflowError) as error:
        raise Refused(Reason.TIME_INVALID, shown(text)) from error


def _instant_ms(time: datetime, options: DecodeOptions, arrival_ms: int | None) -> int:
    first, second = (round(time.replace(fold=fold).timestamp() * 1000) for fold in (0, 1))
    # In spring the second is the earlier one: there the local time does not exist.
    if arrival_ms is None or second <= first:
        return first
    # The second of the two is meant only if the message arrived shortly after it.
    fresh = -options.limits.ahead_ms <= arrival_ms - second <= HALF_AN_HOUR_MS
    return second if fresh else first
