"""Imports an exported building into another installation, with its estate and readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estate.errors import DataError, UsageError
from estate.files.documents import DocumentRefused, own_file
from estate.findings import Finding
from operations.clock import now_ms
from operations.estates import import_estate
from operations.exchange.building_export import ESTATE, READINGS
from operations.exchange.manifest import checked_manifest
from operations.settings import IN_DATABASE
from operations.wiring import open_estates, opened_store
from telemetry.readings import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd

    from operations.exchange.manifest import Manifest
    from operations.settings import Settings
    from telemetry.stores.store import Store

COLUMNS = ("device", "quantity", "time", "value", "x_quality")
READINGS_PER_WRITE = 10_000


def import_building(
    settings: Settings,
    directory: Path,
    by: str,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Manifest:
    """
    Import an exported building into an installation; repeating it changes nothing.

    Runs stay files: they were approved elsewhere, and `export DIR` reads them where they are.

    Parameters
    ----------
    settings : Settings
    directory : Path
        As written by an export.
    by : str
        Who imports.
    on_progress : callable, optional
        Told how many readings are stored, and of how many.

    Raises
    ------
    DataError
        If a file was changed since the export, or is not in order.
    UsageError
        If the installation keeps estates as folders, and none of them is the building's.
    StoreUnavailable
    """
    manifest = checked_manifest(directory)
    if settings.estates == IN_DATABASE:
        import_estate(settings, directory / ESTATE, by)
    elif manifest.building not in open_estates(settings):
        raise UsageError(
            f"no folder in estates is of {manifest.building}; add {directory / ESTATE} to estates "
            'in the settings, or keep them in the database (estates = "database")'
        )
    with opened_store(settings) as store:
        done = 0
        for part in _readings(_readings_file(directory), manifest.building):
            _write(store, part)
            done += len(part)
            on_progress(done, manifest.readings)
    return manifest


def _readings_file(directory: Path) -> Path:
    try:
        path = own_file(directory, READINGS)
    except DocumentRefused as error:
        raise UsageError(f"{READINGS} {error}") from error
    if path is None:
        raise UsageError(f"{directory} has no {READINGS}; name a folder that an export wrote")
    return path


def _readings(path: Path, building: str) -> Iterator[list[Reading]]:
    """Yield the readings of the file, some at a time, with the quality that they had."""
    from pyarrow import parquet  # type: ignore[import-untyped]  # has no types

    arrival_ms = now_ms()
    try:
        with parquet.ParquetFile(path) as file:
            for part in file.iter_batches(READINGS_PER_WRITE, columns=list(COLUMNS)):
                yield _rows(part.to_pandas(), building, arrival_ms)
    except (ValueError, OSError, KeyError) as error:
        # pyarrow raises one of these for an invalid file or a missing column.
        raise _unreadable(path, str(error).partition("\n")[0]) from error


def _rows(table: pd.DataFrame, building: str, arrival_ms: int) -> list[Reading]:
    time_ms = table["time"].astype("datetime64[ms, UTC]").astype("int64")
    columns = (table["device"], table["quantity"], time_ms, table["value"], table["x_quality"])
    rows = zip(*(each.tolist() for each in columns), strict=True)
    return [
        Reading(building, device, quantity, time_ms, float(value), int(quality), arrival_ms)
        for device, quantity, time_ms, value, quality in rows
    ]


def _write(store: Store, part: list[Reading]) -> None:
    refused = store.write(part)
    if refused:
        first = refused[0]
        raise DataError(
            [
                Finding(
                    "exchange.building.refused",
                    f"{len(refused)} readings of {READINGS} cannot be stored, the first of "
                    f"{first.reading.device}: {first.reason}; export the building again",
                    {"readings": len(refused), "reason": first.reason},
                )
            ]
        )


def _unreadable(path: Path, problem: str) -> DataError:
    message = f"{path.name} cannot be read ({problem}); export the building again"
    return DataError([Finding("exchange.building.refused", message, {"file": path.name})])
