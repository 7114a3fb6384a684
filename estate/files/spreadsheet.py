"""Texts that a spreadsheet would take for formulas: written with an apostrophe, read without it."""

from __future__ import annotations

import re

_begins_formula = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]").match
"""Spreadsheets take the wide forms of the four signs for the signs themselves."""


def guarded(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if _begins_formula(text) else text


def unguarded(cell: str) -> str:
    """Return the text of a cell that `guarded` wrote; any other cell is as it is."""
    return cell[1:] if cell.startswith("'") and _begins_formula(cell) else cell
