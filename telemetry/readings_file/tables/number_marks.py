"""Detects what the marks in a file's numbers mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from telemetry.readings_file.tables.table import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

_has_unit = re.compile(r"(?<=\d)\s*[^\W\d]\w*$")
_comma_number = re.compile(r"[+-]?\d+,\d+").fullmatch
_point_number = re.compile(r"[+-]?\d+[.]\d+").fullmatch


def told_decimal_comma(texts: Sequence[str]) -> bool | None:
    """Detect decimal commas or points in numbers; None if both or neither occur."""
    commas = any(_comma_number(clean(text)) for text in texts)
    points = any(_point_number(clean(text)) for text in texts)
    return None if commas == points else commas


def separates_thousands(mark: str, texts: Sequence[str]) -> bool:
    """
    Return whether a file's numbers show that a mark separates thousands, as its map says.

    In ``12.345`` alone it may as well be the decimal mark, of megawatt hours for example. Another
    decimal mark in the file, a number of three groups, or one below a thousand without a mark
    shows that it is not; ``0.345`` or ``1234.56`` shows that it is. The majority decides, so that
    one mistyped number costs no other.
    """
    plain = [_has_unit.sub("", re.sub(r"\s", " ", clean(text))) for text in texts]
    point, other = re.escape(mark), f"[{'.,'.replace(mark, '')}]"
    decimal = rf"0{point}\d+|\d+{point}(\d{{1,2}}|\d{{4,}})|\d{{4,}}{point}\d+"
    group = rf"(\d{{1,3}}({point}\d{{3}})*|\d+){other}\d+|\d{{1,3}}(({point}\d{{3}}){{2,}})?"
    as_decimal, as_group = (re.compile(f"[+-]?({each})").fullmatch for each in (decimal, group))
    return sum(map(bool, map(as_group, plain))) > sum(map(bool, map(as_decimal, plain)))
