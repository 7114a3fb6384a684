"""
Findings: what the data says that somebody must know.

A finding is a dotted name, a sentence and the numbers that prove it. Whether a name is a warning
or a disqualification stands in one table, ``findings.yaml``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Severity(StrEnum):
    """What a finding does to the work at hand."""

    WARNING = "warning"
    DISQUALIFICATION = "disqualification"


@dataclass(frozen=True)
class FindingKind:
    """One row of the findings table."""

    name: str
    severity: Severity
    meaning: str


@dataclass(frozen=True)
class Finding:
    """
    One thing found in the data.

    Attributes
    ----------
    name : str
        Dotted name, listed in ``findings.yaml``.
    message : str
        A sentence for a person; ends in the remedy.
    data : mapping
        The numbers that prove it, JSON-able.
    """

    name: str
    message: str
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """Warning or disqualification, from the one table."""
        return finding_kinds()[self.name].severity

    def as_dict(self) -> dict[str, Any]:
        """Give the finding as JSON-able data."""
        return {
            "name": self.name,
            "severity": str(self.severity),
            "message": self.message,
            "data": dict(self.data),
        }


@cache
def finding_kinds() -> Mapping[str, FindingKind]:
    """Read the table of all findings, by name."""
    table = yaml.safe_load(resources.files("estate").joinpath("findings.yaml").read_text("utf-8"))
    return {
        name: FindingKind(name, Severity(row["severity"]), row["meaning"])
        for name, row in table.items()
    }


def disqualifications(findings: Iterable[Finding]) -> list[Finding]:
    """Keep the findings that stop the work."""
    return [each for each in findings if each.severity is Severity.DISQUALIFICATION]
