"""Checks buildings for alerts and records them, in one process or several with the same result."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

from alerts.life.record import record
from alerts.life.store import AlertStore
from alerts.model import AlertKind
from alerts.run import check_building
from estate.errors import FairvarmeError
from operations.alerts.checkpoints import Checkpoints
from operations.alerts.said import said_of
from operations.alerts.tiers import HOURLY_KINDS, Looked, Looking, Tier, usual_period
from operations.wiring import opened_database, opened_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Engine

    from estate.model import Estate
    from estate.periods import Period
    from operations.settings import Settings
    from telemetry.stores.store import Store

TOGETHER = 8
"""Buildings that a process takes at a time: few enough to share out, enough to open a store for."""
DIED = (
    "a process that checked buildings for alerts died, perhaps for lack of memory; what it found "
    "is recorded. Run it again with fewer processes (--jobs 1), and look at the machine's log"
)


@dataclass(frozen=True)
class Checks:
    """
    What a run asks of every building.

    Attributes
    ----------
    settings : Settings
    period : Period or None
        A full run of these days; None: the last ones, as far as they are due.
    clock : callable
        [ms since 1970, UTC]
    whole : bool
        Whether every building is run in full, even if that is not due.
    """

    settings: Settings
    period: Period | None
    clock: Callable[[], int]
    whole: bool


def checked(checks: Checks, estates: Sequence[Estate], jobs: int) -> Iterator[Looked]:
    """
    Check buildings, record what is found, and yield the results in the order of the buildings.

    Parameters
    ----------
    checks : Checks
    estates : sequence of Estate
    jobs : int
        Number of processes.

    Raises
    ------
    FairvarmeError
        If a process died.
    """
    shares = [estates[at : at + TOGETHER] for at in range(0, len(estates), TOGETHER)]
    if jobs == 1 or len(shares) < 2:
        yield from _checked_here(checks, estates)
        return
    # A forked process could inherit locks held by threads of this one.
    with ProcessPoolExecutor(min(jobs, len(shares)), mp_context=get_context("spawn")) as pool:
        under_way = [pool.submit(_checked_share, checks, share) for share in shares]
        try:
            for each in under_way:
                yield from each.result()
        except BrokenProcessPool as error:
            raise FairvarmeError(DIED) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _checked_share(checks: Checks, estates: Sequence[Estate]) -> list[Looked]:
    return list(_checked_here(checks, estates))


def _checked_here(checks: Checks, estates: Sequence[Estate]) -> Iterator[Looked]:
    settings = checks.settings
    with opened_store(settings) as store, opened_database(settings) as engine:
        alerts, looking = AlertStore(engine), Looking(store, Checkpoints(engine))
        for estate in estates:
            moment_ms = checks.clock()
            if checks.period is None:
                first_ms = usual_period(estate, moment_ms).hours(estate.building.zone).start_ms
                said = said_of(engine, estate.building.id, first_ms)
                looked = looking.look(estate, said, moment_ms, whole=checks.whole)
            else:
                looked = _of_days(engine, store, estate, checks.period, moment_ms)
            kinds = HOURLY_KINDS if looked.tier is Tier.HOURLY else frozenset(AlertKind)
            record(alerts, estate, store, looked.checked, looked.period, moment_ms, kinds)
            yield looked


def _of_days(
    engine: Engine, store: Store, estate: Estate, period: Period, moment_ms: int
) -> Looked:
    said = said_of(engine, estate.building.id, period.hours(estate.building.zone).start_ms)
    checked = check_building(estate, store, period, said=said, now_ms=moment_ms)
    return Looked(estate.building.id, Tier.WHOLE, "asked", period, checked)
