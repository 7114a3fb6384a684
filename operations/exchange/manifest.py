"""The files of an exported building, so that a copy can be checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from estate.errors import DataError, UsageError
from estate.files.documents import DocumentRefused, load_json, own_file
from estate.findings import Finding
from estate.model import Id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANIFEST = "manifest.json"
MOST_FILES = 100_000


class Manifest(BaseModel):
    """
    manifest.json of an exported building.

    Attributes
    ----------
    files : mapping of str to str
        SHA-256 in hexadecimal, by the path within the folder, divided by ``/``.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    name: Literal["fairvarme.building/1"] = Field(default="fairvarme.building/1", alias="schema")
    building: Id
    program: str = Field(default_factory=lambda: version("fairvarme"))
    readings: Annotated[int, Field(ge=0)]
    runs: tuple[int, ...]
    files: Mapping[str, str] = Field(max_length=MOST_FILES)


def digests(directory: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder but the manifest, by its path."""
    return {
        str(path.relative_to(directory).as_posix()): _digest(path)
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path != directory / MANIFEST
    }


def checked_manifest(directory: Path) -> Manifest:
    """
    Read the manifest of an exported building, and compare every file with it.

    Raises
    ------
    DataError
        Naming each file that was changed, is missing, or was added.
    UsageError
        If there is no manifest.
    """
    try:
        path = own_file(directory, MANIFEST)
        document = load_json(path) if path else None
    except (DocumentRefused, OSError) as error:
        raise UsageError(f"{MANIFEST} of {directory} {error}") from error
    if document is None:
        raise UsageError(f"{directory} has no {MANIFEST}; name a folder that an export wrote")
    try:
        manifest = Manifest.model_validate(document)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, each["loc"])) for each in error.errors())
        raise UsageError(
            f"{MANIFEST}: {places} cannot be read; export the building again"
        ) from error
    wrong = list(_differences(manifest.files, digests(directory)))
    if wrong:
        raise DataError(wrong)
    return manifest


def _differences(told: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Finding]:
    for path in sorted(told.keys() | found.keys()):
        if told.get(path) != found.get(path):
            fault = "was added" if path not in told else "was changed"
            problem = "is missing" if path not in found else fault
            yield Finding(
                "exchange.building.changed",
                f"{path} {problem} since the export; copy the folder again",
                {"file": path},
            )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
