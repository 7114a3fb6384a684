"""Interface of a store of readings. One set of contract tests holds for SQLite and InfluxDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from telemetry.readings import Reading, Records, Rejected, Samples

    Spans = Mapping[str, Sequence[tuple[int, int]]]
    """Of each device, start inclusive and end exclusive. [ms since 1970, UTC]"""


class SampleSource(Protocol):
    """A source of readings as columns: a store, or a readings file."""

    def samples(
        self, building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
    ) -> Samples:
        """
        Read one quantity of some devices.

        Parameters
        ----------
        building : str
        devices : sequence of str
            Device ids; `Samples.device_index` refers to this list.
        quantity : str
        start_ms, end_ms : int
            Device time, start inclusive, end exclusive. [ms since 1970, UTC]

        Returns
        -------
        Samples
            Sorted by device and time; suspect values included.

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
        it is not. A reading that the store will never accept is returned with the reason and does
        not affect other readings.

        Raises
        ------
        StoreUnavailable
            Nothing may be assumed to be written; writing all of it again is harmless.
        """
        ...

    def count(self, building: str) -> int:
        """Count the stored readings (keys) of a building."""
        ...

    def devices(self, building: str, quantity: str) -> list[str]:
        """Name the devices of a building with readings of a quantity, sorted."""
        ...

    def quantities(self, building: str) -> list[str]:
        """Name the quantities of which a building has readings, sorted."""
        ...

    def forget(
        self, building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
    ) -> int:
        """
        Erase readings, so that no file of the store holds them any more.

        Parameters
        ----------
        building : str
        devices : sequence of str
        quantity : str
        start_ms, end_ms : int
            Device time, start inclusive, end exclusive. [ms since 1970, UTC]

        Returns
        -------
        int
            Number of readings erased.

        Raises
        ------
        StoreUnavailable
            Some may be erased; erasing again is harmless.
        """
        ...

    def forget_spans(self, building: str, quantity: str, spans: Spans) -> int:
        """Erase readings as `forget` does, with spans of its own for each device."""
        ...

    def ping(self) -> None:
        """Raise `StoreUnavailable` unless the store accepts writes now."""
        ...

    def check_place(self) -> None:
        """
        Raise `StoreUnavailable` if what was opened is no longer what its URL names.

        Safe to call from any thread at any time: nothing is written, opened or waited for.
        """
        ...

    def tend(self) -> None:
        """
        Close what the URL no longer names, and open what it names now.

        Raises
        ------
        StoreUnavailable
            If it was closed now, or there is nothing to open yet.
        """
        ...

    def close(self) -> None:
        """Close files and connections."""
        ...


class HotStore(Store, Protocol):
    """A store from which whole months can be moved into sealed files."""

    def first_ms(self, building: str, quantity: str, start_ms: int, end_ms: int) -> int | None:
        """Return the earliest device time of a quantity in a span; None without readings."""
        ...

    def records(
        self, building: str, device: str, quantity: str, start_ms: int, end_ms: int
    ) -> Records:
        """Read everything stored of one series; the span is as in `SampleSource.samples`."""
        ...

    def release(
        self,
        building: str,
        quantity: str,
        sealed: Iterable[tuple[str, Records]],
        arrived_before_ms: int,
    ) -> int:
        """
        Erase readings that are sealed; what differs from them stays, as does what has just arrived.

        Parameters
        ----------
        building, quantity : str
        sealed : iterable of (str, Records)
            The readings of each device, at least one, sorted by time.
        arrived_before_ms : int
            What arrived since stays. [ms since 1970, UTC]

        Returns
        -------
        int
            Number of readings erased.

        Raises
        ------
        StoreUnavailable
        """
        ...

    def give_back(self) -> int:
        """
        Give back disk space freed by erasing, without keeping writers waiting.

        Returns
        -------
        int
            By how much the store's file became smaller. [byte]

        Raises
        ------
        StoreUnavailable
            If others kept it busy.
        """
        ...

    @property
    def releases_at_once(self) -> bool:
        """Whether nothing can be written while `release` compares and erases."""
        ...
