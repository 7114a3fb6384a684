"""Everything of a building in open formats: estate, readings, runs, and a manifest of the files."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING

from billing.bill.files import kroner
from billing.ledger.store import Ledger
from estate.errors import UsageError
from estate.files.spreadsheet import guarded
from estate.periods import Period
from operations.estates import export_estate
from operations.exchange.manifest import MANIFEST, Manifest, digests
from operations.readings.stored_readings import export_readings
from operations.wiring import opened_database, opened_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from billing.ledger.model import Posting
    from operations.settings import Settings

ESTATE, READINGS, RUNS = "estate", "readings.parquet", "runs"
POSTINGS = "postings.csv"
ALWAYS = Period(date(1971, 1, 1), date(2100, 1, 1))
"""All readings that a store may hold."""


def export_building(
    settings: Settings,
    building: str,
    directory: Path,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Manifest:
    """
    Write a building's estate as a folder, its readings as Parquet, and its approved runs.

    Each run has the files of the bill as they were approved, what else was kept with it, and its
    postings as CSV. The folder names residents, so only people with access to these may read it.

    Parameters
    ----------
    settings : Settings
    building : str
    directory : Path
        A new folder.
    on_progress : callable, optional
        Told how many quantities are read of the store, and of how many.

    Raises
    ------
    UsageError
        If there is no such building, or the folder is there already.
    StoreUnavailable
    """
    if directory.exists() and any(directory.iterdir()):
        raise UsageError(f"{directory} is not empty; name a new folder")
    directory.mkdir(parents=True, exist_ok=True)
    estate = export_estate(settings, building, directory / ESTATE)
    with opened_store(settings) as store:
        count = export_readings(
            store, estate, ALWAYS, directory / READINGS, with_suspect=True, on_progress=on_progress
        )
    runs = _export_runs(settings, building, directory / RUNS)
    manifest = Manifest(
        building=building, readings=count, runs=tuple(runs), files=digests(directory)
    )
    text = manifest.model_dump_json(by_alias=True, indent=2)
    (directory / MANIFEST).write_text(f"{text}\n", "utf-8")
    return manifest


def _export_runs(settings: Settings, building: str, directory: Path) -> list[int]:
    numbers = []
    with opened_database(settings) as engine:
        ledger = Ledger(engine)
        for run in ledger.runs(building):
            folder = directory / str(run.number)
            folder.mkdir(parents=True)
            for name, content in ledger.documents(run).items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            _write_postings(folder / POSTINGS, ledger.postings(run))
            numbers.append(run.number)
    return numbers


def _write_postings(path: Path, postings: Iterable[Posting]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("tenancy", "debit", "credit", "item", "component", "amount"))
        for each in postings:
            texts = (each.tenancy, each.debit, each.credit, each.item, each.component)
            writer.writerow([*map(guarded, texts), kroner(each.amount_ore)])
