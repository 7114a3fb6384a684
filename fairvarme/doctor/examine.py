"""
Runs all checks of an installation: each yields results with remedies.

A check does not disturb the worker and writes nothing: stores are asked whether they accept
writes, and tables are compared, not migrated. No password is shown.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from estate.errors import DataError, FairvarmeError, UsageError
from estate.files.folder import read_estate
from fairvarme.doctor.check import (
    Check,
    NamedCheck,
    Patient,
    fault,
    limit,
    ok,
    warning,
)
from fairvarme.output import as_local
from operations.settings import IN_DATABASE, SQLITE, read_settings, settings_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from estate.model import Estate
    from operations.settings import Settings


def examine(config: Path | None) -> Iterator[Check]:
    """Yield every result as it is found."""
    try:
        settings = read_settings(config)
    except UsageError as error:
        yield fault("settings", str(error), "settings")
        return
    path = settings_path(config)
    yield ok("settings", str(path))
    estates: dict[str, Estate] = {}
    yield from _estates(settings, estates)
    patient = Patient(path, settings, estates, time.time_ns() // 1_000_000)
    for check in _checks():
        try:
            yield from check(patient)
        except OSError as error:
            # Error of one check, such as a folder without read permission; the others go on.
            yield fault(check.__name__, str(error), "rights")


def _checks() -> Iterable[NamedCheck]:
    from fairvarme.doctor import arrivals as doctor_arrivals
    from fairvarme.doctor import backup as doctor_backup
    from fairvarme.doctor import data as doctor_data
    from fairvarme.doctor import privacy as doctor_privacy
    from fairvarme.doctor import service as doctor_service
    from fairvarme.doctor import services as doctor_services

    return (
        sources,
        clock,
        disk,
        doctor_privacy.privacy,
        doctor_data.store,
        doctor_data.sealed,
        doctor_data.database,
        # Before the broker, whose check may disconnect the worker for a moment.
        doctor_services.worker,
        doctor_services.broker,
        doctor_service.service,
        doctor_backup.backup,
        doctor_services.certificates,
        doctor_services.credentials,
        doctor_arrivals.readings,
        doctor_arrivals.clocks,
    )


def _estates(settings: Settings, found: dict[str, Estate]) -> Iterator[Check]:
    if settings.estates == IN_DATABASE:
        yield from _imported(settings, found)
    elif not settings.estates:
        yield warning("estate", "there is none", "estates_none")
    for directory in settings.estate_folders:
        try:
            estate = read_estate(directory)
        except DataError as error:
            detail = f"{directory}: {len(error.findings)} findings, {error.findings[0].message}"
            yield fault("estate", detail, "estate", directory=directory)
        except FairvarmeError as error:
            yield fault("estate", str(error), "estate", directory=directory)
        except OSError as error:
            yield fault("estate", str(error), "rights")
        else:
            yield _in_order(estate, found)


def _imported(settings: Settings, found: dict[str, Estate]) -> Iterator[Check]:
    """Check the database's estates; if it is unavailable, its own check reports that."""
    # Imported here, since most installations have folders.
    from estate.sources.database import DatabaseEstates
    from operations.database import opened_as_it_is

    url = settings.database
    if url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists():
        yield warning("estate", "there is none", "estates_not_imported")
        return
    try:
        with opened_as_it_is(settings.database) as engine:
            source = DatabaseEstates(engine)
            for building in source.revisions():
                yield _in_order(source.read(building), found)
    except FairvarmeError as error:
        yield fault("estate", str(error), "database_away")
    else:
        if not found:
            yield warning("estate", "there is none", "estates_not_imported")


def _in_order(estate: Estate, found: dict[str, Estate]) -> Check:
    found[estate.building.id] = estate
    counts = f"{len(estate.flats)} flats, {len(estate.placements)} devices"
    return ok("estate", f"{estate.building.id}: {counts}")


def clock(patient: Patient) -> Iterator[Check]:
    """Check whether the clock is behind existing files."""
    written_ms = patient.path.stat().st_mtime_ns // 1_000_000
    behind_ms = written_ms - patient.now_ms
    if behind_ms > limit("clock_ms"):
        detail = f"it is {behind_ms // 1000} s before the settings file was written"
        yield fault("clock", detail, "clock")
    else:
        yield ok("clock", as_local(patient.now_ms, patient.settings.service.timezone))


def sources(patient: Patient) -> Iterator[Check]:
    """Check whether every source is of a building that is there."""
    if len(patient.estates) < len(patient.settings.estate_folders):
        # An invalid one has already been reported.
        return
    wanted = dict.fromkeys(each.building for each in patient.settings.sources)
    for building in [each for each in wanted if each not in patient.estates]:
        detail = f"{building} is named in a source, and there is none such estate"
        yield fault("sources", detail, "source_building")


def disk(patient: Patient) -> Iterator[Check]:
    """Check the free space for growing files."""
    urls = (patient.settings.store, patient.settings.database)
    paths = [Path(url.removeprefix(SQLITE)).parent for url in urls if url.startswith(SQLITE)]
    for directory in dict.fromkeys(paths):
        if not directory.is_dir():
            yield fault("disk", f"there is no folder {directory}", "disk_folder")
            continue
        room = os.statvfs(directory)
        free = room.f_bavail * room.f_frsize
        detail = f"{free / 2**30:.1f} GiB free at {directory}"
        if free < limit("free_bytes_fault"):
            yield fault("disk", detail, "disk")
        elif free < limit("free_bytes_warning"):
            yield warning("disk", detail, "disk")
        else:
            yield ok("disk", detail)
