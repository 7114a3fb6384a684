"""The states of an alert: what leads where, and that nothing else does."""

from __future__ import annotations

import pytest

from alerts.life.states import OPEN, UNTOLD, Event, NotPossible, State, after, can


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([Event.TOLD], State.SENT),
        ([Event.TOLD, Event.FOUND], State.SENT),
        ([Event.TOLD, Event.ACKNOWLEDGED], State.ACKNOWLEDGED),
        ([Event.TOLD, Event.ACKNOWLEDGED, Event.WORK_BEGAN, Event.FOUND], State.IN_WORK),
        ([Event.TOLD, Event.ENDED], State.CLEARED),
        ([Event.TOLD, Event.ENDED, Event.FOUND], State.REOPENED),
        ([Event.TOLD, Event.ENDED, Event.FOUND, Event.TOLD], State.SENT),
        ([Event.ENDED, Event.NOT_SO], State.WITHDRAWN),
        ([Event.NOT_SO, Event.FOUND], State.REOPENED),
    ],
)
def test_the_ways_through_a_life(events: list[Event], state: State) -> None:
    current = State.NEW
    for event in events:
        current = after(current, event)
    assert current is state


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (State.CLEARED, Event.TOLD), (State.CLEARED, Event.ENDED), (State.SENT, Event.TOLD),
        (State.WITHDRAWN, Event.NOT_SO), (State.IN_WORK, Event.ACKNOWLEDGED),
        (State.CLEARED, Event.ACKNOWLEDGED),
    ],
)  # fmt: skip
def test_what_cannot_happen_says_what_could(state: State, event: Event) -> None:
    with pytest.raises(NotPossible, match="must be one of") as caught:
        after(state, event)
    assert (caught.value.state, caught.value.event) == (state, event)


def test_what_is_open_ends_and_what_is_closed_comes_back() -> None:
    for state in State:
        assert can(state, Event.ENDED) == (state in OPEN)
        assert can(state, Event.FOUND)
        assert can(state, Event.TOLD) == (state in UNTOLD)
    assert UNTOLD < OPEN
