"""Updates known alerts with a run: unchanged, grown, reopened, over, or withdrawn. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from alerts.life.case import Case, Change, new_case
from alerts.life.kinds import kind_rules
from alerts.life.states import Event, State, can

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from alerts.life.case import Key
    from alerts.life.kinds import LifeLimits
    from alerts.life.tenancies import Part


@dataclass(frozen=True)
class Seen:
    """
    What a run covered.

    Attributes
    ----------
    start_ms, end_ms : int
        Its days; end exclusive. [ms since 1970, UTC]
    known_ms : callable
        Returns the time of the last reading for what an alert is about; None if it could not be
        judged: then nothing is known. [ms since 1970, UTC]
    place : callable, optional
        Returns what an alert is about, whichever device measured it.
    gone : callable, optional
        Whether the device that an alert is about was taken away.
    """

    start_ms: int
    end_ms: int
    known_ms: Callable[[Case], int | None]
    place: Callable[[Case], Key] = lambda case: case.key
    gone: Callable[[Case], bool] = lambda _: False


@dataclass
class Followed:
    """
    What has become of the alerts.

    Attributes
    ----------
    cases : dict of str to Case
        All known alerts, by id.
    changes : list of Change
        In the order in which they happened.
    """

    cases: dict[str, Case]
    changes: list[Change]

    def step(self, case: Case, event: Event, now_ms: int) -> Case:
        """Apply an event to an alert, and return the result."""
        self.cases[case.id] = case = case.after(event, now_ms)
        self.changes.append(Change(case.id, event, case.state, now_ms))
        return case


def follow(
    known: Iterable[Case], found: Iterable[Part], seen: Seen, limits: LifeLimits, now_ms: int
) -> Followed:
    """
    Update a building's alerts with the findings of a run.

    A finding belongs to a known event of the same home, kind, place and tenancy if it overlaps it
    or follows its end within `reopen_days`. An open event without a sign for the hours
    of its kind is over. One that lies within the run's days, could be judged and is no longer found
    is withdrawn: its readings were corrected.

    Parameters
    ----------
    known : iterable of Case
    found : iterable of Part
    seen : Seen
    limits : LifeLimits
    now_ms : int
        [ms since 1970, UTC]
    """
    followed = Followed({case.id: case for case in known}, [])
    by_key: dict[Key, list[str]] = defaultdict(list)
    for case in followed.cases.values():
        by_key[seen.place(case)].append(case.id)
    spans: dict[Key, list[tuple[int, int]]] = defaultdict(list)
    for part in sorted(found, key=lambda each: (each.alert.start_ms, each.alert.end_ms)):
        fresh = new_case(part.alert, part.tenancy, now_ms)
        place = seen.place(fresh)
        spans[place].append((fresh.start_ms, fresh.end_ms))
        same = _same([followed.cases[each] for each in by_key[place]], fresh, limits.reopen_ms)
        if same is None:
            followed.cases[fresh.id] = fresh
            followed.changes.append(Change(fresh.id, Event.FOUND, fresh.state, now_ms))
            by_key[place].append(fresh.id)
        else:
            _found_again(followed, same, fresh, now_ms)
    for case in list(followed.cases.values()):
        _look_for_an_end(followed, case, spans[seen.place(case)], seen, now_ms)
    return followed


def _same(candidates: Sequence[Case], fresh: Case, reopen_ms: int) -> Case | None:
    """Return the nearest known event, the latest of several."""
    near = [each for each in candidates if _gap_ms(each, fresh) <= reopen_ms]
    return min(near, key=lambda each: (_gap_ms(each, fresh), -each.start_ms), default=None)


def _gap_ms(one: Case, other: Case) -> int:
    return max(one.start_ms - other.end_ms, other.start_ms - one.end_ms, 0)


def _found_again(followed: Followed, case: Case, fresh: Case, now_ms: int) -> None:
    never_so = case.state is State.WITHDRAWN
    again = not case.open and (never_so or fresh.end_ms > case.closed_ms)
    followed.cases[case.id] = case = replace(case, **_span(fresh if never_so else case, fresh))
    if again:
        followed.step(case, Event.FOUND, now_ms)


def _span(case: Case, fresh: Case) -> dict[str, Any]:
    """Return from when to when both are, and what is evident of them."""
    later = fresh.end_ms >= case.end_ms
    return {
        "start_ms": min(case.start_ms, fresh.start_ms),
        "end_ms": max(case.end_ms, fresh.end_ms),
        "raised_ms": min(case.raised_ms, fresh.raised_ms),
        "device": fresh.device if later else case.device,
        "evidence": _both(case, fresh) if later else _both(fresh, case),
    }


def _both(older: Case, newer: Case) -> Mapping[str, Any]:
    """Return the newer evidence; for a building it counts the homes of both."""
    flats = {*older.evidence.get("flats", ()), *newer.evidence.get("flats", ())}
    if not flats:
        return newer.evidence
    return {**newer.evidence, "homes": sum(map(bool, flats)), "flats": sorted(flats)}


def _look_for_an_end(
    followed: Followed, case: Case, spans: Sequence[tuple[int, int]], seen: Seen, now_ms: int
) -> None:
    known_ms = seen.known_ms(case)
    if known_ms is None:
        return
    there = any(start < case.end_ms and end > case.start_ms for start, end in spans)
    rules = kind_rules()[case.kind]
    within = seen.start_ms <= case.start_ms and case.raised_ms <= seen.end_ms
    within = within and not (rules.momentary or case.said or seen.gone(case))
    by_a_person = case.state is State.CLEARED and case.closed_ms > case.end_ms
    if within and not there and not by_a_person and can(case.state, Event.NOT_SO):
        followed.step(case, Event.NOT_SO, now_ms)
    elif case.open and known_ms - case.end_ms >= rules.clear_ms:
        followed.step(replace(case, closed_ms=case.end_ms), Event.ENDED, now_ms)
