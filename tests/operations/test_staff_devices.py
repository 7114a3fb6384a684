"""What staff are told of devices and homes, by readings made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from alerts.life.case import Case
from alerts.life.states import State
from alerts.model import AlertKind
from estate.periods import HOUR_MS
from ingest.remarks import WordRow
from operations.staff.devices import DeviceState, device_rows
from operations.staff.visits import route, visits
from telemetry.readings import Quality
from tests.support import estates as make
from tests.support.samples import HandMadeSource

NOW = round(datetime(2026, 1, 15, 8, tzinfo=ZoneInfo("Europe/Copenhagen")).timestamp() * 1000)
DAY_MS = 24 * HOUR_MS
HOUSE = make.estate(
    [
        make.flat("f10", address="Street 10, st. th", stairwell="10", floor="st", door="th"),
        make.flat("f2", address="Street 2, 1. tv", stairwell="2", floor="1", door="tv"),
        make.flat("f2g", address="Street 2, st. tv", stairwell="2", floor="st", door="tv"),
    ],
    [make.tenancy("t1", "f10")],
    [
        make.device("box-10", "climate", "f10", room="living room"),
        make.device("box-2", "climate", "f2"),
        make.device("box-2g", "climate", "f2g"),
        make.device("gone", "climate", "f2g", end=date(2026, 1, 15)),
        make.device("coming", "climate", "f2g", start=date(2026, 1, 16)),
        make.device("heat-2", "heat", "f2"),
        make.device("main", "main_heat", None),
        make.device("none", "unmetered", "f2"),
    ],
    address="Street 2-10",
)
LEAK = Case(
    "aaaa11112222", "house", "f10", AlertKind.BURST, "", "t1", NOW - 2 * HOUR_MS, NOW, NOW, NOW, NOW
)


def source(**quality: int) -> HandMadeSource:
    """Return readings of every hour; what is named has a quality."""
    hours = range(1, 27)

    def rows(device: str, value: float) -> list[tuple[int, float, int]]:
        mark = quality.get(device.replace("-", "_"), Quality.GOOD)
        return [(NOW - hour * HOUR_MS, value, mark) for hour in reversed(hours)]

    return HandMadeSource(
        {
            ("box-10", "temperature_c"): rows("box-10", 20.0),
            ("box-2", "temperature_c"): rows("box-2", 21.0),
            ("box-2g", "temperature_c"): [(NOW - 3 * DAY_MS, 20.0, Quality.GOOD)],
            ("heat-2", "flow_temperature_c"): rows("heat-2", 55.0),
            ("main", "heat_kwh"): rows("main", 10_000.0),
        }
    )


def states(readings: HandMadeSource, *words: WordRow) -> dict[str, str]:
    return {row.device: str(row.state) for row in device_rows(readings, HOUSE, words, NOW)}


def test_a_device_is_judged_by_what_it_should_send() -> None:
    assert states(source()) == {
        "box-2g": "silent", "heat-2": "mute", "box-10": "ok", "box-2": "ok", "main": "ok",
    }  # fmt: skip


def test_the_worst_stand_first() -> None:
    rows = device_rows(source(), HOUSE, (), NOW)
    assert [each.state for each in rows[:2]] == [DeviceState.SILENT, DeviceState.MUTE]


def test_of_a_silent_device_is_told_when_it_was_last_heard() -> None:
    silent = device_rows(source(), HOUSE, (), NOW)[0]
    assert (silent.device, silent.last_ms, silent.readings) == ("box-2g", NOW - 3 * DAY_MS, 0)


def test_what_was_never_heard_has_no_last_reading() -> None:
    rows = device_rows(HandMadeSource({}), HOUSE, (), NOW)
    assert {each.last_ms for each in rows} == {None}
    assert {each.state for each in rows} == {DeviceState.SILENT}


def test_suspect_readings_and_its_own_words_make_a_device_suspect() -> None:
    assert states(source(box_10=Quality.SUSPECT))["box-10"] == "suspect"
    word = WordRow("house", "box-2", "LOW_BATTERY", "suspect", NOW - HOUR_MS, NOW - HOUR_MS, 3)
    assert states(source(), word)["box-2"] == "suspect"
    assert states(source(), word._replace(meaning="harmless"))["box-2"] == "ok"
    assert states(source(), word._replace(last_ms=NOW - 3 * DAY_MS))["box-2"] == "ok"


def test_a_building_without_devices_has_no_rows() -> None:
    assert device_rows(source(), replace(HOUSE, devices=()), (), NOW) == []


def test_homes_are_listed_as_one_walks_past_them() -> None:
    rows = device_rows(HandMadeSource({}), HOUSE, (), NOW)
    walked = visits(HOUSE, rows, ())
    assert [each.flat for each in walked] == ["", "f2g", "f2", "f10"]
    assert walked[0].address == "Street 2-10"
    assert [each.device for each in walked[2].reasons] == ["box-2", "heat-2"]


def test_only_what_goes_on_and_is_explained_by_nothing_sends_somebody() -> None:
    over = replace(LEAK, id="b", state=State.CLEARED)
    explained = replace(LEAK, id="c", inhibited_by=LEAK.id)
    (only,) = visits(HOUSE, (), [LEAK, over, explained])
    assert [(each.name, each.alert) for each in only.reasons] == [("alert.burst", LEAK.id)]
    assert only.dangerous


def test_danger_comes_first_though_it_is_younger() -> None:
    rows = [each for each in device_rows(HandMadeSource({}), HOUSE, (), NOW) if each.flat == "f10"]
    (home,) = visits(HOUSE, rows, [LEAK])
    assert [each.name for each in home.reasons] == ["alert.burst", "device.silent"]


def test_an_alert_of_a_home_that_is_no_more_is_the_buildings() -> None:
    (visit,) = visits(HOUSE, (), [replace(LEAK, flat="gone")])
    assert (visit.flat, visit.address) == ("", "Street 2-10")


def test_several_buildings_make_one_round() -> None:
    other = make.estate([make.flat("x")], id="other", address="Alley 1")
    own, others = visits(HOUSE, (), [LEAK]), visits(other, (), [replace(LEAK, flat="x")])
    assert [each.building for each in route([(HOUSE, own), (other, others)])] == ["other", "house"]
