"""Secrets that are shown once and kept as hashes."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

TOKEN_BYTES = 32
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without what looks alike in print: I and 1, O and 0."""


def new_token() -> str:
    """Return a secret for a link or a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_code(groups: int, each: int = 4) -> str:
    """
    Return a secret to be typed, in groups of letters and digits.

    Examples
    --------
    >>> len(new_code(3))
    14
    """
    parts = ("".join(secrets.choice(LETTERS) for _ in range(each)) for _ in range(groups))
    return "-".join(parts)


def typed(code: str, letters: Container[str] = LETTERS) -> str:
    """
    Normalise a code to its printed form, however it was typed.

    Examples
    --------
    >>> typed(" abcd efgh")
    'ABCDEFGH'
    """
    return "".join(each for each in code.upper() if each in letters)


def digest(*parts: str) -> str:
    """Return what is stored of a secret: enough to recognise it, not to reveal it."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
