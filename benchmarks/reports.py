"""
Monthly reports: pages a second with one compiler, a fresh compiler for each page, and processes.

    .venv/bin/python -m benchmarks.reports

Every way prints the same pages: 30 homes, one in three of them with an alert.
"""

from __future__ import annotations

import os
import resource
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from multiprocessing import get_context
from time import perf_counter
from typing import TYPE_CHECKING

from alerts.model import AlertKind
from reports.pdf import Press, render_report
from tests.support.report_homes import a_climate, a_month, an_alert

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reports.monthly.figures import HomeMonth

HOMES = 30
ROUNDS = 10
FRESH_PAGES = 30
TARGET_PAGES_PER_S = 20


def homes() -> list[HomeMonth]:
    """Thirty homes that differ in climate and alerts."""
    mould = an_alert(AlertKind.MOULD_RISK, date(2026, 1, 12), date(2026, 1, 31))
    return [
        replace(
            a_month(
                climate=a_climate(18 + 0.15 * number, 65 - number, 600 + 30 * number, seed=number),
                alerts=(mould,) if number % 3 == 0 else (),
            ),
            tenancy=f"t{number}",
        )
        for number in range(HOMES)
    ]


def reused(months: Sequence[HomeMonth]) -> int:
    """Print with one compiler."""
    with Press() as press:
        return sum(len(press.print_page(month)) for month in months)


def fresh(months: Sequence[HomeMonth]) -> int:
    """Print with a new compiler for each page."""
    return sum(len(render_report(month)) for month in months)


def rate(name: str, work: Callable[[], int], pages: int) -> float:
    """Measure pages a second."""
    start = perf_counter()
    size = work()
    per_s = pages / (perf_counter() - start)
    print(f"{name:34} {per_s:8.1f} pages/s   {size / pages / 1000:5.1f} kB a page")
    return per_s


def in_processes(months: Sequence[HomeMonth], workers: int) -> int:
    """Share the pages among processes, one compiler in each."""
    parts = [months[place::workers] for place in range(workers)]
    # Typst has threads of its own, which do not survive a fork.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return sum(pool.map(reused, parts))


def main() -> int:
    """Print the table; exit 1 below the target."""
    cores = len(os.sched_getaffinity(0))
    many = [
        replace(month, tenancy=f"{month.tenancy}-{turn}")
        for turn in range(ROUNDS)
        for month in homes()
    ]
    print(f"{cores} cores, {len(many)} pages ({FRESH_PAGES} with a fresh compiler each)")
    one = rate("one compiler, one process", lambda: reused(many), len(many))
    memory_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    new = rate("a fresh compiler for each page", lambda: fresh(many[:FRESH_PAGES]), FRESH_PAGES)
    split = rate(f"{cores} processes", lambda: in_processes(many, cores), len(many))
    print(
        f"one compiler to fresh ones: {one / new:.2f}, {cores} processes to one: {split / one:.2f}"
    )
    print(f"largest memory of the one process: {memory_mib:.0f} MiB")
    return 0 if one >= TARGET_PAGES_PER_S else 1


if __name__ == "__main__":
    sys.exit(main())
