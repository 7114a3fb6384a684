"""
The payment reference of a statement: an ISO 11649 creditor reference, with two check digits.

It identifies run and statement, so that a payment can be matched to its tenancy, but reveals
neither name nor address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.exchange.check_digits import modulo_97

if TYPE_CHECKING:
    from collections.abc import Sequence

MARK = "RF"
MARK_AS_DIGITS = "2715"
"""The letters R and F as the standard counts them."""
NUMBER_DIGITS = 5
GROUP = 4


def payment_reference(run: int, tenancy: str, residents: Sequence[str]) -> str:
    """
    Return the reference of a tenancy's statement, in groups of four.

    Parameters
    ----------
    run : int
    tenancy : str
    residents : sequence of str
        Tenancies of the run's residents, in their order.

    Examples
    --------
    >>> payment_reference(539007, "x", ["x"])
    'RF87 5390 0700 001'
    """
    body = f"{run}{residents.index(tenancy) + 1:0{NUMBER_DIGITS}d}"
    plain = f"{MARK}{modulo_97(body + MARK_AS_DIGITS)}{body}"
    return " ".join(plain[start : start + GROUP] for start in range(0, len(plain), GROUP))


def read_reference(text: str) -> tuple[int, int] | None:
    """
    Return the run and statement number (from 1) of a reference; None if it is not a reference.

    Examples
    --------
    >>> read_reference("rf18 5390 0754 7034")  # the standard's own example
    (5390075, 47034)
    >>> read_reference("RF18 5390 0754 7035") is None
    True
    """
    plain = "".join(text.split()).upper()
    check, body = plain[len(MARK) : GROUP], plain[GROUP:]
    if not (plain.startswith(MARK) and body.isdecimal() and len(body) > NUMBER_DIGITS):
        return None
    if modulo_97(body + MARK_AS_DIGITS) != check:
        return None
    return int(body[:-NUMBER_DIGITS]), int(body[-NUMBER_DIGITS:])
