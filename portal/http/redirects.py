"""Where a visitor may be redirected: only to pages of this portal."""

from __future__ import annotations

import re

START = "/"
LOCAL_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9._~:/?&=%+-]*")


def local_path(path: str) -> str:
    r"""
    Return a path if it is one of this portal, otherwise the start page.

    Examples
    --------
    >>> local_path("/home?month=2026-01")
    '/home?month=2026-01'
    >>> [local_path(each) for each in ("//evil.example", "/\\evil.example", "https://evil.example")]
    ['/', '/', '/']
    """
    return path if LOCAL_PATH.fullmatch(path) else START
