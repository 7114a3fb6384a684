"""
Monthly reports: a thousand of them with their mails, in one process and in one a core.

    .venv/bin/python -m benchmarks.reports

A report is two pages of PDF and a mail as text and HTML; one home in three has an alert. Each rate
is told of a processor's time, in which other work on the machine does not count, and by the clock,
to which the target is held: it is reached where nothing else runs. The memory of the one process is
read after a tenth and after all of them.
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
from typing import TYPE_CHECKING, NamedTuple

from alerts.model import AlertKind
from reports.monthly.mail import mail_words
from reports.monthly.page import page_of
from reports.pdf import Press, render_report
from tests.support.report_homes import a_climate, a_month, an_alert, months_around

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reports.monthly.figures import HomeMonth

HOMES = 50
REPORTS = 1000
FRESH_REPORTS = 10
PAGES = 2
TARGET_PAGES_PER_S = 40
MOST_GROWTH = 1.25


def homes(number: int = HOMES) -> list[HomeMonth]:
    """Homes that differ in climate, alerts and what they used before."""
    mould = an_alert(AlertKind.MOULD_RISK, date(2026, 1, 12), date(2026, 1, 31))
    return [
        replace(
            a_month(
                climate=a_climate(18 + 0.1 * place, 65 - place, 600 + 30 * place, seed=place),
                alerts=(mould,) if place % 3 == 0 else (),
                around=months_around({"heat_kwh": 300.0 + 5 * place, "hot_water_m3": 2.9}),
            ),
            tenancy=f"t{place}",
        )
        for place in range(number)
    ]


def thousand(number: int = REPORTS) -> list[HomeMonth]:
    """Return as many months as asked for; each has a home's figures and a tenancy of its own."""
    some = homes()
    return [replace(some[place % HOMES], tenancy=f"t{place}") for place in range(number)]


def printed(months: Sequence[HomeMonth]) -> int:
    """Print with one compiler, and put each into a mail; return the bytes."""
    size = 0
    with Press() as press:
        for month in months:
            page = page_of(month)
            words = mail_words(page)
            size += len(press.print_words(page, month.period.end)) + len(words.html)
    return size


def fresh(months: Sequence[HomeMonth]) -> int:
    """Print with a new compiler for each report."""
    return sum(len(render_report(month)) for month in months)


class Rate(NamedTuple):
    """Pages a second: of a processor's time, and by the clock."""

    of_processor: float
    by_clock: float


def rate(name: str, work: Callable[[], int], reports: int) -> Rate:
    """Measure pages a second, of this process and those that it started."""
    before, start = processor_s(), perf_counter()
    size = work()
    spent, passed = processor_s() - before, perf_counter() - start
    found = Rate(PAGES * reports / spent, PAGES * reports / passed)
    print(
        f"{name:34} {found.of_processor:8.1f} pages/s of a processor, {found.by_clock:6.1f} by the "
        f"clock   {size / reports / 1000:5.1f} kB a report"
    )
    return found


def processor_s() -> float:
    """Return the processor's time of this process and of its children that ended. [s]"""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def in_processes(months: Sequence[HomeMonth], workers: int) -> int:
    """Share the reports among processes, one compiler in each."""
    parts = [months[place::workers] for place in range(workers)]
    # Typst has threads of its own, which do not survive a fork.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return sum(pool.map(printed, parts))


def memory_mib() -> float:
    """Return the most that this process has held. [MiB]"""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Print the table; exit 1 below the target, or where memory grows with the reports."""
    cores = len(os.sched_getaffinity(0))
    many = thousand()
    print(
        f"{cores} cores at a load of {os.getloadavg()[0]:.1f}, {len(many)} reports of {PAGES} "
        "pages with their mails"
    )
    first = rate("a tenth, one process", lambda: printed(many[: REPORTS // 10]), REPORTS // 10)
    early_mib = memory_mib()
    one = rate("all, one compiler, one process", lambda: printed(many), REPORTS)
    late_mib = memory_mib()
    new = rate("a fresh compiler for each", lambda: fresh(many[:FRESH_REPORTS]), FRESH_REPORTS)
    split = rate(f"{cores} processes", lambda: in_processes(many, cores), REPORTS)
    print(
        f"all to a tenth: {one.of_processor / first.of_processor:.2f}, "
        f"one compiler to fresh ones: {one.of_processor / new.of_processor:.2f}, "
        f"{cores} processes to one, by the clock: {split.by_clock / one.by_clock:.2f}"
    )
    print(f"memory of the one process: {early_mib:.0f} MiB after a tenth, {late_mib:.0f} after all")
    bounded = late_mib <= MOST_GROWTH * early_mib
    print(f"target by the clock: {TARGET_PAGES_PER_S}, {cores} processes: {split.by_clock:.1f}")
    return 0 if bounded and split.by_clock >= TARGET_PAGES_PER_S else 1


if __name__ == "__main__":
    sys.exit(main())
