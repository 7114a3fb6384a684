"""Files that survive a power cut intact: written beside, made durable, then renamed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def replace_durably(new: Path, path: Path) -> None:
    """
    Give a finished file its name; after a power cut either the new file or the old one is there.

    Parameters
    ----------
    new : Path
        The finished file, in the same folder as its final name.
    path : Path
        The final name.
    """
    sync(new)
    new.replace(path)
    sync(path.parent)


def make_folder(path: Path) -> None:
    """
    Make a private folder, unless it exists, so that it survives a power cut.

    An existing one is made durable too: its creator may have been killed before doing so.
    """
    if not path.exists():
        if not path.parent.exists():
            make_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
    sync(path.parent)


def remove_durably(path: Path) -> None:
    """Remove a file, if it exists, so that no power cut brings it back."""
    path.unlink(missing_ok=True)
    sync(path.parent)


def sync(path: Path) -> None:
    """Make a file's content, or a folder's names, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
