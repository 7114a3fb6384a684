"""What a store of readings promises. SQLite and InfluxDB keep it, shown by the same tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telemetry.readings import Reading, Rejected, Samples


class SampleSource(Protocol):
    """Anything that gives readings back as columns: a store, or a readings file."""

    def samples(
        self, building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
    ) -> Samples:
        """
        Read one quantity of some devices.

        Parameters
        ----------
        building : str
        devices : sequence of str
            Device ids; `Samples.device_index` counts along this list.
        quantity : str
        start_ms, end_ms : int
            Device time, start inclusive, end exclusive. [ms since 1970, UTC]

        Returns
        -------
        Samples
            Sorted by device and time; suspect values are among them.

        Raises
        ------
        StoreUnavailable
        """
        ...


class Store(SampleSource, Protocol):
    """A durable store of readings."""

    def write(self, readings: Sequence[Reading]) -> list[Rejected]:
        """
        Write readings; when this returns they are durable.

        A repeated key changes nothing where the value is the same, and the later value wins where
        it is not. A reading that the store will never take is given back with the reason and costs
        no other reading its place.

        Raises
        ------
        StoreUnavailable
            Nothing may be taken as written; writing all of it again is harmless.
        """
        ...

    def count(self, building: str) -> int:
        """Count the stored readings (keys) of a building."""
        ...

    def devices(self, building: str, quantity: str) -> list[str]:
        """Name the devices of a building with readings of a quantity, sorted."""
        ...

    def ping(self) -> None:
        """Raise `StoreUnavailable` unless the store would take a write now."""
        ...

    def check_place(self) -> None:
        """
        Raise `StoreUnavailable` where what was opened is no longer what its URL names.

        Any thread may ask at any time: nothing is written, opened or waited for.
        """
        ...

    def tend(self) -> None:
        """
        Let go of what its URL no longer names, and open what it names now.

        Raises
        ------
        StoreUnavailable
            Where it was let go of now, or there is nothing yet that can be opened.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
