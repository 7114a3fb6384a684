"""Tasks done by this process or a pool of processes, with the same bytes."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import TYPE_CHECKING

from operations.portfolio.task import Outcome, do_task

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from operations.portfolio.task import BillTask

AHEAD = 2
"""Tasks a process is handed at a time, so that it need not wait, and few go with it if it dies."""
DIED = (
    "the process that billed it died, as by a lack of memory; bill it again, alone (--jobs 1), and "
    "look at the machine's log"
)


def done_alone(tasks: Sequence[BillTask]) -> Iterator[Outcome]:
    """Do the tasks one by one, in this process."""
    yield from map(do_task, tasks)


def done_by_processes(tasks: Sequence[BillTask], processes: int) -> Iterator[Outcome]:
    """
    Do the tasks by a pool, and yield what became of each as it is done.

    A process that dies costs nobody else a bill: what was under way is done again, each alone, and
    only that which ends its process again has failed.
    """
    waiting = iter(tasks)
    while True:
        lost = yield from _until_broken(waiting, processes)
        if lost is None:
            return
        for task in lost:
            if (yield from _until_broken(iter([task]), 1)) is not None:
                yield Outcome(task.building, "failed", message=DIED)


def _until_broken(
    waiting: Iterator[BillTask], processes: int
) -> Generator[Outcome, None, list[BillTask] | None]:
    """Do tasks until one ends its process; return those that were lost by it, None at the end."""
    # Forked, a process would hold half-finished locks of threads of this one.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        under_way: dict[Future[Outcome], BillTask] = {}
        lost = _hand_out(pool, islice(waiting, processes * AHEAD), under_way)
        while under_way and not lost:
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            lost = [under_way.pop(each) for each in done if _broke(each)]
            for each in done:
                if each in under_way:
                    del under_way[each]
                    yield each.result()
            if not lost:
                lost = _hand_out(pool, islice(waiting, len(done)), under_way)
        return [*lost, *under_way.values()] if lost else None


def _hand_out(
    pool: ProcessPoolExecutor, tasks: Iterable[BillTask], under_way: dict[Future[Outcome], BillTask]
) -> list[BillTask]:
    """Hand tasks to a pool, and return those that it takes no more as a process has ended."""
    refused: list[BillTask] = []
    for task in tasks:
        try:
            under_way[pool.submit(do_task, task)] = task
        except BrokenProcessPool:
            refused.append(task)
    return refused


def _broke(done: Future[Outcome]) -> bool:
    return isinstance(done.exception(), BrokenProcessPool)
