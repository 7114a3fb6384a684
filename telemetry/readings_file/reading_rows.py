"""The rows of readings files as columns of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from estate.quantities import quantities

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from estate.numbers.arrays import Bools, Floats, Integers


class Rows(NamedTuple):
    """
    Rows as columns, all of shape (n,).

    Attributes
    ----------
    series : int64 array
        Index of the device times the number of known quantities, plus the index of the
        quantity in `estate.quantities.quantities`.
    start_ms, time_ms : int64 array
        Start and end of the interval of a row; equal for an instant.
        [ms since 1970, UTC]
    later_ms : int64 array
        How much later both are in the second of two equal local times. [ms]
    value : float64 array
        [the quantity's unit]
    use : bool array
        The value is consumption in the interval.
    """

    series: Integers
    start_ms: Integers
    time_ms: Integers
    later_ms: Integers
    value: Floats
    use: Bools

    @classmethod
    def of_register(cls, series: Integers, time_ms: Integers, value: Floats) -> Rows:
        """Return rows of a register at some instants."""
        nothing = np.zeros(len(series), dtype=np.int64)
        return cls(series, time_ms, time_ms, nothing, value, nothing.astype(np.bool_))

    def pick(self, chosen: Bools | Integers) -> Rows:
        """Return some of the rows."""
        return Rows(
            self.series[chosen], self.start_ms[chosen], self.time_ms[chosen],
            self.later_ms[chosen], self.value[chosen], self.use[chosen],
        )  # fmt: skip


_NO_NUMBERS = np.empty(0, dtype=np.int64)
NO_ROWS = Rows.of_register(_NO_NUMBERS, _NO_NUMBERS, _NO_NUMBERS.astype(np.float64))


def joined(parts: Sequence[Rows]) -> Rows:
    """Concatenate rows."""
    if len(parts) == 1:
        return parts[0]
    return Rows(*(np.concatenate(columns) for columns in zip(NO_ROWS, *parts, strict=True)))


def by_device_name(rows: Rows, devices: Mapping[str, int]) -> Rows:
    """Renumber devices in the order of their names."""
    position = np.empty(len(devices), dtype=np.int64)
    position[[devices[name] for name in sorted(devices)]] = np.arange(len(devices))
    device, quantity = np.divmod(rows.series, len(quantities()))
    return rows._replace(series=position[device] * len(quantities()) + quantity)


def each_key_once(rows: Rows) -> tuple[Integers, Integers, Floats, int]:
    """
    Sort by series and time, and keep the last row of each.

    Returns
    -------
    series, time_ms, value : (m,) array
    changed : int
        Number of rows repeated with another value.
    """
    # The sort is stable, so the last of equal keys is the last in the file.
    order = np.lexsort((rows.time_ms, rows.series))
    series, time_ms, value = rows.series[order], rows.time_ms[order], rows.value[order]
    same = (np.diff(series) == 0) & (np.diff(time_ms) == 0)
    last = np.append(~same, True)[: len(series)]
    changed = int((same & (np.diff(value) != 0)).sum())
    return series[last], time_ms[last], value[last], changed
