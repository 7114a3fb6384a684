"""Readings that arrived long after their time, so that earlier results are out of date."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from estate.periods import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

LATE_MS = 6 * HOUR_MS
"""A reading that came so long after its time is late; so is one that was corrected then."""


class Late(NamedTuple):
    """
    Late readings of one series that arrived within about an hour.

    Attributes
    ----------
    first_ms : int
        Time of the earliest of them. [ms since 1970, UTC]
    arrival_ms : int
        When the last of them arrived. [ms since 1970, UTC]
    """

    building: str
    device: str
    quantity: str
    first_ms: int
    arrival_ms: int


@runtime_checkable
class TellsLate(Protocol):
    """A store that can quickly list the readings that arrived late."""

    def late_since(self, arrival_ms: int) -> Sequence[Late]:
        """
        Return what has arrived late since an instant. [ms since 1970, UTC]

        Raises
        ------
        StoreUnavailable
        """
        ...


def teller_of(store: object) -> TellsLate | None:
    """Return the part of a store that can list late readings; None if none can."""
    # Late readings are written to the hot store, beside the sealed months.
    hot = getattr(store, "hot", store)
    return hot if isinstance(hot, TellsLate) else None
