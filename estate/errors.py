"""
The exceptions that Fairvarme raises.

::

    FairvarmeError
    ├── DataError           the data does not allow it; carries findings       exit 1
    ├── UsageError          the call or a setting is wrong                     exit 2
    └── StoreUnavailable    a store is unavailable for now; try again      exit 1

A caller's mistake in a pure function is a ``ValueError``.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from estate.findings import Finding

SHOWN_FINDINGS = 20


class FairvarmeError(Exception):
    """Base of every exception that Fairvarme raises."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Reach another process whole: a constructor takes the facts, not the message."""
        return _with_message, (type(self), self.args), self.__dict__


def _with_message(kind: type[FairvarmeError], args: tuple[Any, ...]) -> FairvarmeError:
    return kind.__new__(kind, *args)


class UsageError(FairvarmeError):
    """The call or a setting is wrong; the message ends with the remedy."""


class DataError(FairvarmeError):
    """
    The data does not allow what was asked.

    Attributes
    ----------
    findings : tuple of Finding
        All findings at once.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(_lines(self.findings)))


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the first messages of each severity, so that warnings hide no disqualification."""
    seen: Counter[str] = Counter()
    for finding in findings:
        seen[finding.severity] += 1
        if seen[finding.severity] <= SHOWN_FINDINGS:
            yield finding.message
    hidden = sum(max(count - SHOWN_FINDINGS, 0) for count in seen.values())
    if hidden:
        yield f"... and {hidden} more findings"


class StoreUnavailable(FairvarmeError):
    """
    A store is unavailable; nothing was lost, try again.

    Attributes
    ----------
    store : str
        Which store, without credentials.
    reason : str
        What it answered.
    """

    def __init__(self, store: str, reason: str) -> None:
        self.store = store
        self.reason = reason
        super().__init__(
            f"{store} is not available: {reason}. Check that it runs and is reachable; for a file, "
            "check its folder, permissions and disk"
        )
