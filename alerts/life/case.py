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
    """What an alert concerns; tenancy and device are empty if it concerns none."""

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
        Stays the same, whichever period finds it again.
    tenancy : str
        The tenancy whose days it is about; empty for the landlord's, and for a whole building.
    start_ms, end_ms : int
        As far as known; end exclusive. [ms since 1970, UTC]
    raised_ms : int
        Time of the last reading that it needed. [ms since 1970, UTC]
    found_ms, changed_ms : int
        When it was first found, and when its state last changed. [ms since 1970, UTC]
    closed_ms : int
        When it was closed: only a later sign reopens it. [ms since 1970, UTC]
    inhibited_by : str
        Id of the alert that explains it, so that nobody is notified of it.
    silenced_ms : int
        Nobody is notified about it until then. [ms since 1970, UTC]
    label : str
        A resident's answer, such as ``guests``.
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
        """What it concerns."""
        return Key(self.building, self.flat, self.kind, self.device, self.tenancy)

    @property
    def said(self) -> bool:
        """Whether it is only a device's own report: that the device reported it stays true."""
        return SAID in self.evidence and COUNTED not in self.evidence

    @property
    def open(self) -> bool:
        """Whether it goes on, as far as is known."""
        return self.state in OPEN

    def after(self, event: Event, at_ms: int) -> Case:
        """
        Return it as it is after an event; itself if its state does not change.

        Raises
        ------
        NotPossible
        """
        state = after(self.state, event)
        return self if state is self.state else replace(self, state=state, changed_ms=at_ms)

    def overlaps(self, other: Case) -> bool:
        """Whether two overlap in time."""
        return self.start_ms < other.end_ms and other.start_ms < self.end_ms


@dataclass(frozen=True)
class Change:
    """What happened to an alert, when, who did it (empty: the program), and a comment."""

    case: str
    event: Event
    state: State
    at_ms: int
    by: str = ""
    note: str = ""


def new_case(alert: Alert, tenancy: str, now_ms: int) -> Case:
    """Return the record of a new event."""
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
    """Name an event after what it is about and when it was first seen to begin."""
    text = json.dumps([*map(str, key), start_ms])
    return hashlib.sha256(text.encode()).hexdigest()[:ID_CHARACTERS]
