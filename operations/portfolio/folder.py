"""A folder that is complete or absent, even if two processes write it at once."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PART, OLD = "part", "old"
NOT_EMPTY = (errno.ENOTEMPTY, errno.EEXIST)


@contextmanager
def replaced(directory: Path) -> Iterator[Path]:
    """
    Yield a new folder beside a given one, which it replaces when the block ends.

    Each process that writes the same folder gets its own new one, so none sees the files of
    another; the last to finish prevails.
    """
    part = _beside(directory, PART)
    part.mkdir(parents=True)
    with _held(part):
        try:
            yield part
            _put_in_place(part, directory)
        except BaseException:
            # On a full disk others need the space.
            shutil.rmtree(part, ignore_errors=True)
            raise


def remove_left(directory: Path) -> None:
    """Remove half-written folders that killed processes left behind."""
    for what in (PART, OLD):
        for left in directory.glob(f".*.{what}"):
            if left.is_dir() and not _is_held(left):
                shutil.rmtree(left, ignore_errors=True)


def _beside(directory: Path, what: str) -> Path:
    return directory.with_name(f".{directory.name}.{secrets.token_hex(4)}.{what}")


def _put_in_place(part: Path, directory: Path) -> None:
    """Replace a folder by another, so that no old page remains among new amounts."""
    while True:
        try:
            part.rename(directory)
        except OSError as error:
            if error.errno not in NOT_EMPTY:
                raise
            _remove(directory)
        else:
            return


def _remove(directory: Path) -> None:
    old = _beside(directory, OLD)
    try:
        directory.rename(old)
    except FileNotFoundError:
        return  # another has moved it away
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _held(part: Path) -> Iterator[None]:
    """Mark a folder as being written; the mark is a lock, and ends with the process."""
    descriptor = os.open(part, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def _is_held(part: Path) -> bool:
    try:
        descriptor = os.open(part, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True  # also where the file system cannot tell
    finally:
        os.close(descriptor)
    return False
