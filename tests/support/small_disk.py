"""
A disk of a few MiB, which a test fills and frees: a file system in memory.

A limit on the size of files stops one process only; a full disk stops every one, and the server of
a database with them.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest

MIB = 1 << 20
BLOCK = 4096
FILLER = ".filler"


class SmallDisk:
    """
    A mounted disk.

    Attributes
    ----------
    path : Path
        Where it is mounted.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self, leave_bytes: int = 0) -> None:
        """Leave no more room than given, to the block."""
        left = os.statvfs(self.path)
        room = left.f_bavail * left.f_frsize - leave_bytes
        with (self.path / FILLER).open("ab") as file:
            for _ in range(room // BLOCK):
                file.write(bytes(BLOCK))

    def free(self) -> None:
        """Give all room back."""
        (self.path / FILLER).unlink()


@contextmanager
def mounted(mib: int) -> Iterator[SmallDisk]:
    """Mount a disk that each user may look into; skip the test where that is not allowed."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    # Directories of pytest are closed to others, as to the user of PostgreSQL.
    path = Path(mkdtemp(prefix="fairvarme-disk-"))
    words = ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=0755", "tmpfs", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    try:
        if done.returncode:
            # A container may forbid it to root too.
            pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
        try:
            yield SmallDisk(path)
        finally:
            # Lazily: a process that was killed may hold it for a moment.
            subprocess.run(["umount", "--lazy", str(path)], check=True)
    finally:
        path.rmdir()


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], SmallDisk]]:
    """Return what mounts a disk of so many MiB for the test."""
    with ExitStack() as stack:
        yield lambda mib: stack.enter_context(mounted(mib))
