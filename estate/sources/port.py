"""The interface for reading estates, wherever they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from estate.model import Estate


class EstateSource(Protocol):
    """The estates of an installation, one for each building."""

    def revisions(self) -> Mapping[str, Hashable]:
        """
        Return every building with a mark that changes whenever its estate does.

        Raises
        ------
        FairvarmeError
        """

    def read(self, building: str) -> Estate:
        """
        Return the estate of a building.

        Raises
        ------
        UsageError
            If there is no such building.
        DataError
            If its estate is not in order.
        StoreUnavailable
        """
