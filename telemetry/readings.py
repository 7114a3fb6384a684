"""One reading, and columns of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Quality(IntFlag):
    """What is known about a value; 0 is good. A suspect value is stored but counts as missing."""

    GOOD = 0
    SUSPECT = 1
    """Plausible by itself, not beside its neighbours: a stuck sensor, a status other than OK."""
    ARRIVAL_TIME = 2
    """The format has no device time, so that the time of arrival stands in for it."""
    NOTICE = 4
    """The device reports what leaves the value right, such as a leak or a low battery."""


class Reading(NamedTuple):
    """
    One value of one quantity from one device at one instant.

    (building, device, quantity, time_ms) is its key: written again it changes nothing, written
    with another value the later one wins.
    """

    building: str
    device: str
    quantity: str
    time_ms: int
    value: float
    quality: int
    arrival_ms: int


class Rejected(NamedTuple):
    """A reading that a store will never take, and why."""

    reading: Reading
    reason: str


@dataclass(frozen=True)
class Samples:
    """
    Readings of one quantity as columns, sorted by device and time.

    Attributes
    ----------
    device_index : (n,) int32 array
        Position of the device in the list that was asked for.
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
        """Return only the samples that may be counted, without the suspect ones."""
        return self.keep((self.quality & Quality.SUSPECT) == 0)

    def keep(self, kept: npt.NDArray[np.bool_]) -> Samples:
        """Return the samples that an (n,) array tells."""
        if kept.all():
            return self
        return Samples(
            self.device_index[kept], self.time_ms[kept], self.value[kept], self.quality[kept]
        )
