"""
Parses numbers that a payload writes as text.

For example ``"21,5"``, ``" 17 031.5"``, ``"43.5%RH"`` or ``"21.4 °C"``.

A point is a decimal point, as in JSON. A comma is one too, unless it may separate thousands:
``"1,234"`` could be either, and is ambiguous.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST = 64
"""Longest text that is parsed; anything longer is not a number."""

# The unit begins with a letter or a sign, so dates, times and addresses are not numbers.
_number = re.compile(
    r"\s*(?P<sign>[+\-−]?)\s*(?P<body>[.,]?[0-9](?:[0-9.,'’\s]{0,40}[0-9])?)"
    r"(?P<exponent>[eE][+-]?[0-9]{1,3}(?![0-9]))?"
    r"\s*(?P<unit>(?:[^\W\d_]|[%°˚º℃℉㎥/])(?:[^\d_]{0,19}[23]?)?)?\s*"
).fullmatch
_plain = re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+", re.ASCII).fullmatch
_grouped = re.compile(r"[0-9]{1,3}(?:(?P<mark>[.,'’\s])[0-9]{3})(?:(?P=mark)[0-9]{3})*").fullmatch


class NumberText(NamedTuple):
    """
    A parsed text.

    Attributes
    ----------
    value : float, optional
        None if ambiguous.
    unit : str, optional
        As written.
    """

    value: float | None
    unit: str | None


def read_number(text: str) -> NumberText | None:
    """
    Parse a text that may be a number, with or without a unit.

    Returns
    -------
    NumberText or None
        None if the text is not a number.

    Examples
    --------
    >>> read_number("43,5 %RH")
    NumberText(value=43.5, unit='%RH')
    >>> read_number("17031,768")
    NumberText(value=None, unit=None)
    """
    fit = _number(text) if len(text) <= LONGEST else None
    if fit is None:
        return None
    body = _body(fit["body"])
    if body is None:
        return None
    unit = fit["unit"].rstrip() if fit["unit"] else None
    if not body:
        return NumberText(None, unit)
    sign = "-" if fit["sign"] in {"-", "−"} else ""
    return NumberText(float(f"{sign}{body}{fit['exponent'] or ''}"), unit)


def _body(body: str) -> str | None:
    """Return the digits with a decimal point; empty if ambiguous, None if not a number."""
    if _plain(body):
        return body
    mark = max(body.rfind("."), body.rfind(","))
    whole, decimals = (body[:mark], body[mark + 1 :]) if mark >= 0 else (body, "")
    if mark >= 0 and not decimals.isdecimal():
        return None
    if mark >= 0 and body[mark] in whole:
        # The same separator twice: 1.234.567, or a version, or an address.
        return None
    if whole.isdecimal() or not whole:
        # Only a comma is left.
        thousands = len(decimals) == 3 and whole not in {"", "0"}
        return "" if thousands else f"{whole or '0'}.{decimals}"
    fit = _grouped(whole)
    if fit is None:
        return None
    digits = "".join(filter(str.isdecimal, whole))
    return f"{digits}.{decimals}" if decimals else digits
