"""How long access lasts and how often it may be tried (``limits.yaml``), and counts of tries."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from estate.database.engine import answering, insert_into
from estate.errors import FairvarmeError
from estate.periods import MINUTE_MS
from operations.access.tables import AttemptCount
from operations.access.tokens import digest

if TYPE_CHECKING:
    from sqlalchemy import Engine


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Window(_Row):
    """The largest number of tries within a window of time."""

    most: int
    minutes: int


class SessionDays(_Row):
    """How long a session lasts. [d]"""

    resident: float
    staff: float


class AccessLimits(_Row):
    """The limits of ``limits.yaml``; units are in the names."""

    session_idle_days: SessionDays
    session_days: SessionDays
    link_minutes: int
    code_tries: int
    letter_code_days: int
    service_minutes: int
    invitation_days: int
    letter_link_days: int
    case_days: int
    windows: dict[str, Window]


@cache
def access_limits() -> AccessLimits:
    """Read the limits."""
    text = resources.files("operations.access").joinpath("limits.yaml").read_text("utf-8")
    return AccessLimits.model_validate(yaml.safe_load(text))


class TooManyTries(FairvarmeError):
    """
    There were too many tries.

    Attributes
    ----------
    wait_s : int
        Time after which it may be tried again. [s]
    """

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(f"tried too often; wait {wait_s} seconds")


def count_try(engine: Engine, name: str, of: str, now_ms: int) -> None:
    """
    Count a try by somebody or something, which is kept only as a hash.

    Parameters
    ----------
    engine : Engine
    name : str
        A window of ``limits.yaml``.
    of : str
        Whose try it is: an address, a visitor.
    now_ms : int
        [ms since 1970, UTC]

    Raises
    ------
    TooManyTries
        If the limit of this window has been reached.
    """
    window = access_limits().windows[name]
    length_ms = window.minutes * MINUTE_MS
    start_ms = now_ms - now_ms % length_ms
    key = digest(name, of)
    statement = insert_into(engine, AttemptCount).values(key=key, window_ms=start_ms, count=1)
    statement = statement.on_conflict_do_update(
        index_elements=["key", "window_ms"], set_={"count": AttemptCount.count + 1}
    )
    with answering(engine) as session:
        session.execute(statement)
        query = select(AttemptCount.count).where(
            AttemptCount.key == key, AttemptCount.window_ms == start_ms
        )
        count = session.scalars(query).one()
    if count > window.most:
        raise TooManyTries((start_ms + length_ms - now_ms) // 1000 + 1)
