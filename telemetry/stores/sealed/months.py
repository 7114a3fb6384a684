"""Months in UTC, the unit of sealing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator


class Month(NamedTuple):
    """
    A month in UTC.

    Attributes
    ----------
    name : str
        ``YYYY-MM``.
    start_ms, end_ms : int
        Start inclusive, end exclusive. [ms since 1970, UTC]
    """

    name: str
    start_ms: int
    end_ms: int


def month_at(time_ms: int) -> Month:
    """
    Return the month of a time.

    Examples
    --------
    >>> month_at(0)
    Month(name='1970-01', start_ms=0, end_ms=2678400000)
    """
    return _of(np.datetime64(time_ms, "ms").astype("datetime64[M]"))


def month_named(name: str) -> Month:
    """Return the month ``YYYY-MM``."""
    return _of(np.datetime64(name, "M"))


def months_between(start_ms: int, end_ms: int) -> Iterator[Month]:
    """Yield the months that overlap a span."""
    month = month_at(start_ms)
    while month.start_ms < end_ms:
        yield month
        month = month_at(month.end_ms)


def _of(month: np.datetime64) -> Month:
    start, end = (
        int(each.astype("datetime64[ms]").astype(np.int64)) for each in (month, month + 1)
    )
    return Month(str(month), start, end)
