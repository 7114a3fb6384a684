"""
Readings as lines of InfluxDB line protocol; the layout is decided in docs/adr/0002.

::

    temperature_c,building=solgaarden,device=box-0101 value=21.4,quality=0i,arrival=1768374300512i 1768374300000
    └ quantity    └ tags                              └ fields                                     └ device time [ms]
"""  # noqa: E501  a line of line protocol is shown as it is

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from telemetry.stores.refusal import refusal

if TYPE_CHECKING:
    from telemetry.readings import Reading

_MEASUREMENT_ESCAPES = str.maketrans({",": r"\,", " ": r"\ "})
_TAG_ESCAPES = str.maketrans({",": r"\,", " ": r"\ ", "=": r"\="})
# A backslash is literal or an escape, depending on what follows; a control character may
# end the line; a leading number sign makes it a comment.
_unfit = re.compile(r"[\\\x00-\x1f\x7f]|^#|^$").search


def reading_line(reading: Reading) -> str:
    """
    Return the line of one reading, without line end; its time is in milliseconds.

    Raises
    ------
    ValueError
        If no store accepts the reading; see `telemetry.stores.refusal.refusal`.
    """
    reason = refusal(reading)
    if reason:
        raise ValueError(reason)
    building, device, quantity, time_ms, value, quality, arrival_ms = reading
    return (
        f"{series_key(quantity, building, device)} value={float(value)!r},quality={quality:d}i,"
        f"arrival={arrival_ms:d}i {time_ms:d}"
    )


@lru_cache(maxsize=1 << 17)
def series_key(quantity: str, building: str, device: str) -> str:
    """Return the prefix of every line of one series: measurement and tags, escaped."""
    return (
        f"{escape_measurement(quantity)}"
        f",building={escape_tag(building)},device={escape_tag(device)}"
    )


def escape_measurement(text: str) -> str:
    """Escape a measurement's name; ValueError if line protocol cannot express it."""
    return _fit(text).translate(_MEASUREMENT_ESCAPES)


def escape_tag(text: str) -> str:
    """Escape a tag's value; ValueError if line protocol cannot express it."""
    return _fit(text).translate(_TAG_ESCAPES)


def _fit(text: str) -> str:
    if _unfit(text):
        raise ValueError(f"line protocol cannot express the name {text!r}")
    return text
