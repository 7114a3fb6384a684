"""
Release notes: the sections of CHANGELOG.md, which is shipped with the program.

Changes between the version that wrote the last backup and this one are shown before an upgrade.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

SECTION = re.compile(r"^## \[(?P<name>[^\]]+)\](?: - (?P<day>\d{4}-\d{2}-\d{2}))?$", re.MULTILINE)
UNRELEASED = "Unreleased"
CHANGELOG = "CHANGELOG.md"


class Release(NamedTuple):
    """
    A section of the changelog.

    Attributes
    ----------
    name : str
        A version, or ``Unreleased``.
    day : str
        Of the release; empty before it.
    notes : str
        Markdown.
    """

    name: str
    day: str
    notes: str


def read_releases(changelog: str) -> list[Release]:
    r"""
    Return the sections of a changelog, the newest first.

    Examples
    --------
    >>> read_releases("# Changelog\n\n## [0.2.0] - 2026-12-01\n\n- New.\n")
    [Release(name='0.2.0', day='2026-12-01', notes='- New.')]
    """
    heads = list(SECTION.finditer(changelog))
    ends = [*(each.start() for each in heads[1:]), len(changelog)]
    return [
        Release(head["name"], head["day"] or "", changelog[head.end() : end].strip())
        for head, end in zip(heads, ends, strict=True)
    ]


def notes_between(releases: list[Release], before: str, now: str) -> list[Release]:
    """
    Return what was released after one version, up to another, the newest first.

    Parameters
    ----------
    releases : list of Release
    before, now : str
        Versions such as ``0.1.0``.
    """
    known = (each for each in releases if each.name != UNRELEASED)
    return [each for each in known if _order(before) < _order(each.name) <= _order(now)]


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def this_version() -> str:
    """Return the version of this program, as pyproject.toml has it."""
    return metadata.version("fairvarme")


def changelog() -> str:
    """Return CHANGELOG.md: next to this module if installed, else at the root of the sources."""
    here = Path(__file__)
    for path in (here.with_name(CHANGELOG), here.parents[2] / CHANGELOG):
        if path.exists():
            return path.read_text("utf-8")
    return ""


if __name__ == "__main__":
    sys.stdout.writelines(
        f"{each.notes}\n" for each in read_releases(changelog()) if each.name in sys.argv[1:]
    )
