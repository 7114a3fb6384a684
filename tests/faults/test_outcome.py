"""The judge of the fault runs: it finds what it is there to find."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.faults.messages import is_impossible, readings_of
from tests.faults.outcome import Found, Killed, Outcome, Setting, judge
from tests.faults.plan import Kill, Moment, Victim, limits_of, plan_kills

LEDGER = readings_of(0) | readings_of(1)
STORED = {key: value for key, value in LEDGER.items() if not is_impossible(key)}
IMPOSSIBLE = LEDGER.keys() - STORED.keys()
KEY = next(iter(readings_of(1)))
KILLED = Killed(Kill(Victim.WORKER, Moment.BEFORE, 1, 0.5, 0.1), 1, in_worker=3, in_sender=0)
IDLE = Killed(KILLED.kill, 1, in_worker=0, in_sender=0)


def test_everything_in_its_place() -> None:
    assert len(IMPOSSIBLE) == 1
    assert judge(LEDGER, STORED, len(STORED), IMPOSSIBLE) == (0, 0, 0, 0)
    assert judge({}, {}, 0, set()) == (0, 0, 0, 0)


def test_missing_from_the_store_and_from_the_quarantine() -> None:
    stored = {key: value for key, value in STORED.items() if key != KEY}
    assert judge(LEDGER, stored, len(stored), set()).missing == 2


def test_second_row_of_a_key() -> None:
    assert judge(LEDGER, STORED, len(STORED) + 1, IMPOSSIBLE) == (0, 1, 0, 0)


def test_value_that_was_not_sent() -> None:
    assert judge(LEDGER, STORED | {KEY: -7.0}, len(STORED), IMPOSSIBLE) == (0, 0, 1, 0)


def test_reading_that_was_not_sent() -> None:
    stored = STORED | {("box-0101", "co2_ppm", 5): 1.0}
    assert judge(LEDGER, stored, len(stored), IMPOSSIBLE) == (0, 0, 0, 1)


@pytest.mark.parametrize(
    ("found", "repeating", "ack_early", "killed", "told"),
    [
        (Found(0, 0, 0, 0), True, False, [KILLED], ""),
        (Found(5, 0, 0, 0), True, False, [KILLED], "lost 5 readings"),
        (Found(0, 1, 2, 3), True, False, [KILLED], "1 duplicate keys, 2 wrong values, 3 readings"),
        (Found(5, 0, 0, 0), True, True, [KILLED], ""),
        (Found(0, 0, 0, 0), True, True, [KILLED], "found no loss"),
        (Found(5, 0, 0, 0), False, False, [KILLED], ""),
        (Found(0, 0, 1, 0), False, False, [KILLED], "1 wrong values"),
        (Found(0, 0, 0, 0), True, False, [KILLED, IDLE], ""),
        (Found(0, 0, 0, 0), True, False, [KILLED, IDLE, IDLE], "fewer than half"),
    ],
)
def test_what_a_run_is_faulted_for(
    found: Found, repeating: bool, ack_early: bool, killed: list[Killed], told: str
) -> None:
    setting = Setting("sqlite", 2, 1, 1, repeating=repeating, ack_early=ack_early)
    faults = Outcome(setting, killed, len(LEDGER), 0, found, 1.0).faults()
    assert len(faults) == bool(told)
    assert told in "".join(faults)


def test_plan_holds_every_victim_at_every_moment_and_repeats_by_its_seed() -> None:
    kills = plan_kills(7, 1000, 2)
    assert kills == plan_kills(7, 1000, 2)
    assert kills != plan_kills(8, 1000, 2)
    cells = [(kill.victim, kill.moment) for kill in kills]
    assert all(cells.count((victim, moment)) == 2 for victim in Victim for moment in Moment)
    places = [kill.at_message for kill in kills]
    assert places == sorted(places)
    assert 0 < places[0] <= places[-1] < 1000


@pytest.mark.parametrize("seed", range(20))
def test_there_are_messages_left_whenever_a_kill_is_due(seed: int) -> None:
    kills = plan_kills(seed, 10_000, 3)
    limits = limits_of(kills, 10_000)
    assert all(limit > kill.at_message for kill, limit in zip(kills, limits, strict=True))
    assert all(later - limit > 30 for limit, later in pairwise([0, *limits]))
    assert limits[-1] <= 10_000
