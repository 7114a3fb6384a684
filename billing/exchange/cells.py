"""
One value as the text of a profile's field, and back. Pure.

A value that cannot be written or read raises `CellFault`, whose message says what to do.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from typing import TYPE_CHECKING

from billing.exchange.columns import NUMERIC
from billing.exchange.profile import ORE_DECIMALS
from estate.files.spreadsheet import guarded, unguarded

if TYPE_CHECKING:
    from billing.exchange.columns import Kind, Value
    from billing.exchange.profile import FieldSpec, Profile

MOST_DECIMALS = 9
LONGEST_NUMBER = 40
ISO_DAY = "%Y-%m-%d"

_unprintable = re.compile(r"[\x00-\x1f\x7f-\x9f]").search


class CellFault(Exception):
    """A value does not fit its field, or a text is not a value; the message ends in the remedy."""


def write_cell(value: Value, field: FieldSpec, profile: Profile) -> str:
    """
    Write a value as its field requires; None is a blank.

    Raises
    ------
    CellFault
    """
    if value is None:
        text = ""
    elif field.codes is not None:
        text = _code(value, field.codes, profile)
    elif isinstance(value, date):
        text = value.strftime(profile.day)
    elif isinstance(value, str):
        text = _plain(value, profile)
    else:
        return _number_text(value, field, profile)
    return _filled(text, field, profile)


def read_cell(text: str, field: FieldSpec, profile: Profile) -> Value:
    """
    Read a field's text; a blank is None.

    Raises
    ------
    CellFault
    """
    kind = profile.kind_of(field)
    bare = text if profile.format == "delimited" and kind == "text" else text.strip(" ")
    if bare == "":
        if field.needed:
            raise CellFault("fill it in")
        return None
    if field.codes is not None:
        return _value_of(bare, field.codes, profile)
    if kind in NUMERIC:
        return _number(bare, kind, field, profile)
    if kind == "day":
        return _day(bare, profile)
    if profile.format != "delimited":
        return bare
    return unguarded(bare)


def as_scaled(value: float, kind: Kind) -> Decimal:
    """Return a number in its unit: øre as kroner, exactly."""
    number = Decimal(value) if isinstance(value, int) else Decimal(repr(value))
    return number.scaleb(-ORE_DECIMALS) if kind == "amount" else number


def _code(value: Value, table: str, profile: Profile) -> str:
    code = profile.codes[table].get(str(value))
    if code is None:
        raise CellFault(f"codes.{table} of the profile {profile.name} lacks it; add it there")
    return code


def _value_of(code: str, table: str, profile: Profile) -> str:
    for value, known in profile.codes[table].items():
        if known == code:
            return value
    raise CellFault(f"is no code of codes.{table} in the profile {profile.name}; add it there")


def _plain(text: str, profile: Profile) -> str:
    if profile.format == "delimited":
        return guarded(text)
    if _unprintable(text):
        raise CellFault("holds a character that is not printable; write it without")
    return text


def _filled(text: str, field: FieldSpec, profile: Profile) -> str:
    if profile.format != "fixed":
        return text
    _, length = field.span()
    if len(text) > length and field.cut:
        text = text[:length]
    if len(text) > length:
        raise CellFault(
            f"is longer than the {length} characters of {field.label}; shorten it, or take a "
            "profile with more room"
        )
    if text and field.pad == "zeros":
        return text.rjust(length, "0")
    return text.rjust(length) if field.pad == "left" else text.ljust(length)


def _number_text(value: float, field: FieldSpec, profile: Profile) -> str:
    if not isfinite(value):
        raise CellFault("is no number; leave it out")
    kind = profile.kind_of(field)
    number = as_scaled(value, kind)
    decimals = ORE_DECIMALS if field.decimals is None and kind == "amount" else field.decimals
    if decimals is None:
        digits = f"{round(abs(number), MOST_DECIMALS):f}"
        digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    else:
        rounded = abs(number).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        digits = f"{rounded:f}"
    negative = number < 0 and any(each in "123456789" for each in digits)
    digits = digits.replace(".", "" if field.implied else profile.decimal)
    return _signed(digits, field, profile, negative=negative)


def _signed(digits: str, field: FieldSpec, profile: Profile, *, negative: bool) -> str:
    plus = "" if profile.kind_of(field) == "count" else profile.sign.plus
    sign = profile.sign.minus if negative else plus
    if profile.format == "fixed":
        _, length = field.span()
        room = length - len(sign)
        if len(digits) > room:
            raise CellFault(f"has more digits than the {length} positions of {field.label}")
        if field.pad in (None, "zeros"):
            digits = digits.rjust(room, "0")
    text = sign + digits if profile.sign.at == "start" else digits + sign
    return _filled(text, field, profile) if field.pad not in (None, "zeros") else text


def _number(text: str, kind: Kind, field: FieldSpec, profile: Profile) -> int | float:
    negative, digits = _without_sign(text, profile)
    mark = "" if field.implied else rf"(?:{re.escape(profile.decimal)}\d+)?"
    if len(digits) > LONGEST_NUMBER or not re.fullmatch(rf"\d+{mark}", digits, re.ASCII):
        example = "1234" if field.implied or kind == "count" else f"1234{profile.decimal}56"
        raise CellFault(f"write a number such as {example}, without a thousands separator")
    number = Decimal(digits.replace(profile.decimal, "."))
    if field.implied:
        number = number.scaleb(-(field.decimals or 0))
    number = -number if negative else number
    if kind == "number":
        return float(number)
    if kind == "amount":
        number = number.scaleb(ORE_DECIMALS)
    if number != int(number):
        raise CellFault("write whole øre, or a whole number")
    return int(number)


def _without_sign(text: str, profile: Profile) -> tuple[bool, str]:
    sign = profile.sign
    for mark, negative in ((sign.minus, True), (sign.plus, False)):
        if mark and sign.at == "start" and text.startswith(mark):
            return negative, text.removeprefix(mark).lstrip(" ")
        if mark and sign.at == "end" and text.endswith(mark):
            return negative, text.removesuffix(mark).rstrip(" ")
    return False, text


def _day(text: str, profile: Profile) -> date:
    # A true date in a workbook arrives as ISO 8601, whatever format the profile has for days.
    as_written = ISO_DAY if profile.format == "xlsx" and text[4:5] == "-" else profile.day
    try:
        return datetime.strptime(text, as_written).date()  # noqa: DTZ007  a local day
    except ValueError as error:
        example = date(2026, 1, 31).strftime(profile.day)
        raise CellFault(f"write the day as {example}") from error
