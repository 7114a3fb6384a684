"""Estate folders that tests change and import into a database."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from sqlalchemy import Engine, text

from estate.database.engine import answering
from estate.database.importing import By, Imported, import_folder
from estate.files.folder import read_folder
from estate.model import Estate
from estate.sources.database import DatabaseEstates

SAMPLE = Path(str(resources.files("estate").joinpath("sample")))
BUILDING = "solgaarden"
BY = By("somebody", "/estates/solgaarden", 1_767_225_600_000)


@dataclass(frozen=True)
class Site:
    """
    A database, and an estate folder to be imported into it.

    Attributes
    ----------
    engine : Engine
    folder : Path
        A copy of the sample.
    """

    engine: Engine
    folder: Path

    @classmethod
    def new(cls, engine: Engine, directory: Path) -> Site:
        return cls(engine, Path(shutil.copytree(SAMPLE, directory / "estate")))

    def imported(self, *remove: str, dry: bool = False) -> Imported:
        return import_folder(self.engine, read_folder(self.folder), BY, remove, dry=dry)

    def stored(self) -> Estate:
        return DatabaseEstates(self.engine).read(BUILDING)

    def replace(self, file: str, old: str, new: str) -> None:
        """Put a text in the place of one that stands in a file once or more."""
        path = self.folder / file
        before = path.read_text("utf-8")
        assert old in before
        path.write_text(before.replace(old, new, 1), "utf-8")

    def drop(self, file: str, beginning: str) -> None:
        """Take the rows away that begin so."""
        path = self.folder / file
        lines = path.read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(beginning)]
        assert len(kept) < len(lines)
        path.write_text("".join(kept), "utf-8")

    def add(self, file: str, *rows: str) -> None:
        """Add rows at the end."""
        with (self.folder / file).open("a", encoding="utf-8") as opened:
            opened.writelines(f"{row}\n" for row in rows)

    def points(self) -> dict[str, list[str]]:
        """Return the devices of each measuring point, by their first day."""
        query = "SELECT measuring_point, device FROM device ORDER BY from_day, device"
        found: dict[str, list[str]] = {}
        with answering(self.engine) as session:
            for point, device in session.execute(text(query)):
                found.setdefault(point, []).append(device)
        return found

    def count(self, table: str) -> int:
        with answering(self.engine) as session:
            return int(session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608  ours
