"""Resolves readings files: files, folders and patterns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from estate.errors import UsageError
from estate.files.documents import leads_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".xlsm", ".json")
"""Suffixes of readings files in a folder; other files are skipped."""
WILDCARDS = frozenset("*?[")


def readings_paths(given: Path | Iterable[Path]) -> list[Path]:
    """
    Return every file once, those of a folder or pattern in order of names.

    Raises
    ------
    UsageError
        If there is none, or a folder contains a link to a file elsewhere.
    """
    every = [given] if isinstance(given, Path) else given
    return list(dict.fromkeys(path for each in every for path in _files(each)))


def _files(given: Path) -> Iterator[Path]:
    if given.is_dir():
        found = [path for path in given.iterdir() if _is_readings_file(path)]
        _refuse_links(found)
    elif given.exists() or WILDCARDS.isdisjoint(str(given)):
        found = [given]
    else:
        # A pattern that the shell did not expand, as on Windows or within quotes.
        base = Path(given.anchor or ".")
        found = [path for path in base.glob(str(given.relative_to(base))) if path.is_file()]
    if not found:
        raise UsageError(
            f"there is no readings file at {given}; file names end in {', '.join(SUFFIXES)}"
        )
    yield from sorted(found)


def _refuse_links(found: Iterable[Path]) -> None:
    """Reject files that the folder's author may not be allowed to read: messages quote them."""
    for path in found:
        if leads_out(path):
            raise UsageError(f"{path} is a link that leads out of its folder; name the file itself")


def _is_readings_file(path: Path) -> bool:
    hidden = path.name.startswith((".", "~$"))
    return path.is_file() and not hidden and path.suffix.casefold() in SUFFIXES
