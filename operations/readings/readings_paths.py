"""Which readings files are meant: files, folders of them, and patterns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from estate.errors import UsageError
from estate.files.documents import leads_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".xlsm", ".json")
"""What the readings files of a folder end in; whatever else lies there is passed over."""
WILDCARDS = frozenset("*?[")


def readings_paths(given: Path | Iterable[Path]) -> list[Path]:
    """
    Return every file that is meant, each once, those of a folder or pattern in the order of names.

    Raises
    ------
    UsageError
        Where there is none, or a folder holds a link to a file elsewhere.
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
        # A pattern that the shell did not resolve, as on Windows, or within quotes.
        base = Path(given.anchor or ".")
        found = [path for path in base.glob(str(given.relative_to(base))) if path.is_file()]
    if not found:
        raise UsageError(
            f"there is no readings file at {given}; their names end in {', '.join(SUFFIXES)}"
        )
    yield from sorted(found)


def _refuse_links(found: Iterable[Path]) -> None:
    """Refuse what whoever filled the folder need not be allowed to read: messages quote it."""
    for path in found:
        if leads_out(path):
            raise UsageError(
                f"{path} is a link that leads out of its folder; name the file that is meant"
            )


def _is_readings_file(path: Path) -> bool:
    hidden = path.name.startswith((".", "~$"))
    return path.is_file() and not hidden and path.suffix.casefold() in SUFFIXES
