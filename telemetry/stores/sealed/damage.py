"""The error for a sealed file that is missing or was altered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estate.errors import FairvarmeError, StoreUnavailable

if TYPE_CHECKING:
    from pathlib import Path

REMEDY = "`fairvarme readings check` says what is damaged, and with --backup brings it back"


class SealedDamaged(StoreUnavailable):
    """
    A sealed file is missing or damaged; what does not need it can still be read.

    Attributes
    ----------
    path : Path
        The file.
    how : str
        What is wrong with it, such as "is missing".
    """

    def __init__(self, path: Path, how: str) -> None:
        self.path = path
        self.how = how
        self.store, self.reason = f"sealed months {path.parent}", f"{path.name} {how}"
        # The base class's advice, to wait for a server, does not help here.
        FairvarmeError.__init__(self, f"{path} {how}; {REMEDY}")
