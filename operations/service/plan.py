"""What `fairvarme run` runs, from ``service.yaml``: permanent parts, and scheduled jobs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from estate.errors import UsageError
from operations.service.times import Times

if TYPE_CHECKING:
    from collections.abc import Mapping

    from operations.settings import Settings


@dataclass(frozen=True)
class Part:
    """
    A command that runs permanently.

    Attributes
    ----------
    name : str
    command : tuple of str
        Words after ``fairvarme``.
    stop_seconds : float
        How long it may take to end properly. [s]
    """

    name: str
    command: tuple[str, ...]
    stop_seconds: float


@dataclass(frozen=True)
class Job:
    """
    A command that runs at its times and ends.

    Attributes
    ----------
    name : str
    command : tuple of str
        Words after ``fairvarme``.
    times : Times
    most_minutes : float
        How long it may run before it is ended. [min]
    """

    name: str
    command: tuple[str, ...]
    times: Times
    most_minutes: float


@dataclass(frozen=True)
class Plan:
    """The parts and jobs of an installation, and the limits for all of them."""

    parts: tuple[Part, ...]
    jobs: tuple[Job, ...]
    limits: Limits


@dataclass(frozen=True)
class Limits:
    """The values of ``service.yaml``; unit and source stand there."""

    first_wait_seconds: float
    growth: float
    longest_wait_seconds: float
    settled_seconds: float
    first_retry_seconds: float
    longest_retry_seconds: float
    stop_seconds: float
    kept_ends: int

    def wait_seconds(self, failures: int) -> float:
        """
        Return the wait before a part starts again, after so many ends in a row. [s]

        Examples
        --------
        >>> of = Limits(1, 2, 300, 600, 300, 21_600, 30, 20)
        >>> [of.wait_seconds(failures) for failures in (1, 2, 3, 9, 1000)]
        [1, 2, 4, 256, 300]
        """
        return _grown(self.first_wait_seconds, self.growth, failures, self.longest_wait_seconds)

    def retry_seconds(self, failures: int) -> float:
        """Return the wait before a job runs again, after so many failures in a row. [s]"""
        return _grown(self.first_retry_seconds, self.growth, failures, self.longest_retry_seconds)


def plan_of(settings: Settings) -> Plan:
    """
    Return the plan of an installation.

    Raises
    ------
    UsageError
        If the settings name an unknown part or job, or an invalid time.
    """
    table, service = _table(), settings.service
    known = table["parts"].keys() | table["jobs"].keys()
    for name in (*service.without, *service.times):
        if name not in known:
            raise UsageError(f"service: there is no {name}; choose from {', '.join(sorted(known))}")
    limits = Limits(**{name: each["value"] for name, each in table["limits"].items()})
    jobs = []
    for name, row in _wanted(table["jobs"], settings):
        times = Times(service.times.get(name, row["at"]), service.timezone)
        jobs.append(Job(name, tuple(row["command"]), times, row["most_minutes"]))
    parts = tuple(
        Part(name, tuple(row["command"]), row.get("stop_seconds", limits.stop_seconds))
        for name, row in _wanted(table["parts"], settings)
    )
    return Plan(parts, tuple(jobs), limits)


def _wanted(
    rows: Mapping[str, dict[str, Any]], settings: Settings
) -> list[tuple[str, dict[str, Any]]]:
    return [
        (name, row)
        for name, row in rows.items()
        if name not in settings.service.without
        and all(getattr(settings, each) for each in row.get("needs", ()))
    ]


def _grown(first: float, growth: float, failures: int, longest: float) -> float:
    # Far beyond the longest wait the power would overflow.
    return min(first * growth ** min(failures - 1, 64), longest)


@cache
def _table() -> dict[str, Any]:
    text = resources.files("operations.service").joinpath("service.yaml").read_text("utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table
