"""
One gateway fills the quarantine, and nothing else is pushed out of it.

    .venv/bin/python -m tests.faults.fill

Small messages of which nothing can be read, each on a topic of its own, go through the intake into
a quarantine with the shipped bound, in which a few entries of others lie. No broker takes part, so
that it is as fast as the worker can be.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairvarme.output import progress_bars
from ingest.intake import Intake
from ingest.limits import limits
from ingest.message import Message
from ingest.quarantine.store import Quarantine, Selection
from ingest.sources import Source
from ingest.worker import BatchSettings
from tests.support.ingest_parts import BUILDING, RULES, SOURCES, T0, TOPIC, open_quarantine

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ONCE = BatchSettings().entries
OTHERS = 100
GATEWAY = f"{BUILDING}/cellar/wmbusmeters"
INTAKE = Intake(
    [
        Source(
            topic_filter=f"{GATEWAY}/+", decoder="wmbusmeters", building=BUILDING,
            gateway="cellar", devices=frozenset({"64000101"}),
        ),
        *SOURCES,
    ],
    RULES,
)  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """
    What it came to.

    Attributes
    ----------
    messages : int
    bound_mib, counted_mib, disk_mib : float
        The bound, what is counted at the end, and the largest that the files ever were. [MiB]
    kept : int
        Messages of the gateway that are kept at the end.
    others : int
        Entries of others that are kept at the end, of `OTHERS`.
    microseconds : float
        For each message. [µs]
    longest_ms : float
        For one batch of messages. [ms]
    """

    messages: int
    bound_mib: float
    counted_mib: float
    disk_mib: float
    kept: int
    others: int
    microseconds: float
    longest_ms: float


def fill(
    directory: Path, messages: int, bound: int, on_progress: Callable[[int], None] = lambda _: None
) -> Filled:
    """Send so many messages into a quarantine of so many bytes."""
    quarantine = replace(open_quarantine(directory / "fairvarme.db"), most_bytes=bound)
    for n in range(OTHERS):
        _take(quarantine, [(TOPIC.replace("0101", f"010{n % 2 + 1}"), b"of another %d" % n)])
    largest = longest = 0.0
    started = time.monotonic()
    for first in range(0, messages, AT_ONCE):
        since = time.monotonic()
        numbers = range(first, min(first + AT_ONCE, messages))
        _take(quarantine, [(f"{GATEWAY}/{n}", b"%d?" % n) for n in numbers])
        while quarantine.tidy(T0).due:
            pass
        longest = max(longest, time.monotonic() - since)
        largest = max(largest, sum(each.stat().st_size for each in directory.iterdir()))
        on_progress(len(numbers))
    seconds = time.monotonic() - started
    others = quarantine.count_messages(Selection(source=SOURCES[0].topic_filter))
    kept = quarantine.count_messages(Selection()) - others
    counted = quarantine.taken_bytes()
    quarantine.engine.dispose()
    mib = 2.0**20
    return Filled(
        messages, bound / mib, counted / mib, largest / mib, kept, others,
        seconds / messages * 1e6, longest * 1e3,
    )  # fmt: skip


def _take(quarantine: Quarantine, messages: list[tuple[str, bytes]]) -> None:
    arrived = [Message(topic, data, len(data), T0) for topic, data in messages]
    quarantine.put(INTAKE.take(arrived).entries)


@click.command(epilog="Example:  .venv/bin/python -m tests.faults.fill --messages 100000 --mib 32")
@click.option("--messages", type=click.IntRange(min=1), default=2_500_000, show_default=True)
@click.option("--mib", default=limits().quarantine_bytes >> 20, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def main(messages: int, mib: int, as_json: bool) -> None:
    """Fill the quarantine, and count what is left of others."""
    with tempfile.TemporaryDirectory() as directory, progress_bars(hidden=as_json) as bars:
        task = bars.add_task("messages", total=messages)
        filled = fill(
            Path(directory), messages, mib << 20, lambda number: bars.advance(task, number)
        )
    click.echo(json.dumps(asdict(filled)) if as_json else filled)
    sys.exit(filled.others < OTHERS or filled.counted_mib > mib)


if __name__ == "__main__":
    main()
