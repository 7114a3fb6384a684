"""Bills many buildings, resumes an interrupted run, and summarises by building."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from billing.bill.files import RUN, kroner
from billing.ledger.chain import digest
from billing.ledger.store import Ledger
from billing.schemes import load_scheme
from estate.errors import DataError, UsageError
from estate.files.folder import read_building
from estate.files.spreadsheet import guarded
from estate.periods import Period
from operations.bill_files import check_allowed
from operations.ledger.approval import newest_run
from operations.portfolio.cluster import done_by_dask
from operations.portfolio.folder import remove_left
from operations.portfolio.pools import done_alone, done_by_processes
from operations.portfolio.task import BillTask, Outcome
from operations.wiring import opened_database, opened_estates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from billing.ledger.model import Run
    from billing.ledger.store import Draft
    from billing.schemes import Scheme
    from operations.portfolio.task import Keep
    from operations.settings import Settings

ASKED_FOR = ".batch.json"
"""What a folder of bills was asked for, so that no other run goes on in it."""
SUMMARY = "summary.csv"
COLUMNS = ("building", "state", "statements", "amount", "findings", "number", "message")


@dataclass(frozen=True)
class Wanted:
    """
    The options for all buildings.

    Attributes
    ----------
    directory : Path or None
        Where each building gets a folder of its own; None writes nothing.
    issued : date or None
        None: today, or the day of the run that is resumed.
    keep : Keep or None
        None: not in the ledger.
    """

    settings: Settings
    period: str
    directory: Path | None
    scheme: str | None = None
    allowed: tuple[str, ...] = ()
    issued: date | None = None
    statements: bool = False
    keep: Keep | None = None


class Places(NamedTuple):
    """Where the estates are: a folder, or None in the database; and what cannot be read."""

    folders: dict[str, Path | None]
    unreadable: list[Outcome]


def bill_buildings(
    wanted: Wanted,
    buildings: Sequence[str],
    *,
    jobs: int = 1,
    dask: str | None = None,
    resume: bool = False,
    on_done: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Outcome]:
    """
    Bill buildings from the estates and the store of the settings.

    Parameters
    ----------
    wanted : Wanted
    buildings : sequence of str
        All of the installation where none is named.
    jobs : int, optional
        Number of processes.
    dask : str, optional
        Address of a Dask scheduler, whose workers run the tasks instead.
    resume : bool, optional
        Skip the buildings that an interrupted run has finished.
    on_done : callable, optional
        Called with the number of buildings done, and the total.

    Returns
    -------
    list of Outcome
        In the order of the buildings' ids.

    Raises
    ------
    UsageError
        If the options do not go together, or name what is not there.
    """
    places = _places(wanted.settings, buildings)
    tasks = _tasks(wanted, places.folders, resume=resume)
    left = _done_before(wanted, tasks) if resume else {}
    todo = [task for task in tasks if task.building not in left]
    found = dict(left)
    for outcome in _done(todo, jobs, dask):
        found[outcome.building] = outcome
        on_done(len(found), len(tasks))
    return [*places.unreadable, *(found[task.building] for task in tasks)]


def _done(tasks: Sequence[BillTask], jobs: int, dask: str | None) -> Iterator[Outcome]:
    if dask is not None:
        return done_by_dask(tasks, dask)
    if jobs == 1 or len(tasks) == 1:
        return done_alone(tasks)
    return done_by_processes(tasks, jobs)


def _tasks(wanted: Wanted, folders: Mapping[str, Path | None], *, resume: bool) -> list[BillTask]:
    period, allowed = Period.parse(wanted.period), tuple(sorted(check_allowed(wanted.allowed)))
    scheme = load_scheme(wanted.scheme) if wanted.scheme else None
    issued = wanted.issued or datetime.now().astimezone().date()
    keep = wanted.keep and replace(wanted.keep, since=newest_run(wanted.settings))
    if wanted.directory is not None:
        remove_left(wanted.directory)
        issued = _claimed(wanted.directory, wanted, scheme, issued, resume=resume)
    settings = wanted.settings
    if settings.estate_folders:
        # Each task names only its own, or ten thousand folders would be sent with each task.
        settings = settings.model_copy(update={"estates": ()})
    return [
        BillTask(
            settings=settings,
            building=name,
            folder=folders[name],
            period=period,
            scheme=scheme,
            allowed=allowed,
            issued=issued,
            directory=wanted.directory and wanted.directory / name,
            statements=wanted.statements,
            keep=keep,
        )
        for name in sorted(folders)
    ]


def _places(settings: Settings, buildings: Sequence[str]) -> Places:
    """Locate the estates; a folder that names no building becomes an outcome of its own."""
    places = _folders(settings) if settings.estate_folders else _in_database(settings)
    unknown = sorted(set(buildings).difference(places.folders))
    if unknown:
        known = ", ".join(sorted(places.folders)) or "none"
        raise UsageError(f"no building {', '.join(unknown)} in the settings; choose from {known}")
    if not buildings:
        return places
    return Places({name: places.folders[name] for name in buildings}, [])


def _in_database(settings: Settings) -> Places:
    with opened_estates(settings) as source:
        return Places(dict.fromkeys(source.revisions()), [])


def _folders(settings: Settings) -> Places:
    places = Places({}, [])
    for folder in settings.estate_folders:
        try:
            building = read_building(folder).id
        except DataError as error:
            places.unreadable.append(Outcome(folder.name, "refused", findings=error.findings))
            continue
        if building in places.folders:
            raise UsageError(f"{folder} is building {building} again; list it once in estates")
        places.folders[building] = folder
    return places


def _claimed(
    directory: Path, wanted: Wanted, scheme: Scheme | None, issued: date, *, resume: bool
) -> date:
    """Record what a folder of bills is for, and return the day on which they are made."""
    path = directory / ASKED_FOR
    asked = {
        "period": wanted.period,
        "scheme": scheme and digest(scheme.model_dump_json().encode()),
        "allowed": sorted(wanted.allowed),
        "statements": wanted.statements,
        "kept": wanted.keep is not None,
    }
    if resume:
        before, day = _claim(path)
        if before != asked or day is None or wanted.issued not in (None, day):
            raise UsageError(
                f"{directory} holds no run with these options to go on with; leave out --resume, "
                "or name its folder and options"
            )
        return day
    directory.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps({**asked, "issued": str(issued)}) + "\n", "utf-8")
    part.replace(path)
    return issued


def _claim(path: Path) -> tuple[dict[str, Any], date | None]:
    """Read what a folder of bills is for, and its day; None without a readable record of it."""
    try:
        asked = dict(json.loads(path.read_text("utf-8")))
        return asked, date.fromisoformat(asked.pop("issued"))
    except (OSError, ValueError, TypeError, KeyError):
        return {}, None


def _done_before(wanted: Wanted, tasks: Sequence[BillTask]) -> dict[str, Outcome]:
    """Return the tasks that an interrupted run has finished, in the ledger too if requested."""
    kept = _kept(wanted.settings, wanted.keep, tasks) if wanted.keep else None
    numbers = kept or {}
    return {
        task.building: Outcome(task.building, "left", number=numbers.get(task.building))
        for task in tasks
        if task.directory is not None
        and (task.directory / RUN).exists()
        and (kept is None or task.building in kept)
    }


def _kept(settings: Settings, keep: Keep, tasks: Sequence[BillTask]) -> dict[str, int]:
    with opened_database(settings) as engine:
        ledger = Ledger(engine)
        # A draft is half of an interrupted approval.
        rows: Sequence[Draft | Run] = ledger.runs() if keep.approve else ledger.drafts()
    periods = {(task.building, task.period.start, task.period.end) for task in tasks}
    return {
        row.facts.building: row.number
        for row in rows
        if (row.facts.building, row.facts.period_start, row.facts.period_end) in periods
    }


def write_summary(directory: Path, outcomes: Sequence[Outcome]) -> Path:
    """Write one row per building: its state, amount in kroner, and number of findings."""
    path = directory / SUMMARY
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_row(each) for each in outcomes)
    return part.replace(path)


def _row(outcome: Outcome) -> list[str]:
    amount = "" if outcome.total_ore is None else kroner(outcome.total_ore)
    number = "" if outcome.number is None else f"{outcome.number}"
    return [
        guarded(outcome.building),
        outcome.state,
        f"{outcome.statements}",
        amount,
        f"{len(outcome.findings)}",
        number,
        guarded(outcome.message.replace("\n", " ")),
    ]
