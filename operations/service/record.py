"""
What `fairvarme run` did, kept in ``service.json`` for the doctor and the next start.

One service runs at a time: it holds a lock on ``service.lock`` beside it.
"""

from __future__ import annotations

import fcntl
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from estate.errors import UsageError
from estate.files.private_files import make_private
from operations.settings import SQLITE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from operations.settings import Settings

RECORD, LOCK = "service.json", "service.lock"
# The doctor holds the lock for a moment too.
LOCK_TRIES, LOCK_WAIT_SECONDS = 20, 0.1


class Row(BaseModel):
    """Base of what the record holds."""

    model_config = ConfigDict(extra="ignore")


class End(Row):
    """
    An unexpected end of a part.

    Attributes
    ----------
    at_ms : int
        [ms since 1970, UTC]
    code : int
        Exit code; below 0 the signal that ended it.
    seconds : float
        How long it had run. [s]
    """

    at_ms: int
    code: int
    seconds: float


class PartState(Row):
    """The state of a part, and its previous ends, the latest last."""

    state: Literal["running", "waiting", "stopped"] = "stopped"
    pid: int | None = None
    since_ms: int = 0
    ends: list[End] = []


class JobState(Row):
    """
    The last run of a job.

    Attributes
    ----------
    due_ms : int
        The scheduled time of its last successful run. [ms since 1970, UTC]
    ended_ms, code
        When and how it last ended; None before its first run.
    failures : int
        Number of consecutive failures.
    """

    due_ms: int
    began_ms: int | None = None
    ended_ms: int | None = None
    code: int | None = None
    failures: int = 0


class Record(Row):
    """All parts and jobs by name."""

    pid: int = 0
    started_ms: int = 0
    parts: dict[str, PartState] = {}
    jobs: dict[str, JobState] = {}

    def write(self, directory: Path) -> None:
        """Replace the file as a whole."""
        path = directory / RECORD
        new = path.with_suffix(".new")
        make_private(new)
        new.write_text(self.model_dump_json(indent=1) + "\n")
        new.replace(path)


def service_directory(settings: Settings, config: Path) -> Path:
    """Return the folder of lock and record: as set, else the database's, else the settings'."""
    if settings.service.directory is not None:
        return settings.service.directory
    for url in (settings.database, settings.store):
        if url.startswith(SQLITE):
            return Path(url.removeprefix(SQLITE)).parent
    return config.absolute().parent


def read_record(directory: Path) -> Record | None:
    """Return the record, None if there is none; one that cannot be read counts as empty."""
    try:
        return Record.model_validate_json((directory / RECORD).read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        # After a power cut; it holds nothing that cannot be recreated.
        return Record()


@contextmanager
def only_one(directory: Path) -> Iterator[None]:
    """
    Hold the lock of the service until the block ends.

    Raises
    ------
    UsageError
        If another service holds it.
    """
    path = directory / LOCK
    make_private(path)
    with path.open("a") as lock:
        for tries_left in reversed(range(LOCK_TRIES)):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if not tries_left:
                    raise UsageError(
                        f"another `fairvarme run` holds {path}; end that one first"
                    ) from error
                time.sleep(LOCK_WAIT_SECONDS)
        yield


def is_running(directory: Path) -> bool:
    """Return whether a service holds the lock."""
    try:
        with (directory / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
