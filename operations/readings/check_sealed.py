"""Compares sealed months with their catalogues, and restores what is damaged."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from estate.errors import FairvarmeError
from estate.findings import Finding
from operations.backup.repository import Entry
from operations.wiring import opened_sealed_store
from telemetry.stores.sealed.check import sealed_buildings

if TYPE_CHECKING:
    from pathlib import Path

    from operations.backup.repository import Repository
    from operations.settings import Settings
    from telemetry.stores.sealed.catalogue import SealedFile
    from telemetry.stores.sealed.check import Damage

REMEDY = (
    "`fairvarme readings check --mend` brings it back out of the store where that still has the "
    "readings, with --backup and --key out of a backup; --write-off gives it up"
)


class Checked(NamedTuple):
    """
    The result of checking sealed months.

    Attributes
    ----------
    files : int
        How many were compared.
    mended : int
        How many were damaged and have been restored.
    written_off : int
        How many were written off.
    findings : list of Finding
        One for each that is damaged.
    """

    files: int
    mended: int
    written_off: int
    findings: list[Finding]


class Source(NamedTuple):
    """The source for damaged files: backups, and the secret key to them."""

    repository: Repository
    identity: str


def check_sealed(
    settings: Settings,
    *,
    mend: bool = False,
    source: Source | None = None,
    write_off: bool = False,
) -> Checked:
    """
    Compare every sealed file with the SHA-256 in its catalogue.

    Parameters
    ----------
    settings : Settings
    mend : bool
        Whether to restore what is damaged.
    source : Source, optional
        A backup to restore it from.
    write_off : bool
        Whether to write off what cannot be restored: what needs it is then made without it.

    Raises
    ------
    StoreUnavailable
        If the store does not answer.
    UsageError
        If the key does not fit the backup.
    """
    files = mended = written_off = 0
    findings: list[Finding] = []
    with opened_sealed_store(settings) as store:
        if store is None:
            return Checked(0, 0, 0, [])

        def fetch(file: SealedFile, path: Path) -> bool:
            return source is not None and _fetched(source, file, path)

        for building in sorted({*sealed_buildings(store.directory), *store.record.buildings()}):
            damaged = store.damages(building)
            left = store.mend(building, fetch) if (mend or write_off) and damaged else damaged
            files += store.files(building)
            mended += len(damaged) - len(left)
            if write_off and left:
                written_off += len(store.write_off(building))
                left = store.damages(building)
            findings += [_finding(building, each) for each in left]
    return Checked(files, mended, written_off, findings)


def _fetched(source: Source, file: SealedFile, path: Path) -> bool:
    entry = Entry(name=file.name, kind="file", sha256=file.sha256, size=file.size)
    with suppress(FairvarmeError):
        source.repository.take(entry, source.identity, path)
        return True
    return False


def _finding(building: str, damage: Damage) -> Finding:
    file = damage.file
    return Finding(
        "readings.sealed.damaged",
        f"{damage.path} {damage.how}: what needs it cannot be read. {REMEDY}",
        {
            "building": building,
            "file": str(damage.path),
            "month": file.month if file else None,
            "quantity": file.quantity if file else None,
            "rows": file.rows if file else None,
        },
    )
