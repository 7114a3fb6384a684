"""Formats numbers for findings, with enough digits to differ from the limit."""

from __future__ import annotations

DIGITS = 9


def percent(fraction: float) -> str:
    """
    Format a fraction as a percentage.

    Examples
    --------
    >>> percent(0.4), percent(0.3999), percent(1 / 3)
    ('40%', '39.99%', '33.3333333%')
    """
    return f"{100 * fraction:.{DIGITS}g}%"


def number(value: float) -> str:
    """Format a number, such as a sum of fractions."""
    return f"{value:.{DIGITS}g}"
