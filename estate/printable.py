"""Makes untrusted text safe to print by escaping what could steer a terminal."""

from __future__ import annotations

KEPT = frozenset("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")
"""Spaces that Python does not call printable but our own texts contain."""


def printable(text: str) -> str:
    r"""
    Escape control characters, line ends and direction marks, as ``\x1b``.

    An untrusted file could otherwise clear the screen of whoever checks it, or print lines
    of its own among the findings.
    """
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each in KEPT else ascii(each)[1:-1] for each in text
    )


def printable_lines(text: str) -> str:
    """Escape within each line of a text whose line breaks are our own."""
    return "\n".join(printable(line) for line in text.split("\n"))
