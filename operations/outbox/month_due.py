"""Sends last month's report to every home on the set day, and removes old print files."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from billing.measured.earlier_uses import month_before
from estate.periods import Period, local_date
from operations.outbox.print_file import FOLDER
from operations.outbox.queue_month import queue_month

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from estate.model import Estate
    from operations.outbox.queue_month import QueuedMonth
    from operations.settings import Settings

PRINTED = "*.pdf"
"""Letters in one file, and their count sheet; the index, which names nobody, is kept."""


def month_due(settings: Settings, now_ms: int) -> Period | None:
    """
    Return the month to send on a day: the previous one, from the day in the settings on.

    Parameters
    ----------
    settings : Settings
    now_ms : int
        [ms since 1970, UTC]
    """
    today = local_date(now_ms, ZoneInfo(settings.service.timezone))
    if today.day < settings.reports.day:
        return None
    return month_before(Period(today, today + timedelta(days=1)))


def send_month_when_due(
    settings: Settings,
    now_ms: int,
    buildings: Sequence[str] = (),
    tracked: Callable[[Sequence[Estate]], Iterable[Estate]] = iter,
) -> QueuedMonth | None:
    """
    Queue the previous month once its day has come; called daily, each home gets it once.

    A home that could not be reached, and a building that failed, are tried again on each later day
    of the month.

    Parameters
    ----------
    settings : Settings
    now_ms : int
        [ms since 1970, UTC]
    buildings : sequence of str, optional
        All of the installation if empty.
    tracked : callable, optional
        Wraps the iteration over buildings, such as in a progress bar.

    Returns
    -------
    QueuedMonth or None
        None before the day.

    Raises
    ------
    UsageError
        If the settings name no way to reach a home.
    StoreUnavailable
    """
    period = month_due(settings, now_ms)
    if period is None:
        return None
    return queue_month(settings, buildings, period, tracked=tracked)


def drop_print_files(settings: Settings, now_ms: int) -> list[Path]:
    """
    Remove print files past their retention in the settings, since they name people.

    Parameters
    ----------
    settings : Settings
    now_ms : int
        [ms since 1970, UTC]

    Returns
    -------
    list of Path
        What was removed.
    """
    today = local_date(now_ms, ZoneInfo(settings.service.timezone))
    oldest = today - timedelta(days=settings.reports.print_days)
    removed = [path for path in _print_files(settings) if _day_of(path) < oldest]
    for path in removed:
        path.unlink()
    return removed


def _print_files(settings: Settings) -> Iterator[Path]:
    if settings.letters is not None:
        yield from sorted(settings.letters.directory.glob(f"*/{FOLDER}/{PRINTED}"))


def _day_of(path: Path) -> date:
    """Return the day that a print file is named after; for a foreign file, the latest possible."""
    try:
        return date.fromisoformat(path.name[:10])
    except ValueError:
        return date.max
