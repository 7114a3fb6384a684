"""Coverage of a check: how many homes or meters could be judged, and why the others not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST_NAMED = 5


@dataclass(frozen=True)
class Coverage:
    """
    Coverage of one check in one building.

    Attributes
    ----------
    building : str
    check : str
        Kind of alert, and of meter if it concerns meters.
    what : str
        ``homes`` or ``meters``.
    judged : int
    not_judged : mapping of str to sequence of str
        Flats or devices by reason, a key of ``coverage.yaml``.
    """

    building: str
    check: str
    what: str
    judged: int
    not_judged: Mapping[str, Sequence[str]]

    @property
    def total(self) -> int:
        """Number of homes or meters to be judged."""
        return self.judged + sum(map(len, self.not_judged.values()))

    def as_dict(self) -> dict[str, Any]:
        """Return the coverage as JSON-able data."""
        return {
            "building": self.building,
            "check": self.check,
            "what": self.what,
            "total": self.total,
            "judged": self.judged,
            "not_judged": {reason: list(ids) for reason, ids in self.not_judged.items()},
        }

    def sentence(self) -> str:
        """Return the coverage as a sentence."""
        return f"{self.building} {self.check}: {self.judged} of {self.total} {self.what} judged"

    def findings(self) -> list[Finding]:
        """Yield a finding for each reason why homes or meters could not be judged."""
        return [self._finding(reason, ids) for reason, ids in sorted(self.not_judged.items())]

    def _finding(self, reason: str, ids: Sequence[str]) -> Finding:
        words, number = reasons()[reason], len(ids)
        named = ", ".join(ids[:MOST_NAMED]) + (", ..." if number > MOST_NAMED else "")
        message = (
            f"{self.building}: {self.check} could not be judged for {number} of {self.total} "
            f"{self.what} ({named}): {words['because']}; {words['remedy']}"
        )
        data = {
            "building": self.building, "check": self.check, "what": self.what, "reason": reason,
            "not_judged": list(ids), "total": self.total,
        }  # fmt: skip
        return Finding("alerts.not_judged", message, data)


@cache
def reasons() -> Mapping[str, Mapping[str, str]]:
    """Return the reasons why something cannot be judged, with their remedies."""
    text = resources.files("alerts").joinpath("coverage.yaml").read_text("utf-8")
    table: dict[str, dict[str, str]] = yaml.safe_load(text)
    return table


def coverage(
    building: str, check: str, what: str, verdicts: Iterable[tuple[str, str | None]]
) -> Coverage:
    """
    Count verdicts.

    Parameters
    ----------
    building, check, what : str
    verdicts : iterable of (str, str or None)
        A flat or device, and the reason why it could not be judged; None if it could. One
        that occurs more than once counts as judged if it was judged once.
    """
    found: dict[str, str | None] = {}
    for name, reason in verdicts:
        found[name] = None if found.get(name, reason) is None else reason
    not_judged: dict[str, list[str]] = defaultdict(list)
    for name, reason in sorted(found.items()):
        if reason is not None:
            not_judged[reason].append(name)
    judged = sum(reason is None for reason in found.values())
    return Coverage(building, check, what, judged, dict(not_judged))
