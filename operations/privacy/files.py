"""Removes old letters and print files, and persons in estate folders past their retention."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from operations.privacy.kept import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date
    from pathlib import Path

    from estate.model import Estate

DAY_SECONDS = 86_400
PRINT, PERSONS = "print", "persons.csv"


def remove_old_letters(directory: Path, now_seconds: float) -> int:
    """Remove letters and print files past their retention. [s since 1970]"""
    files = kept().files
    printed = directory.glob(f"*/{PRINT}/*")
    waiting = (path for path in directory.glob("*/*") if path.is_file())
    return _remove(printed, now_seconds - files["letters_printed"].days * DAY_SECONDS) + _remove(
        waiting, now_seconds - files["letters_waiting"].days * DAY_SECONDS
    )


def remove_old_persons(folder: Path, estate: Estate, before: date) -> int:
    """Remove the persons of an estate folder whose tenancy, or own time in it, ended by a day."""
    ended = {each.tenancy for each in estate.tenancies if each.end and each.end <= before}
    over = {
        (each.tenancy, each.person)
        for each in estate.persons
        if each.tenancy in ended or (each.end and each.end <= before)
    }
    return remove_persons(folder, lambda row: (row["tenancy"], row["person"]) in over)


def remove_persons(folder: Path, is_over: Callable[[dict[str, str]], bool]) -> int:
    """Rewrite persons.csv of a folder without some rows; return how many were removed."""
    return change_persons(folder, lambda row: None if is_over(row) else row)


def change_persons(folder: Path, changed: Callable[[dict[str, str]], dict[str, str] | None]) -> int:
    """
    Rewrite persons.csv of a folder, passing each row through a function; None drops the row.

    Returns
    -------
    int
        Number of rows changed or removed; if none, the file is left alone.
    """
    path = folder / PERSONS
    if not path.exists():
        return 0
    text = path.read_text("utf-8-sig")
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
    after = [changed(dict(row)) for row in rows]
    number = sum(one != other for one, other in zip(rows, after, strict=True))
    if number:
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in after if row is not None)
        new = path.with_name(f".{path.name}.new")
        new.write_text(out.getvalue(), "utf-8")
        new.chmod(path.stat().st_mode & 0o777)
        new.replace(path)
    return number


def _remove(paths: Iterable[Path], before_seconds: float) -> int:
    old = [path for path in paths if path.stat().st_mtime < before_seconds]
    for path in old:
        path.unlink()
    return len(old)
