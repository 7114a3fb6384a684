"""A reading, and columns of readings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import numpy.typing as npt


class Quality(IntFlag):
    """Quality bits of a value; 0 is good. A suspect value is stored but treated as missing."""

    GOOD = 0
    SUSPECT = 1
    """Possible but implausible: a stuck sensor, a status other than OK."""
    ARRIVAL_TIME = 2
    """The format has no device time, so the time of arrival is used."""
    NOTICE = 4
    """The device reports a condition that leaves the value valid: a leak, a low battery."""


class Reading(NamedTuple):
    """
    One value of one quantity from one device at one instant.

    (building, device, quantity, time_ms) is its key: writing it again changes nothing; if written
    with another value, the later one wins.
    """

    building: str
    device: str
    quantity: str
    time_ms: int
    value: float
    quality: int
    arrival_ms: int


class Rejected(NamedTuple):
    """A reading that no store accepts, and the reason."""

    reading: Reading
    reason: str


@dataclass(frozen=True)
class Samples:
    """
    Readings of one quantity as columns, sorted by device and time.

    Attributes
    ----------
    device_index : (n,) int32 array
        Index of the device in the requested list.
    time_ms : (n,) int64 array
        Device time. [ms since 1970, UTC]
    value : (n,) float64 array
        In the quantity's unit.
    quality : (n,) uint8 array
        Bits of `Quality`.
    """

    device_index: npt.NDArray[np.int32]
    time_ms: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    quality: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.time_ms)

    def good(self) -> Samples:
        """Return the samples that are not suspect."""
        return self.keep((self.quality & Quality.SUSPECT) == 0)

    def keep(self, kept: npt.NDArray[np.bool_]) -> Samples:
        """Return the samples that an (n,) array selects."""
        if kept.all():
            return self
        return Samples(
            self.device_index[kept], self.time_ms[kept], self.value[kept], self.quality[kept]
        )


class Records(NamedTuple):
    """
    Everything stored of one series, as columns sorted by time.

    Attributes
    ----------
    time_ms : (n,) int64 array
        Device time. [ms since 1970, UTC]
    value : (n,) float64 array
        In the quantity's unit.
    quality : (n,) uint8 array
        Bits of `Quality`.
    arrival_ms : (n,) int64 array
        When it arrived. [ms since 1970, UTC]
    """

    time_ms: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    quality: npt.NDArray[np.uint8]
    arrival_ms: npt.NDArray[np.int64]

    @property
    def number(self) -> int:
        """Number of readings."""
        return len(self.time_ms)

    @classmethod
    def of(cls, columns: Iterable[Any]) -> Records:
        """Create records from their four columns."""
        return cls(*columns)

    def take(self, which: npt.NDArray[Any] | slice) -> Records:
        """Return a selection of the readings, or all of them in another order."""
        return Records.of(column[which] for column in self)
