"""Runs tasks on a Dask cluster, with the same bytes as in one process."""

from __future__ import annotations

import secrets
from collections import Counter
from concurrent.futures import CancelledError
from itertools import islice
from time import sleep
from typing import TYPE_CHECKING

from estate.errors import UsageError
from operations.portfolio.pools import DIED
from operations.portfolio.task import Outcome, do_task

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from distributed import Client, Future, as_completed

    from operations.portfolio.task import BillTask

AHEAD = 1000
"""Tasks a cluster is handed at a time: enough for as many workers, and few to keep in mind."""
TRIES = 3
"""How often a task is handed out whose outcome the cluster has forgotten."""
LOOK_EACH_S = 0.02
FORGOTTEN = (
    "the cluster forgot it, as when its scheduler is restarted or cannot be reached; bill the rest "
    "with --resume, and look at the scheduler's log"
)


def done_by_dask(tasks: Sequence[BillTask], scheduler: str) -> Iterator[Outcome]:
    """
    Run the tasks on a Dask cluster, whose workers reach the same stores and folders.

    What a lost worker had in progress or not yet reported is done again by another, as is
    what the scheduler has forgotten.

    Raises
    ------
    UsageError
        If Dask is not installed, or nobody answers there.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError("--dask needs fairvarme[dask]; install that") from error
    try:
        client = Client(scheduler)  # type: ignore[no-untyped-call]  # not annotated there
    except OSError as error:
        raise UsageError(f"no Dask scheduler answers at {scheduler}; start it") from error
    with client:
        yield from _done(client, tasks)


def _done(client: Client, tasks: Sequence[BillTask]) -> Iterator[Outcome]:
    from distributed import as_completed

    # A scheduler returns any outcome it still has for a key, so each batch has its own keys.
    batch, waiting, tries = f"bill-{secrets.token_hex(4)}", iter(tasks), Counter[str]()
    under_way: dict[Future[Outcome], BillTask] = {}
    ended = as_completed()  # type: ignore[no-untyped-call]  # not annotated there

    def hand_out(tasks: Iterable[BillTask]) -> Iterator[Outcome]:
        """Submit tasks to the cluster, and yield the outcomes of those that it cannot accept."""
        for task in tasks:
            tries[task.building] += 1
            key = (batch, task.building, tries[task.building])
            if client.status == "closed":
                yield Outcome(task.building, "failed", message=FORGOTTEN)
                continue
            future = client.submit(do_task, task, key=key, pure=False)
            under_way[future] = task
            ended.add(future)  # type: ignore[no-untyped-call]  # likewise

    yield from hand_out(islice(waiting, AHEAD))
    for future in _ended(client, ended):
        task = under_way.pop(future)
        outcome = _told(future, task)
        future.release()  # type: ignore[no-untyped-call]  # likewise
        if outcome is None and tries[task.building] < TRIES:
            yield from hand_out([task])
            continue
        yield outcome or Outcome(task.building, "failed", message=FORGOTTEN)
        yield from hand_out(islice(waiting, 1))
    # The scheduler is gone for good.
    for task in (*under_way.values(), *waiting):
        yield Outcome(task.building, "failed", message=FORGOTTEN)


def _ended(client: Client, ended: as_completed) -> Iterator[Future[Outcome]]:
    """Yield tasks as they finish, as long as the client has a scheduler or seeks one."""
    while not ended.is_empty():  # type: ignore[no-untyped-call]  # likewise
        if ended.has_ready():  # type: ignore[no-untyped-call]  # likewise
            yield next(ended)
        elif client.status == "closed":
            return  # it ends none of them
        else:
            sleep(LOOK_EACH_S)


def _told(future: Future[Outcome], task: BillTask) -> Outcome | None:
    """Return the outcome of a task, None if the cluster has forgotten it."""
    try:
        fault = future.exception()  # type: ignore[no-untyped-call]  # likewise
        if fault is not None:
            return Outcome(task.building, "failed", message=f"{DIED} ({fault})")
        outcome: Outcome = future.result()
    except (CancelledError, OSError):
        return None
    return outcome
