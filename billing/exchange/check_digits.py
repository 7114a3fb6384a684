"""Check digits of references. Pure functions of digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CheckDigits = Literal["luhn", "modulo_11", "modulo_97"]

ELEVEN, NINETY_SEVEN = 11, 97
WEIGHTS = (2, 3, 4, 5, 6, 7)


def luhn(digits: str) -> str:
    """
    Return the check digit of ISO/IEC 7812-1, annex B.

    Examples
    --------
    >>> luhn("7992739871")
    '3'
    """
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits)))
    return str(-sum(sum(divmod(each, 10)) for each in doubled) % 10)


def modulo_11(digits: str) -> str:
    """
    Return the check digit by weights 2 to 7 from the right, as Danish company numbers have it.

    Examples
    --------
    >>> modulo_11("2275621")
    '4'
    """
    weighted = (
        int(digit) * WEIGHTS[place % len(WEIGHTS)] for place, digit in enumerate(reversed(digits))
    )
    remainder = -sum(weighted) % ELEVEN
    return "X" if remainder == ELEVEN - 1 else str(remainder)


def modulo_97(digits: str) -> str:
    """
    Return the two check digits of ISO/IEC 7064, MOD 97-10.

    Examples
    --------
    >>> modulo_97("794")
    '44'
    """
    return f"{NINETY_SEVEN + 1 - int(digits) * 100 % NINETY_SEVEN:02d}"


METHODS: Mapping[CheckDigits, Callable[[str], str]] = {
    "luhn": luhn,
    "modulo_11": modulo_11,
    "modulo_97": modulo_97,
}
