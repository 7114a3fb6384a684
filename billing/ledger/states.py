"""Which step may follow which, and the state of a run given its statements' steps. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from billing.ledger.model import NOTHING, Channel, State, StateChange
from estate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from billing.law.table import Law
    from billing.ledger.model import Run

BEFORE: Mapping[State, frozenset[State]] = {
    State.SERVED: frozenset({State.APPROVED, State.BOUNCED}),
    State.BOUNCED: frozenset({State.SERVED}),
    State.OBJECTED: frozenset({State.SERVED, State.ANSWERED}),
    State.ANSWERED: frozenset({State.OBJECTED}),
    State.CLOSED: frozenset({State.SERVED, State.ANSWERED}),
}
"""After which states of a statement each step may come."""
AFTER_BOUNCE: Channel = "letter"
WHOLE_RUN = frozenset({State.CLOSED, State.CORRECTED})


@dataclass(frozen=True)
class Standing:
    """
    The state of a run and of its statements.

    Attributes
    ----------
    state : State
        That of the statement furthest behind, unless the whole run is closed or corrected.
    statements : mapping of str to State
        By tenancy.
    served : mapping of str to date
        Day from which a tenancy's time limits run; absent until its statement is served.
    channels : mapping of str to str
        How a tenancy's statement was last served.
    """

    state: State
    statements: Mapping[str, State]
    served: Mapping[str, date]
    channels: Mapping[str, Channel]

    def objections_until(self, law: Law) -> date | None:
        """Return the last day on which anybody may object; None until all statements are served."""
        weeks = law.number("objection_weeks")
        if self.served.keys() != self.statements.keys() or not self.served:
            return None
        return max(self.served.values()) + timedelta(weeks=weeks or 0)


ORDER = (State.OBJECTED, State.BOUNCED, State.APPROVED, State.SERVED, State.ANSWERED)


def standing(tenancies: Iterable[str], changes: Iterable[StateChange]) -> Standing:
    """Return the state of a run, given its residents' tenancies and all of its steps so far."""
    states = dict.fromkeys(tenancies, State.APPROVED)
    served: dict[str, date] = {}
    channels: dict[str, Channel] = {}
    whole: State | None = None
    for change in changes:
        if change.state in WHOLE_RUN:
            whole = change.state
            continue
        states[change.tenancy] = change.state
        if change.state is State.SERVED and change.channel:
            served[change.tenancy] = change.day
            channels[change.tenancy] = change.channel
        if change.state is State.BOUNCED:
            served.pop(change.tenancy, None)
    behind = min(states.values(), key=ORDER.index, default=State.APPROVED)
    return Standing(whole or behind, states, served, channels)


def checked(
    run: Run, now: Standing, wanted: Sequence[StateChange], history: Sequence[StateChange]
) -> Sequence[StateChange]:
    """
    Return the steps if all of them may be taken.

    Raises
    ------
    UsageError
        Names the first step that may not be taken, and why.
    """
    if now.state in WHOLE_RUN:
        raise UsageError(f"run {run.number} is {now.state}; nothing more happens to it")
    last_day: dict[str, date] = defaultdict(lambda: run.facts.issued)
    for step in history:
        last_day[step.tenancy] = max(last_day[step.tenancy], step.day)
    for step in wanted:
        _check(run, now, step, last_day[step.tenancy])
    return wanted


def _check(run: Run, now: Standing, step: StateChange, last_day: date) -> None:
    if step.day < last_day:
        raise UsageError(
            f"run {run.number}: {step.state} on {step.day} would come before {last_day}, the last "
            "that happened; write the day on which it did"
        )
    if step.tenancy == NOTHING:
        return
    if step.tenancy not in now.statements:
        known = ", ".join(sorted(now.statements)) or "none"
        raise UsageError(
            f"run {run.number} has no resident's statement of '{step.tenancy}'; write one of "
            f"{known}"
        )
    state = now.statements[step.tenancy]
    if state not in BEFORE[step.state]:
        before = " or ".join(sorted(BEFORE[step.state]))
        raise UsageError(
            f"run {run.number}: the statement of {step.tenancy} is {state} and cannot become "
            f"{step.state}; only what is {before} can"
        )
    bounced = state is State.BOUNCED and step.state is State.SERVED
    if bounced and step.channel != AFTER_BOUNCE:
        raise UsageError(
            f"run {run.number}: the statement of {step.tenancy} bounced, so it goes by "
            f"{AFTER_BOUNCE}: write --channel {AFTER_BOUNCE}"
        )


def closing_refusal(now: Standing, until: date | None, day: date) -> str | None:
    """Return why a run cannot be closed on a day yet; None if it can."""
    open_ones = sorted(
        tenancy for tenancy, state in now.statements.items() if state not in BEFORE[State.CLOSED]
    )
    if open_ones:
        states = sorted({str(now.statements[each]) for each in open_ones})
        return (
            f"statements still {' or '.join(states)}: {len(open_ones)}, {open_ones[0]} the first; "
            "serve them, answer the objections or correct the run"
        )
    if until is not None and day <= until:
        return f"residents may object until {until}; close it after that day"
    return None


def late_tenancies(deadline: date | None, changes: Iterable[StateChange]) -> frozenset[str]:
    """
    Return the tenancies that had no statement of a period by its deadline.

    Parameters
    ----------
    deadline : date or None
        Of the first run; None if none is known: then nobody is late.
    changes : iterable of StateChange
        As of `first_served`: who was served by one of them in time may be served a correction
        later.
    """
    return frozenset(
        tenancy
        for tenancy, day in first_served(changes).items()
        if deadline is not None and day > deadline
    )


def first_served(changes: Iterable[StateChange]) -> Mapping[str, date]:
    """
    Return the day on which each tenancy received its first statement that did not bounce.

    Parameters
    ----------
    changes : iterable of StateChange
        Of a first run and of its corrections, in their order.
    """
    served: dict[tuple[str, int], date] = {}
    for step in changes:
        if step.state is State.SERVED:
            served[step.tenancy, step.run] = step.day
        elif step.state is State.BOUNCED:
            served.pop((step.tenancy, step.run), None)
    first: dict[str, date] = {}
    for (tenancy, _), day in served.items():
        first.setdefault(tenancy, day)
    return first
