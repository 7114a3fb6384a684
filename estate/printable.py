"""Text from outside, made safe to print: what would steer a terminal or a reader is written out."""

from __future__ import annotations

KEPT = frozenset("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")
"""Blanks that Python does not call printable, and that our own texts hold."""


def printable(text: str) -> str:
    r"""
    Write out control characters, line ends and marks of direction, as ``\x1b``.

    A file that is handed in could otherwise clear the screen of whoever checks it, or print lines
    of its own among the findings.
    """
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each in KEPT else ascii(each)[1:-1] for each in text
    )


def printable_lines(text: str) -> str:
    """Do so within each line of a text that is our own in its lines."""
    return "\n".join(printable(line) for line in text.split("\n"))
