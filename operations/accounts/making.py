"""Makes a bill in a process of its own, so that the portal keeps responding."""

from __future__ import annotations

import logging
import os
import re
import secrets
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from estate.errors import DataError, StoreUnavailable, UsageError
from estate.findings import Finding
from operations.accounts.preview import Asked, make_draft

if TYPE_CHECKING:
    from pathlib import Path

    from operations.settings import Settings

log = logging.getLogger(__name__)

DEAD_AFTER_SECONDS = 60.0
"""After so long a silence of whoever makes a bill nobody does."""
LOOK_SECONDS = 0.1
NAME = re.compile(r"[0-9a-f]{32}")


class Making(BaseModel):
    """
    The outcome of a requested bill.

    Attributes
    ----------
    number : int or None
        Number of the draft, once it is done.
    refusal : str
        Why it was refused, if not because of the data.
    findings : list of Finding
        Findings, if the data does not allow it.
    """

    model_config = ConfigDict(frozen=True)

    building: str
    start: str
    end: str
    corrects: int | None = None
    state: Literal["making", "done", "refused", "failed"] = "making"
    number: int | None = None
    refusal: str = ""
    findings: list[Finding] = []


def begin(shared: Path, settings: Settings, asked: Asked, by: str) -> str:
    """
    Begin to make a bill as a draft, and return a name by which to ask for it.

    Parameters
    ----------
    shared : Path
        Folder in which every process of the portal finds the outcome.
    settings : Settings
    asked : Asked
    by : str
        Who requests it.
    """
    name = secrets.token_hex(16)
    making = Making(
        building=asked.building, start=str(asked.period.start), end=str(asked.period.end),
        corrects=asked.corrects,
    )  # fmt: skip
    _write(shared, name, making)
    threading.Thread(
        target=_make, args=(shared, name, making, (settings, asked, by)), daemon=True
    ).start()
    return name


def look(shared: Path, name: str, patience_seconds: float = 0.0) -> Making | None:
    """
    Return the outcome of a bill; None if there is none of that name.

    Parameters
    ----------
    shared : Path
    name : str
    patience_seconds : float, optional
        How long to wait for it. [s]
    """
    until = time.monotonic() + patience_seconds
    while True:
        making = _read(shared, name)
        if making is None or making.state != "making" or time.monotonic() >= until:
            return making
        time.sleep(LOOK_SECONDS)


def _make(shared: Path, name: str, making: Making, call: tuple[Settings, Asked, str]) -> None:
    # A forked process could inherit locks held by threads of this one.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        future = pool.submit(_draft, *call)
        while not future.done():
            _say_alive(shared, name)
            time.sleep(LOOK_SECONDS)
        error = future.exception()
    if error is not None:
        log.error("a bill was not made", exc_info=error, extra={"event": "bill_failed"})
    became = {"state": "failed"} if error is not None else future.result()
    # A portal that has ended no longer has its folder; the draft is kept all the same.
    with suppress(FileNotFoundError):
        _write(shared, name, making.model_copy(update=became))


def _say_alive(shared: Path, name: str) -> None:
    with suppress(FileNotFoundError):
        os.utime(_file(shared, name))


def _draft(settings: Settings, asked: Asked, by: str) -> dict[str, Any]:
    """Make a draft, in a process of its own; its exceptions may not survive pickling."""
    try:
        return {"state": "done", "number": make_draft(settings, asked, by)}
    except DataError as error:
        return {"state": "refused", "findings": list(error.findings)}
    except UsageError as error:
        return {"state": "refused", "refusal": str(error)}
    except StoreUnavailable:
        return {"state": "failed"}


def _file(shared: Path, name: str) -> Path:
    return shared / f"bill-{name}.json"


def _write(shared: Path, name: str, making: Making) -> None:
    part = shared / f"{name}.part"
    part.write_text(making.model_dump_json(), "utf-8")
    part.replace(_file(shared, name))


def _read(shared: Path, name: str) -> Making | None:
    if not NAME.fullmatch(name):
        return None
    try:
        making = Making.model_validate_json(_file(shared, name).read_bytes())
        silent = time.time() - _file(shared, name).stat().st_mtime
    except FileNotFoundError:
        return None
    if making.state == "making" and silent > DEAD_AFTER_SECONDS:
        return making.model_copy(update={"state": "failed"})
    return making
