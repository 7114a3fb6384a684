"""Output of commands: JSON for programs, progress and tables for people."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rich.progress import Progress, TaskID

LONG_FILE_BYTES = 4 << 20
"""Size from which reading a file shows progress."""


def echo_json(data: Mapping[str, Any]) -> None:
    """Print one JSON object on a line."""
    click.echo(json.dumps(data, ensure_ascii=False, allow_nan=False))


def as_utc(time_ms: int) -> str:
    """Format an instant to the minute, for programs. [ms since 1970, UTC]"""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%MZ")


def as_local(time_ms: int, zone: str) -> str:
    """Format an instant to the minute for people, by the clock of a zone. [ms since 1970, UTC]"""
    return f"{datetime.fromtimestamp(time_ms / 1000, ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"


def money(ore: int) -> str:
    """Format an amount for people, in kroner, as "11,900.00"."""
    return f"{Decimal(ore).scaleb(-2):,.2f}"


def progress_bars(*, hidden: bool = False) -> Progress:
    """Return the progress display: on standard error, which leaves standard output to results."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description:<34}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=hidden,
    )


def progress_on(bars: Progress, description: str) -> Callable[[int, int], None]:
    """Return a callback that updates a bar; the bar appears with the first call."""
    tasks: list[TaskID] = []

    def update(done: int, total: int) -> None:
        if not tasks:
            tasks.append(bars.add_task(description))
        bars.update(tasks[0], completed=done, total=total)

    return update


@contextmanager
def reading_bar(*, hidden: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Yield a callback for bytes read; large files show a bar."""
    bars = progress_bars(hidden=hidden)
    update = progress_on(bars, "bytes read")

    def on_progress(done: int, total: int) -> None:
        if total >= LONG_FILE_BYTES:
            bars.start()
            update(done, total)

    try:
        yield on_progress
    finally:
        # A display that never started would print an empty line.
        if bars.tasks:
            bars.stop()
