"""Runs tasks in this process or a pool of processes, with the same bytes."""

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
    """Run the tasks one by one, in this process."""
    yield from map(do_task, tasks)


def done_by_processes(tasks: Sequence[BillTask], processes: int) -> Iterator[Outcome]:
    """
    Run the tasks in a pool, and yield the outcome of each as it finishes.

    A process that dies costs nobody else a bill: tasks in progress are run again one at a time, and
    only one that ends its process again has failed.
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
    """Run tasks until one ends its process; return those lost with it, None once all are done."""
    # A forked process could inherit locks held by threads of this one.
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
    """Submit tasks to a pool, and return those it no longer accepts because a process ended."""
    refused: list[BillTask] = []
    for task in tasks:
        try:
            under_way[pool.submit(do_task, task)] = task
        except BrokenProcessPool:
            refused.append(task)
    return refused


def _broke(done: Future[Outcome]) -> bool:
    return isinstance(done.exception(), BrokenProcessPool)
