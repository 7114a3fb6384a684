"""What a check of the doctor says, and of whom."""

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
    """Looks at one thing, which it is named after."""

    __name__: str

    def __call__(self, patient: Patient) -> Iterator[Check]:
        """Return its lines."""
        ...


class Check(NamedTuple):
    """
    One line.

    Attributes
    ----------
    name : str
        What was looked at.
    state : {'ok', 'warning', 'fault'}
    detail : str
        What was found.
    remedy : str
        What to do; empty where all is well.
    """

    name: str
    state: State
    detail: str
    remedy: str = ""


def ok(name: str, detail: str) -> Check:
    """Return a line that asks for nothing."""
    return Check(name, "ok", detail)


def warning(name: str, detail: str, remedy: str, **place: object) -> Check:
    """Return a line of something that goes on for now, with the remedy of a name."""
    return Check(name, "warning", detail, _table()["remedies"][remedy].format(**place))


def fault(name: str, detail: str, remedy: str, **place: object) -> Check:
    """Return a line of something that does not work, with the remedy of a name."""
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
    What the checks look at.

    Attributes
    ----------
    path : Path
        The settings file.
    settings : Settings
    estates : mapping of str to Estate
        Those that are in order.
    now_ms : int
        [ms since 1970, UTC]
    """

    path: Path
    settings: Settings
    estates: Mapping[str, Estate]
    now_ms: int
