"""Result of a doctor's check, and the installation checked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from estate.model import Estate
    from operations.settings import Settings


State = Literal["ok", "warning", "fault"]


class NamedCheck(Protocol):
    """A check, named after what it checks."""

    __name__: str

    def __call__(self, patient: Patient) -> Iterator[Check]:
        """Return its results."""
        ...


class Check(NamedTuple):
    """
    One result.

    Attributes
    ----------
    name : str
        What was checked.
    state : {'ok', 'warning', 'fault'}
    detail : str
        What was found.
    remedy : str
        What to do; empty if all is well.
    """

    name: str
    state: State
    detail: str
    remedy: str = ""


def ok(name: str, detail: str) -> Check:
    """Return a result without a fault."""
    return Check(name, "ok", detail)


def warning(name: str, detail: str, remedy: str, **place: object) -> Check:
    """Return a warning with the remedy of a name."""
    return Check(name, "warning", detail, _table()["remedies"][remedy].format(**place))


def fault(name: str, detail: str, remedy: str, **place: object) -> Check:
    """Return a fault with the remedy of a name."""
    return Check(name, "fault", detail, _table()["remedies"][remedy].format(**place))


def limit(name: str) -> int:
    """Return a limit, in the unit of its table."""
    return int(_table()["limits"][name]["value"])


@cache
def _table() -> Mapping[str, Any]:
    text = resources.files("fairvarme.doctor").joinpath("doctor.yaml").read_text("utf-8")
    table: Mapping[str, Any] = yaml.safe_load(text)
    return table


@dataclass(frozen=True)
class Patient:
    """
    The installation to be checked.

    Attributes
    ----------
    path : Path
        The settings file.
    settings : Settings
    estates : mapping of str to Estate
        Valid estates.
    now_ms : int
        [ms since 1970, UTC]
    """

    path: Path
    settings: Settings
    estates: Mapping[str, Estate]
    now_ms: int
