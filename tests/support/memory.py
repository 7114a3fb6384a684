"""Temporary files of tests in memory: what is synchronised there waits for no disk."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108  of Linux, and each test has a closed directory in it
ROOM_BYTES = 4 << 30
"""More than a run of all tests takes at once."""


def hold_temporary_files() -> None:
    """
    Let this process and those that it starts put temporary files there, where that is possible.

    What is written, synchronised and locked is the same; a directory that was asked for stays
    (``TMPDIR``).
    """
    if "TMPDIR" not in os.environ and _is_usable():
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def _is_usable() -> bool:
    try:
        found = os.statvfs(MEMORY)
    except OSError:
        return False
    # Tests write programs and start them, which containers often forbid there.
    runs = not found.f_flag & os.ST_NOEXEC
    return runs and found.f_bavail * found.f_frsize >= ROOM_BYTES and os.access(MEMORY, os.W_OK)
