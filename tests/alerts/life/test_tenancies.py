"""An event that lasts over a move is two alerts, and neither tells of the other's days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.life.kinds import kind_rules
from alerts.life.tenancies import parts_of
from alerts.model import Alert, AlertKind
from estate.periods import DAY_MS, HOUR_MS, day_start_ms
from tests.support import estates as make

ZONE = ZoneInfo("Europe/Copenhagen")
MOVE, IN = date(2026, 1, 10), date(2026, 1, 20)
HOUSE = make.estate(
    [make.flat("f1"), make.flat("f2")],
    [
        make.tenancy("old", "f1", end=MOVE),
        make.tenancy("new", "f1", IN),
        make.tenancy("other", "f2"),
    ],
)
EVIDENCE = {"flow_l_per_h": 20.0, "lost_l": 900, "limit_l_per_h": 4.0, "quantity": "hot_water_m3"}
HOLD_MS = kind_rules()[AlertKind.LEAK].hold_ms


def at(day: date) -> int:
    return day_start_ms(day, ZONE)


def leak(start: date, end: date, flat: str = "f1", **more: Any) -> Alert:  # noqa: ANN401
    raised_ms = more.get("raised_ms", at(start) + DAY_MS)
    return Alert("house", flat, AlertKind.LEAK, "w1", at(start), at(end), raised_ms, EVIDENCE)


def test_what_lies_in_one_tenancy_is_whole() -> None:
    alert = leak(date(2026, 1, 2), date(2026, 1, 5))
    assert parts_of(HOUSE, [alert]) == [("old", alert)]
    elsewhere = leak(date(2026, 1, 2), date(2026, 2, 5), "f2")
    assert parts_of(HOUSE, [elsewhere]) == [("other", elsewhere)]


def test_over_a_move_each_has_its_own_days_and_no_evidence_of_the_others() -> None:
    parts = parts_of(HOUSE, [leak(date(2026, 1, 2), date(2026, 1, 25))])
    assert [(each.tenancy, each.alert.start_ms, each.alert.end_ms) for each in parts] == [
        ("old", at(date(2026, 1, 2)), at(MOVE)),
        ("", at(MOVE), at(IN)),
        ("new", at(IN), at(date(2026, 1, 25))),
    ]
    for each in parts:
        assert set(each.alert.evidence) == {"limit_l_per_h", "quantity"}
        assert each.alert.start_ms < each.alert.raised_ms <= each.alert.end_ms


def test_a_new_tenancy_is_told_once_it_lasted_long_enough_in_it() -> None:
    short = leak(date(2026, 1, 15), IN + timedelta(days=1))
    names = [each.tenancy for each in parts_of(HOUSE, [short])]
    assert names == (["", "new"] if HOLD_MS <= DAY_MS else [""])
    end_ms = at(IN) + HOLD_MS - HOUR_MS
    shorter = Alert("house", "f1", AlertKind.LEAK, "w1", short.start_ms, end_ms, short.raised_ms)
    assert [each.tenancy for each in parts_of(HOUSE, [shorter])] == [""]


def test_who_had_left_before_it_was_raised_hears_nothing_of_a_short_end() -> None:
    late = leak(MOVE - timedelta(days=0), date(2026, 1, 15))
    begun = Alert(
        "house", "f1", AlertKind.LEAK, "w1", at(MOVE) - HOUR_MS, late.end_ms, late.raised_ms
    )
    assert [each.tenancy for each in parts_of(HOUSE, [begun])] == [""]


def test_a_flat_that_is_not_let_and_a_building_are_the_landlords() -> None:
    alert = leak(date(2026, 1, 12), date(2026, 1, 15))
    whole = leak(date(2026, 1, 2), date(2026, 1, 25), "")
    assert parts_of(HOUSE, [alert, whole]) == [("", alert), ("", whole)]


days = st.dates(date(2025, 12, 20), date(2026, 2, 10))


@given(days, st.integers(1, 60), st.sampled_from(list(AlertKind)))
def test_no_evidence_predates_a_tenancy(start: date, length: int, kind: AlertKind) -> None:
    end = start + timedelta(days=length)
    alert = Alert("house", "f1", kind, "w1", at(start), at(end), at(end), EVIDENCE)
    bounds = {"old": (0, at(MOVE)), "": (at(MOVE), at(IN)), "new": (at(IN), 1 << 62)}
    for part in parts_of(HOUSE, [alert]):
        first, last = bounds[part.tenancy]
        assert first <= part.alert.start_ms < part.alert.end_ms <= last
        whole = part.alert == alert
        assert whole or "flow_l_per_h" not in part.alert.evidence


@pytest.mark.parametrize("kind", list(AlertKind))
def test_every_kind_has_rules(kind: AlertKind) -> None:
    row = kind_rules()[kind]
    assert row.audience in ("resident", "staff")
    assert row.clear_hours > 0
    assert set(row.inhibits) <= set(AlertKind)
    assert set(row.inhibits.values()) <= {"meter", "home", "use", "neighbours"}
