"""The pages of operations and of the board: what stands there, what is done, who sees what."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from alerts.life.states import State
from alerts.life.store import AlertStore
from alerts.model import AlertKind
from correspondence.catalogue import catalogue
from estate.database.engine import answering
from estate.model import Person
from ingest.decoders.payload.outcomes import Reject
from ingest.message import Entry, Message
from ingest.quarantine.store import Quarantine
from ingest.reasons import Reason
from operations.access.sessions import begin_session
from operations.log_in.staff import add_staff
from operations.staff.addresses import missing_addresses
from operations.staff.month import ClimateFigures, MonthFigures
from operations.staff.tables import BuildingMonth
from operations.visitors.roles import Role
from operations.wishes.store import Fault, report_fault
from portal.pages.staff.board import HEIGHT, bars
from tests.support import estates as make
from tests.support.api_house import HOUSE, NOW_MS, OTHER, Api, opened_api
from tests.support.portal_house import URL, form_token

PAGES = ("", "/devices", "/alerts", "/faults", "/quarantine", "/buildings", "/addresses")


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with opened_api(tmp_path) as opened:
        roles = [Role.OPERATOR, Role.BOARD]
        for name, buildings in (("oscar", None), ("olga", [OTHER])):
            mail = f"{name}@staff.example"
            add_staff(opened.serving.engine, name, mail, roles, buildings, NOW_MS)
        yield opened


def browser(api: Api, name: str = "oscar", language: str = "en") -> TestClient:
    token = begin_session(api.serving, f"mail:{name}@staff.example", name)
    headers = {"accept-language": language}
    found = TestClient(api.app, base_url=URL, headers=headers, follow_redirects=False)
    found.cookies.set("fairvarme", token)
    return found


def send(visitor: TestClient, path: str, **values: str) -> Any:  # noqa: ANN401
    token = form_token(visitor.get("/operations").text)
    return visitor.post(path, data={"form_token": token} | values)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["da", "de", "en"])
def test_every_page_is_there_in_both_languages(api: Api, language: str) -> None:
    oscar = browser(api, language=language)
    for path in (*(f"/operations{each}" for each in PAGES), "/board"):
        answer = oscar.get(path)
        assert answer.status_code == 200, path
        assert f'lang="{language}"' in answer.text


def test_buildings_of_one_name_are_told_apart(api: Api) -> None:
    estates = api.serving.estates()
    assert len({each.building.name for each in estates.by_building.values()}) == 1
    for path in ("/operations", "/board"):
        page = html.unescape(browser(api).get(path).text)
        for name in estates.names.values():
            assert len(re.findall(rf">\s*{re.escape(name)}\s*[<:]", page)) >= 1, (path, name)


def test_visits_say_where_and_why_and_name_nobody(api: Api) -> None:
    page = browser(api).get("/operations").text
    home = api.estate.tenancies[0].flat
    assert api.estate.flats[api.estate.flat_index[home]].address in page
    assert "Water runs without a pause" in page
    assert "is silent" in page
    for person in api.estate.persons:
        assert person.name not in page


def test_devices_are_shown_by_state(api: Api) -> None:
    oscar = browser(api)
    # The year's readings end before March.
    assert "silent" in oscar.get("/operations/devices").text
    assert "There are no such devices" in oscar.get("/operations/devices?state=ok").text
    assert oscar.get("/operations/devices?state=broken").status_code == 422


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_alert_has_words_for_staff_of_their_own(language: str) -> None:
    """What a resident is asked to do, such as to ring us, is nothing to tell staff."""
    words = catalogue(language)
    for kind in AlertKind:
        for each in ("title", "do"):
            assert f"operations.alert.{kind}.{each}" in words, kind
        assert "Ring til os" not in words.say(f"operations.alert.{kind}.do")


def test_an_alert_is_taken_into_work_and_done(api: Api) -> None:
    oscar, store = browser(api), AlertStore(api.serving.engine)
    leak = next(each for each in store.list() if each.kind == "leak")
    path = f"/operations/alerts/{leak.id}"
    assert send(oscar, f"{path}/work").status_code == 303
    assert store.find(leak.id).state is State.IN_WORK
    assert send(oscar, f"{path}/done").status_code == 303
    assert store.find(leak.id).state is State.CLEARED
    assert send(oscar, f"{path}/done").status_code == 409
    assert send(oscar, f"{path}/else").status_code == 404
    assert [(each.event, each.by) for each in store.changes(leak.id)] == [
        ("work_began", "oscar"), ("ended", "oscar"),
    ]  # fmt: skip


def test_a_reported_fault_is_listed_until_it_is_mended(api: Api) -> None:
    home = api.estate.tenancies[0]
    fault = Fault(HOUSE, home.tenancy, home.flat, "", NOW_MS, "The <b>radiator</b> is cold")
    number = report_fault(api.serving.engine, fault)
    oscar, olga = browser(api), browser(api, "olga")
    page = oscar.get("/operations/faults").text
    assert "The &lt;b&gt;radiator&lt;/b&gt; is cold" in page
    assert "radiator" not in olga.get("/operations/faults").text
    path = f"/operations/faults/{number}/done"
    assert send(olga, path).status_code == 404
    assert send(oscar, path).status_code == 303
    assert "radiator" not in oscar.get("/operations/faults").text
    assert send(oscar, f"/operations/faults/{number + 1}/done").status_code == 404


def test_an_alert_of_another_building_is_not_there(api: Api) -> None:
    olga = browser(api, "olga")
    leak = next(each for each in AlertStore(api.serving.engine).list() if each.kind == "leak")
    assert "Water ran" not in olga.get("/operations/alerts").text
    assert send(olga, f"/operations/alerts/{leak.id}/done").status_code == 404
    assert AlertStore(api.serving.engine).find(leak.id).state is State.NEW


@pytest.mark.slow
def test_quarantine_is_for_those_who_work_for_all(api: Api) -> None:
    message = Message("fairvarme/v1/x/box-9/readings", b"{}", 2, NOW_MS)
    reject = Reject(Reason.DEVICE_UNKNOWN, "box-9 is unknown", device="box-9")
    Quarantine(api.serving.engine).put([Entry("", message, reject)])
    oscar, olga = browser(api), browser(api, "olga")
    assert "device_unknown" in oscar.get("/operations/quarantine").text
    assert "device_unknown" not in olga.get("/operations/quarantine").text
    done = send(oscar, "/operations/quarantine/replay", reason="device_unknown")
    assert "1 messages processed" in done.text
    assert (
        "processed" not in send(olga, "/operations/quarantine/replay", reason="device_unknown").text
    )
    assert send(oscar, "/operations/quarantine/replay", reason="x").status_code == 422


def keep_month(api: Api, building: str, month: date, **more: Any) -> MonthFigures:  # noqa: ANN401
    figures = MonthFigures(
        building=building, month=month, homes=9, area_m2=700.0, **({"degree_days": 400.0} | more)
    )
    with answering(api.serving.engine) as session:
        session.add(
            BuildingMonth(
                building=building, month=f"{month:%Y-%m}", made_ms=NOW_MS,
                figures=figures.model_dump(mode="json"),
            )
        )  # fmt: skip
    return figures


def test_the_board_is_told_in_words_what_differs(api: Api) -> None:
    climate = ClimateFigures(
        homes=9, temperature_c=21.0, humidity_pct=45.0, co2_ppm=800.0,
        good_pct=80.0, cold_pct=5.0, humid_pct=5.0, stale_pct=5.0,
    )  # fmt: skip
    keep_month(api, HOUSE, date(2025, 1, 1), heat_kwh=4000.0, cost_ore=100_000_00, climate=climate)
    keep_month(
        api, HOUSE, date(2026, 1, 1), heat_kwh=5000.0, cost_ore=101_000_00,
        climate=climate.model_copy(update={"good_pct": 60.0}),
    )  # fmt: skip
    keep_month(api, OTHER, date(2026, 1, 1), withheld="few_homes", climate_withheld="few_homes")
    page = browser(api).get("/board").text
    assert "25 % more heat in the same weather" in page
    assert "the share of hours with good air was 20 percentage points lower" in page
    assert "the costs were" not in page
    assert "Fewer than five homes" in page
    assert page.count('role="img"') == 3
    assert HOUSE not in browser(api, "olga").get("/board").text.replace(OTHER, "")
    assert "12.5" in browser(api).get("/operations/buildings").text
    # Newer, and too warm to be judged.
    keep_month(api, HOUSE, date(2026, 2, 1), heat_kwh=100.0, degree_days=10.0)
    assert "12.5" in browser(api).get("/operations/buildings").text


def test_the_tallest_bar_is_as_high_as_the_picture() -> None:
    months = [
        MonthFigures(building="b", month=date(2026, number, 1), homes=9, area_m2=1, cost_ore=ore)
        for number, ore in ((1, 100), (2, 50), (3, None), (4, -20))
    ]
    heights = [each.height for each in bars(months, lambda each: each.cost_ore)]
    assert heights == [HEIGHT, HEIGHT // 2, 0, 0]
    assert bars([], lambda each: each.cost_ore) == []


def test_addresses_are_missing_where_nothing_can_be_delivered() -> None:
    ended = date(2026, 2, 1)
    house = make.estate(
        [make.flat("a"), make.flat("b"), make.flat("c")],
        [
            make.tenancy("gone", "a", end=ended),
            make.tenancy("moved", "b", end=ended),
            make.tenancy("long", "c", end=date(2024, 1, 1)),
            make.tenancy("now", "c", date(2024, 1, 1)),
            make.tenancy("empty", "a", ended),
        ],
        persons=[
            make_person("gone"), make_person("moved", mail="a@example.org"), make_person("long"),
            make_person("now"),
        ],
    )  # fmt: skip
    found = {each.tenancy: each.why for each in missing_addresses(house, NOW_MS)}
    assert found == {"gone": "moved_out", "empty": "no_person"}


def make_person(tenancy: str, **more: str) -> Person:
    return Person(tenancy=tenancy, person=f"p-{tenancy}", name="A Resident", **more)
