"""The states of an alert, and the events that move it between them. Pure."""

from __future__ import annotations

from enum import StrEnum

from estate.errors import UsageError


class State(StrEnum):
    """The state of an alert."""

    NEW = "new"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    IN_WORK = "in_work"
    CLEARED = "cleared"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    """What happens to an alert."""

    FOUND = "found"
    TOLD = "told"
    ACKNOWLEDGED = "acknowledged"
    WORK_BEGAN = "work_began"
    ENDED = "ended"
    NOT_SO = "not_so"


OPEN = frozenset({State.NEW, State.SENT, State.ACKNOWLEDGED, State.IN_WORK, State.REOPENED})
"""What goes on, as far as is known."""
UNTOLD = frozenset({State.NEW, State.REOPENED})
"""What nobody has been told of, or not of its return."""

_STEPS: dict[Event, dict[State, State]] = {
    # Found again while it lasts, it stays in its state.
    Event.FOUND: {each: each for each in OPEN}
    | {State.CLEARED: State.REOPENED, State.WITHDRAWN: State.REOPENED},
    Event.TOLD: dict.fromkeys(UNTOLD, State.SENT),
    Event.ACKNOWLEDGED: dict.fromkeys(OPEN - {State.IN_WORK}, State.ACKNOWLEDGED),
    Event.WORK_BEGAN: dict.fromkeys(OPEN, State.IN_WORK),
    Event.ENDED: dict.fromkeys(OPEN, State.CLEARED),
    Event.NOT_SO: dict.fromkeys(OPEN | {State.CLEARED}, State.WITHDRAWN),
}


class NotPossible(UsageError):
    """
    An event that cannot happen to an alert in its state.

    Attributes
    ----------
    state : State
    event : Event
    """

    def __init__(self, state: State, event: Event) -> None:
        self.state = state
        self.event = event
        fitting = ", ".join(sorted(_STEPS[event]))
        super().__init__(f"an alert that is {state} cannot be {event}; it must be one of {fitting}")


def can(state: State, event: Event) -> bool:
    """Whether an event can happen in a state."""
    return state in _STEPS[event]


def after(state: State, event: Event) -> State:
    """
    Return the state that an event leads to.

    Raises
    ------
    NotPossible

    Examples
    --------
    >>> str(after(State.CLEARED, Event.FOUND))
    'reopened'
    """
    if not can(state, event):
        raise NotPossible(state, event)
    return _STEPS[event][state]
