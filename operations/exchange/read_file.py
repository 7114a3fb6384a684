"""A file of another system: read, checked, and written as tables of our own."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.exchange.profile import load_profile
from billing.exchange.read import FileRead, read_bytes
from billing.exchange.tables_of import tables_of
from billing.exchange.workbook import read_workbook
from estate.errors import DataError, UsageError
from estate.files.documents import limits
from estate.findings import disqualifications

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from billing.exchange.profile import Profile


@dataclass(frozen=True)
class FileTaken:
    """
    What was read and written.

    Attributes
    ----------
    sha256 : str
        Of the file, in hexadecimal.
    records : int
    parameters : mapping of str to str
        What the sender states once for the file, such as the client's number.
    written : tuple of Path
    """

    sha256: str
    records: int
    parameters: Mapping[str, str]
    written: tuple[Path, ...]


def read_exchange_file(path: Path, profile_name: str, out: Path | None) -> FileTaken:
    """
    Read a file of another system, and write what it holds as CSV tables of our own.

    Nothing is written if the file has a fault: half an account is of no use.

    Parameters
    ----------
    path : Path
    profile_name : str
        A shipped profile, or a file.
    out : Path, optional
        Folder of the tables, created if absent; without it the file is only checked.

    Raises
    ------
    DataError
        With every fault of the file.
    UsageError
        If there is no such file, or the profile is wrong.
    """
    profile = load_profile(profile_name)
    content = _content(path)
    found = _read(path, content, profile)
    if disqualifications(found.findings):
        raise DataError(found.findings)
    tables = tables_of(found.records, profile, path.name)
    written = [_write_table(out, name, rows) for name, rows in tables.items()] if out else []
    return FileTaken(
        hashlib.sha256(content).hexdigest(), len(found.records), found.parameters, tuple(written)
    )


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limits()["workbook"].bytes)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the path") from error


def _read(path: Path, content: bytes, profile: Profile) -> FileRead:
    if profile.format == "xlsx":
        with path.open("rb") as file:
            return read_workbook(file, profile, path.name)
    return read_bytes(content, profile, path.name)


def _write_table(directory: Path, name: str, rows: list[list[str]]) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return path
