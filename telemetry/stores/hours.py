"""Hourly means that a store keeps alongside its readings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from estate.periods import HOUR_MS
from telemetry.stores.store import SampleSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from telemetry.readings import Samples


class HourAxis(NamedTuple):
    """
    Consecutive whole hours of UTC.

    Attributes
    ----------
    start_ms : int
        [ms since 1970, UTC]
    number : int
        How many hours.
    """

    start_ms: int
    number: int

    @property
    def end_ms(self) -> int:
        """End of the last hour. [ms since 1970, UTC]"""
        return self.start_ms + self.number * HOUR_MS


class SettledHours(NamedTuple):
    """
    Hours of devices that are known without reading them; arrays of shape (devices, hours).

    Attributes
    ----------
    known : bool array
        Whether the other arrays are complete for an hour; an hour without a reading is known too.
    number : int32 array
        Readings that are not suspect.
    means : float64 array
        NaN without a reading that counts. [the quantity's unit]
    glitches : int32 array
        Readings that are not suspect, but left out because they do not fit their neighbours.
    suspect : bool array
        Whether there are suspect readings.
    """

    known: npt.NDArray[np.bool_]
    number: npt.NDArray[np.int32]
    means: npt.NDArray[np.float64]
    glitches: npt.NDArray[np.int32]
    suspect: npt.NDArray[np.bool_]

    @classmethod
    def unknown(cls, devices: int, hours: int) -> SettledHours:
        """Return hours about which nothing is known."""
        import numpy as np

        shape = devices, hours
        known, suspect = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
        number, glitches = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32)
        return cls(known, number, np.full(shape, np.nan), glitches, suspect)


@runtime_checkable
class HourSource(SampleSource, Protocol):
    """A source that knows some hourly means without reading twelve readings for each."""

    def settled_hours(
        self, building: str, devices: Sequence[str], quantity: str, hours: HourAxis, basis: str
    ) -> SettledHours | None:
        """
        Return the hours whose means are known and depend on no reading of another month.

        Parameters
        ----------
        building : str
        devices : sequence of str
            Without duplicates.
        quantity : str
        hours : HourAxis
        basis : str
            What means depend on besides the readings; means with another basis are not returned.

        Returns
        -------
        SettledHours or None
            None if none is known.

        Raises
        ------
        StoreUnavailable
        """
        ...


class HourRows(NamedTuple):
    """
    Hours of one device that have readings, sorted.

    Attributes
    ----------
    hour_ms : (n,) int64 array
        Start. [ms since 1970, UTC]
    number : (n,) int32 array
        Readings that are not suspect.
    mean : (n,) float64 array
        Mean of those that fit their neighbours; NaN if there are none. [the quantity's unit]
    glitches : (n,) int32 array
        Readings that do not.
    suspect : (n,) bool array
        Whether there are suspect readings.
    settled : (n,) bool array
        Whether the hour is unaffected by readings of other months.
    """

    hour_ms: npt.NDArray[np.int64]
    number: npt.NDArray[np.int32]
    mean: npt.NDArray[np.float64]
    glitches: npt.NDArray[np.int32]
    suspect: npt.NDArray[np.bool_]
    settled: npt.NDArray[np.bool_]


class HourMaker(Protocol):
    """Computes hourly means from readings, in the form that the store's readers need."""

    def basis(self, quantity: str, start_ms: int) -> str:
        """Name what means from a time on depend on besides the readings; empty without means."""
        ...

    def rows(
        self, quantity: str, axis: HourAxis, samples: Samples, devices: int
    ) -> Sequence[HourRows]:
        """Return the hours with readings of each device, of samples within an axis."""
        ...
