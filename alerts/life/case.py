"""One event at one meter or home, from its first sign to its end. Pure data."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from alerts.life.states import OPEN, Event, State, after
from alerts.model import SAID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alerts.model import Alert, AlertKind

ID_CHARACTERS = 12
COUNTED = "flow_l_per_h"
"""The evidence that water was counted."""


class Key(NamedTuple):
    """What an alert is about; tenancy and device are empty where it is about none."""

    building: str
    flat: str
    kind: AlertKind
    device: str
    tenancy: str


@dataclass(frozen=True)
class Case:
    """
    One event.

    Attributes
    ----------
    id : str
        Stays, whichever period finds it again.
    tenancy : str
        Whose days it is about; empty for the landlord's, and for what concerns a building.
    start_ms, end_ms : int
        As far as it is known; end exclusive. [ms since 1970, UTC]
    raised_ms : int
        Time of the last reading that it needed. [ms since 1970, UTC]
    found_ms, changed_ms : int
        When it was first found, and when its state last changed. [ms since 1970, UTC]
    closed_ms : int
        Once it is closed: only a sign after this reopens it. [ms since 1970, UTC]
    inhibited_by : str
        Id of the alert that explains it; nobody is told of it then.
    silenced_ms : int
        Nobody is told anything about it until then. [ms since 1970, UTC]
    label : str
        What a resident answered, such as ``guests``.
    evidence : mapping
        JSON-able numbers with the unit in their names.
    """

    id: str
    building: str
    flat: str
    kind: AlertKind
    device: str
    tenancy: str
    start_ms: int
    end_ms: int
    raised_ms: int
    found_ms: int
    changed_ms: int
    state: State = State.NEW
    closed_ms: int = 0
    inhibited_by: str = ""
    silenced_ms: int = 0
    label: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What it is about."""
        return Key(self.building, self.flat, self.kind, self.device, self.tenancy)

    @property
    def said(self) -> bool:
        """Whether a device said it and nothing was counted: that it did say so stays true."""
        return SAID in self.evidence and COUNTED not in self.evidence

    @property
    def open(self) -> bool:
        """Whether it goes on, as far as is known."""
        return self.state in OPEN

    def after(self, event: Event, at_ms: int) -> Case:
        """
        Return it after an event; its own self where its state stays.

        Raises
        ------
        NotPossible
        """
        state = after(self.state, event)
        return self if state is self.state else replace(self, state=state, changed_ms=at_ms)

    def overlaps(self, other: Case) -> bool:
        """Whether two have an instant in common."""
        return self.start_ms < other.end_ms and other.start_ms < self.end_ms


@dataclass(frozen=True)
class Change:
    """What happened to an alert, when, by whom (empty: by the program), and in what words."""

    case: str
    event: Event
    state: State
    at_ms: int
    by: str = ""
    note: str = ""


def new_case(alert: Alert, tenancy: str, now_ms: int) -> Case:
    """Return the record of something that was not known before."""
    key = Key(alert.building, alert.flat, alert.kind, alert.device or "", tenancy)
    return Case(
        id=case_id(key, alert.start_ms),
        **key._asdict(),
        start_ms=alert.start_ms,
        end_ms=alert.end_ms,
        raised_ms=alert.raised_ms,
        found_ms=now_ms,
        changed_ms=now_ms,
        evidence=dict(alert.evidence),
    )


def case_id(key: Key, start_ms: int) -> str:
    """Name an event by what it is about and when it was first seen to begin."""
    text = json.dumps([*map(str, key), start_ms])
    return hashlib.sha256(text.encode()).hexdigest()[:ID_CHARACTERS]
