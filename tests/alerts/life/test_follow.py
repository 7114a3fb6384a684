"""What a run makes of known alerts, by hand and in any order of events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from alerts.life.case import Case
from alerts.life.follow import Followed, Seen, follow
from alerts.life.kinds import kind_rules, life_limits
from alerts.life.states import OPEN, Event, State, after
from alerts.life.tenancies import Part
from alerts.model import Alert, AlertKind
from estate.periods import DAY_MS, HOUR_MS

LIMITS = life_limits()
NOW = 400 * DAY_MS
CLEAR_DAYS = kind_rules()[AlertKind.LEAK].clear_ms / DAY_MS


def leak(first: float, last: float, **more: Any) -> Part:  # noqa: ANN401  fields of an alert
    """Return a leak from one day to another, raised after a day."""
    alert = Alert(
        "b1", "f1", AlertKind.LEAK, "w1", round(first * DAY_MS), round(last * DAY_MS),
        round((first + 1) * DAY_MS), {"flow_l_per_h": last},
    )  # fmt: skip
    return Part("f1-1", replace(alert, **more))


def run(
    known: list[Case], found: list[Part], first: float, last: float, *, judged: bool = True
) -> Followed:
    until = round(last * DAY_MS)
    seen = Seen(round(first * DAY_MS), until, lambda _: until if judged else None)
    return follow(known, found, seen, LIMITS, NOW)


def cases(followed: Followed) -> list[Case]:
    return sorted(followed.cases.values(), key=lambda each: each.start_ms)


def test_five_monthly_runs_keep_two_records_of_two_events() -> None:
    """A month sees what overlaps it, and by its 60 days before another start of the same event."""
    known: list[Case] = []
    months = [(0, 31), (31, 59), (59, 90), (90, 120), (120, 151)]
    for first, last in months:
        looked_from = first - 60
        events = [(5.0, 100.0), (130.0, 140.0)]
        found = [
            leak(max(start, looked_from), min(end, last))
            for start, end in events
            if start < last and min(end, last) > first
        ]
        known = cases(run(known, found, first, last))
    assert [(each.start_ms / DAY_MS, each.end_ms / DAY_MS) for each in known] == [
        (5, 100), (130, 140)
    ]  # fmt: skip
    assert [each.state for each in known] == [State.CLEARED, State.CLEARED]


def test_the_same_run_again_changes_nothing() -> None:
    once = run([], [leak(5, 8)], 0, 31)
    again = run(cases(once), [leak(5, 8)], 0, 31)
    assert again.cases == once.cases
    assert again.changes == []


def test_what_goes_on_keeps_its_name_and_takes_its_new_end_and_evidence() -> None:
    (before,) = cases(run([], [leak(5, 8)], 0, 8))
    (after_it,) = cases(run([before], [leak(5, 12)], 0, 12))
    assert after_it.id == before.id
    assert (after_it.state, after_it.end_ms) == (State.NEW, 12 * DAY_MS)
    assert after_it.evidence == {"flow_l_per_h": 12}


def test_it_is_over_only_after_hours_without_a_sign() -> None:
    (open_one,) = cases(run([], [leak(5, 8)], 0, 8))
    (still,) = cases(run([open_one], [leak(5, 8)], 0, 8 + CLEAR_DAYS - 0.01))
    (over,) = cases(run([open_one], [leak(5, 8)], 0, 8 + CLEAR_DAYS))
    assert (still.state, over.state) == (State.NEW, State.CLEARED)


def test_what_could_not_be_judged_neither_ends_nor_was_it_never_so() -> None:
    (open_one,) = cases(run([], [leak(5, 8)], 0, 8))
    assert cases(run([open_one], [], 0, 100, judged=False)) == [open_one]


def test_a_return_within_two_weeks_is_the_same_event_and_later_is_another() -> None:
    (over,) = cases(run([], [leak(5, 8)], 0, 20))
    (again,) = cases(run([over], [leak(5, 8), leak(21, 23)], 0, 23))
    assert (again.id, again.state) == (over.id, State.REOPENED)
    two = cases(run([over], [leak(5, 8), leak(22.5, 24)], 0, 24))
    assert [each.state for each in two] == [State.CLEARED, State.NEW]


def test_corrected_readings_withdraw_it_and_their_return_opens_it() -> None:
    (told,) = [replace(each, state=State.SENT) for each in cases(run([], [leak(5, 8)], 0, 8))]
    gone = run([told], [], 0, 31)
    assert [each.event for each in gone.changes] == [Event.NOT_SO]
    (withdrawn,) = cases(gone)
    assert withdrawn.state is State.WITHDRAWN
    (back,) = cases(run([withdrawn], [leak(5, 8)], 0, 8))
    assert (back.id, back.state) == (told.id, State.REOPENED)


def test_readings_corrected_twice_leave_nothing_of_what_was_wrong() -> None:
    """A leak of three days that never was, and after another correction one of a day in it."""
    (told,) = [replace(each, state=State.SENT) for each in cases(run([], [leak(5, 8)], 0, 8))]
    (withdrawn,) = cases(run([told], [], 0, 31))
    (back,) = cases(run([withdrawn], [leak(6.5, 8, evidence={"flow_l_per_h": 4})], 0, 8))
    assert (back.id, back.state) == (told.id, State.REOPENED)
    assert (back.start_ms, back.raised_ms) == (6.5 * DAY_MS, 7.5 * DAY_MS)
    assert back.evidence == {"flow_l_per_h": 4}
    assert cases(run([back], [], 0, 31))[0].state is State.WITHDRAWN


def test_a_run_of_other_days_withdraws_nothing() -> None:
    (over,) = cases(run([], [leak(5, 20)], 0, 31))
    assert cases(run([over], [], 10, 31)) == [over]
    assert cases(run([over], [], 31, 60)) == [over]


def test_what_a_person_resolved_opens_by_later_signs_alone() -> None:
    (open_one,) = cases(run([], [leak(5, 8)], 0, 8))
    resolved = replace(open_one, state=State.CLEARED, closed_ms=9 * DAY_MS)
    assert cases(run([resolved], [leak(5, 8.5)], 0, 8.5))[0].state is State.CLEARED
    assert cases(run([resolved], [leak(5, 9.5)], 0, 9.5))[0].state is State.REOPENED
    assert cases(run([resolved], [], 0, 31))[0].state is State.CLEARED


@pytest.mark.parametrize("change", [{"flat": "f2"}, {"device": "w2"}, {"kind": AlertKind.BURST}])
def test_another_home_meter_or_kind_is_another_event(change: dict[str, Any]) -> None:
    assert len(cases(run([], [leak(5, 8), leak(5, 8, **change)], 0, 8))) == 2


def test_another_tenancy_is_another_event() -> None:
    other = leak(5, 8)._replace(tenancy="f1-2")
    assert len(cases(run([], [leak(5, 8), other], 0, 8))) == 2


def test_a_building_of_two_days_counts_the_homes_of_both() -> None:
    def whole(day: float, *flats: str) -> Part:
        evidence = {"homes": len(flats), "flats": list(flats)}
        return leak(day, day + 2, flat="", device=None, evidence=evidence)._replace(tenancy="")

    (one,) = cases(run([], [whole(5, "f1", "f2")], 0, 8))
    (both,) = cases(run([one], [whole(5, "f1", "f2"), whole(6, "f3")], 0, 8))
    assert both.evidence["flats"] == ["f1", "f2", "f3"]
    assert both.evidence["homes"] == 3


class Lives(RuleBasedStateMachine):
    """Runs of any days over a world in which leaks come, go on, and are corrected away."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, Case] = {}
        self.events: list[tuple[int, int]] = []
        self.states: dict[str, list[State]] = {}

    @rule(start=st.integers(0, 300), days=st.integers(2, 40))
    def comes(self, start: int, days: int) -> None:
        apart = all(start + days + 15 < s or e + 15 < start for s, e in self.events)
        if apart:
            self.events.append((start, start + days))

    @rule(data=st.data())
    def is_corrected(self, data: st.DataObject) -> None:
        if self.events:
            self.events.remove(data.draw(st.sampled_from(self.events)))

    @rule(first=st.integers(0, 340), days=st.integers(1, 90), judged=st.booleans())
    def is_looked_at(self, first: int, days: int, judged: bool) -> None:
        last = first + days
        found = [
            leak(max(start, first - 60), min(end, last))
            for start, end in self.events
            if start + 1 < last and end > first
        ]
        followed = run(list(self.known.values()), found, first, last, judged=judged)
        for change in followed.changes:
            lived = self.states.setdefault(change.case, [])
            if lived:
                assert after(lived[-1], change.event) is change.state
            else:
                assert change.state is State.NEW
            lived.append(change.state)
        self.known = followed.cases

    @invariant()
    def every_record_is_what_its_changes_made_it(self) -> None:
        assert set(self.known) == set(self.states)
        for case in self.known.values():
            assert case.state is self.states[case.id][-1]
            assert case.start_ms < case.end_ms
            assert (case.state in OPEN) == case.open

    @invariant()
    def nothing_ends_before_it_was_found(self) -> None:
        assert all(lived[0] is State.NEW for lived in self.states.values())


Lives.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestLives = Lives.TestCase


def test_an_hour_is_no_day() -> None:
    """The units of the limits are what the rules above take them for."""
    assert LIMITS.reopen_ms == 14 * 24 * HOUR_MS
