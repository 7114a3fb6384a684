"""What meters say themselves becomes an alert, and one event with what was counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.devices.alarms import Said, with_alarms
from alerts.life.case import Case, new_case
from alerts.life.follow import Seen, follow
from alerts.life.kinds import life_limits
from alerts.life.states import State
from alerts.life.tenancies import Part
from alerts.model import SAID, Alert, AlertKind
from estate.periods import HOUR_MS
from tests.support import estates as make
from tests.support.alert_homes import HOURS, an_estate, standing_devices

DAY_MS = 24 * HOUR_MS
START_MS = HOURS.start_ms + 10 * DAY_MS
COUNTED = Alert(
    "birkegaarden", "f1", AlertKind.LEAK, "water-f1", START_MS, START_MS + 2 * DAY_MS,
    START_MS + DAY_MS, {"flow_l_per_h": 12.0, "quantity": "hot_water_m3"},
)  # fmt: skip


def said(
    first_ms: int, last_ms: int, device: str = "water-f1", kind: AlertKind = AlertKind.LEAK
) -> Said:
    meters = ("hot_water", "cold_water")
    return Said(device, kind, None, first_ms, last_ms, "LEAK", meters, kind is AlertKind.LEAK)


def test_code_alone_is_an_alert_from_its_first_to_its_last_message() -> None:
    (alert,) = with_alarms(an_estate(), [], [said(START_MS, START_MS + HOUR_MS)], HOURS.end_ms)
    assert (alert.flat, alert.device, alert.kind) == ("f1", "water-f1", AlertKind.LEAK)
    assert (alert.start_ms, alert.end_ms) == (START_MS, START_MS + HOUR_MS + 1)
    assert alert.raised_ms == START_MS
    assert alert.evidence == {"quantity": "hot_water_m3", SAID: "LEAK"}


@pytest.mark.parametrize("hours", [-6, 5])
def test_code_and_flow_at_one_time_are_one_event_with_what_was_counted(hours: int) -> None:
    first_ms = START_MS + hours * HOUR_MS
    alarm = said(first_ms, first_ms + DAY_MS)
    (alert,) = with_alarms(an_estate(), [COUNTED], [alarm], HOURS.end_ms)
    assert alert.start_ms == min(START_MS, first_ms)
    assert alert.end_ms == COUNTED.end_ms
    assert alert.evidence == {**COUNTED.evidence, SAID: "LEAK"}


def test_codes_of_another_time_meter_or_kind_are_events_of_their_own() -> None:
    others = [
        said(COUNTED.end_ms + DAY_MS, COUNTED.end_ms + 2 * DAY_MS),
        said(START_MS, START_MS + DAY_MS, "water-f2"),
        said(START_MS, START_MS + DAY_MS, kind=AlertKind.BURST),
    ]
    found = with_alarms(an_estate(), [COUNTED], others, HOURS.end_ms)
    assert found[0] == COUNTED
    assert [(each.device, each.kind) for each in found[1:]] == [
        ("water-f1", AlertKind.LEAK), ("water-f2", AlertKind.LEAK), ("water-f1", AlertKind.BURST),
    ]  # fmt: skip


def test_meter_of_a_whole_building_tells_of_leaks_and_of_no_bursts() -> None:
    common = make.device("main", "cold_water", None)
    estate = an_estate(devices=(*standing_devices(), common))
    told = [
        said(START_MS, START_MS + HOUR_MS, "main"),
        said(START_MS, START_MS + HOUR_MS, "main", AlertKind.BURST),
    ]
    (alert,) = with_alarms(estate, [], told, HOURS.end_ms)
    assert (alert.flat, alert.kind) == ("", AlertKind.LEAK)


def test_code_of_a_device_that_is_no_such_meter_or_not_here_is_nothing() -> None:
    told = [said(START_MS, START_MS + 1, each) for each in ("heat-f1", "box-f1", "elsewhere")]
    assert with_alarms(an_estate(), [], told, HOURS.end_ms) == []


def followed(known: list[Case], alerts: list[Alert], now_ms: int) -> Case:
    seen = Seen(HOURS.start_ms, HOURS.end_ms, lambda _: now_ms)
    parts = [Part("t1", each) for each in alerts]
    (case,) = follow(known, parts, seen, life_limits(), now_ms).cases.values()
    return case


def test_code_before_flow_is_known_and_flow_after_it_are_one_record() -> None:
    estate, alarm = an_estate(), said(START_MS, START_MS + 6 * HOUR_MS)
    first = followed([], with_alarms(estate, [], [alarm], HOURS.end_ms), START_MS + 7 * HOUR_MS)
    longer = said(START_MS, START_MS + 30 * HOUR_MS)
    flow = replace(COUNTED, start_ms=START_MS - HOUR_MS, end_ms=START_MS + 30 * HOUR_MS)
    both = with_alarms(estate, [flow], [longer], HOURS.end_ms)
    case = followed([first], both, START_MS + 31 * HOUR_MS)
    assert (case.id, case.state) == (first.id, State.NEW)
    assert case.evidence["flow_l_per_h"] == 12.0


def test_what_a_meter_said_is_over_and_was_no_mistake() -> None:
    alarm = said(START_MS, START_MS + HOUR_MS)
    (alert,) = with_alarms(an_estate(), [], [alarm], HOURS.end_ms)
    known = new_case(alert, "t1", START_MS + HOUR_MS)
    assert followed([known], [], START_MS + 3 * DAY_MS).state is State.CLEARED
    counted = new_case(COUNTED, "t1", START_MS + DAY_MS)
    assert followed([counted], [], START_MS + 5 * DAY_MS).state is State.WITHDRAWN
