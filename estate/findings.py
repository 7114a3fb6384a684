"""
Findings: problems in the data that somebody must know about.

A finding is a dotted name, a sentence and the numbers that prove it. Whether a name is a warning
or a disqualification, and whether the latter may be allowed at the call, is defined in one table,
``findings.yaml``. ``python -m estate.findings > docs/findings.md`` writes that table as a page.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from estate.printable import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

HEAD = """\
# Findings

Problems in the data that somebody must know about. A *warning* is kept with the result and the
work goes on; a *disqualification* stops it with exit code 1. Each finding comes with a sentence
that names the place and what to do, and with the numbers that prove it (`--json`, `findings.json`).

A disqualification marked *may be allowed* lets the work go on where the command is called with
`--allow NAME`; that is recorded in findings.json and run.json and printed on the bill. The others
stop it always: without the missing data there is nothing to compute, or the bill would not add up.

Generated from `estate/findings.yaml` by `make docs`.

| finding | severity | meaning |
|---|---|---|
"""
ALLOW = ", may be allowed"


class Severity(StrEnum):
    """Effect of a finding: the work goes on, or stops."""

    WARNING = "warning"
    DISQUALIFICATION = "disqualification"


@dataclass(frozen=True)
class FindingKind:
    """
    One row of the findings table.

    Attributes
    ----------
    allow : bool
        Whether a disqualification may be allowed at the call; never where the missing data leaves
        nothing to compute, or where a bill would not add up.
    """

    name: str
    severity: Severity
    meaning: str
    allow: bool = False


@dataclass(frozen=True)
class Finding:
    """
    One thing found in the data.

    Attributes
    ----------
    name : str
        Dotted name, listed in ``findings.yaml``.
    message : str
        A sentence for a person; ends with the remedy.
    data : mapping
        The numbers that prove it, JSON-able.
    allowed : bool
        A disqualification that was allowed at the call, so that it does not stop the work.
    """

    name: str
    message: str
    data: Mapping[str, Any] = field(default_factory=dict)
    allowed: bool = False

    def __post_init__(self) -> None:
        """Escape control characters from the file, which could steer a terminal or page."""
        object.__setattr__(self, "message", printable(self.message))

    @property
    def severity(self) -> Severity:
        """Warning or disqualification, from the table."""
        return finding_kinds()[self.name].severity

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as JSON-able data."""
        return {
            "name": self.name,
            "severity": str(self.severity),
            "allowed": self.allowed,
            "message": self.message,
            "data": dict(self.data),
        }


@cache
def finding_kinds() -> Mapping[str, FindingKind]:
    """Return the table of all findings, by name."""
    table = yaml.safe_load(resources.files("estate").joinpath("findings.yaml").read_text("utf-8"))
    return {
        name: FindingKind(name, Severity(row["severity"]), row["meaning"], row.get("allow", False))
        for name, row in table.items()
    }


def disqualifications(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that stop the work."""
    stops = Severity.DISQUALIFICATION
    return [each for each in findings if each.severity is stops and not each.allowed]


def allow(findings: Iterable[Finding], names: Collection[str]) -> list[Finding]:
    """Mark the disqualifications of the given names as allowed, where the table lets them be."""
    kinds = finding_kinds()
    return [
        replace(each, allowed=True) if each.name in names and kinds[each.name].allow else each
        for each in findings
    ]


def findings_page() -> str:
    """Return the page as Markdown."""
    rows = (
        f"| `{kind.name}` | {kind.severity}{ALLOW if kind.allow else ''} | {kind.meaning} |\n"
        for _, kind in sorted(finding_kinds().items())
    )
    return HEAD + "".join(rows)


if __name__ == "__main__":
    sys.stdout.write(findings_page())
