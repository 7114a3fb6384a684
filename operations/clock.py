"""The current time, which tests can set."""

from __future__ import annotations

import time


def now_ms() -> int:
    """Return the time. [ms since 1970, UTC]"""
    return round(time.time() * 1000)
