"""
What pages show: of each visitor their own days alone, whatever the address says.

Every tenancy has a temperature of its own, a letter and an alert, by which what is another's is
known in any answer. The flat 0102 changed hands on 16 January.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from estate.purposes.table import Reader
from operations.residents import clip
from operations.residents.air import latest_air
from operations.visitors.roles import Home
from telemetry.readings import Reading
from tests.support.portal_house import (
    AIR,
    HOUSE,
    Portal,
    device,
    form_token,
    live_in,
    opened_portal,
)

OWN = {
    "anna": "0101-1", "axel": "0101-1", "bent": "0102-1", "carla": "0102-2", "dora": "0103-1",
}  # fmt: skip
PAGES = (
    "", "/use?year=2026", "/air?month=2026-01", "/air?month=2026-02", "/papers", "/alerts",
    "/fault", "/settings", "/data", "/looked", "/data.csv?first=2026-01-01&last=2026-02-10",
    "/data.json?first=2026-01-01&last=2026-02-10",
)  # fmt: skip


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with opened_portal(tmp_path_factory.mktemp("portal")) as portal:
        live_in(portal)
        yield portal


def traces(text: str) -> set[str]:
    """Return the tenancies of which an answer shows anything."""
    text = text.replace("\N{NO-BREAK SPACE}", " ")
    means = {name: f"{value + 0.6:.1f} deg" for name, value in AIR.items()}
    air = {name for name, value in AIR.items() if f"{value}" in text or means[name] in text}
    named = {name for name in AIR if f"letter-{name}" in text or f"alert-{name}" in text}
    return air | named


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(OWN))
@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_its_own_tenancy_alone(portal: Portal, name: str, page: str) -> None:
    answer = portal.resident(name).get(f"/home/{HOUSE}/{OWN[name]}{page}")
    assert answer.status_code == 200
    assert traces(answer.text) <= {OWN[name]}
    others = [each for each in OWN if each != name]
    assert not [each for each in others if f"Name of {each}" in answer.text]


@pytest.mark.parametrize("name", sorted(OWN))
def test_there_is_something_to_hide(portal: Portal, name: str) -> None:
    base = f"/home/{HOUSE}/{OWN[name]}"
    browser = portal.resident(name)
    rows = browser.get(f"{base}/data.csv?first=2026-01-01&last=2026-02-10").text.splitlines()
    assert len(rows) > 1000
    assert traces("\n".join(rows)) == {OWN[name]}
    assert f"alert-{OWN[name]}" in browser.get(f"{base}/alerts").text
    assert f"letter-{OWN[name]}" in browser.get(f"{base}/papers").text
    assert traces(browser.get(f"{base}/air?month=2026-01").text) == {OWN[name]}


def test_days_end_and_begin_at_the_hour_of_the_move(portal: Portal) -> None:
    def times(name: str) -> list[str]:
        base = f"/home/{HOUSE}/{OWN[name]}/data.csv?first=2026-01-01&last=2026-02-10"
        return [row.split(",")[0] for row in portal.resident(name).get(base).text.splitlines()[1:]]

    assert max(times("bent")) == "2026-01-15T23:00:00+01:00"
    assert min(times("carla")) == "2026-01-16T00:00:00+01:00"


def test_hours_that_are_still_to_come_are_not_missing(portal: Portal) -> None:
    """The clock stands at ten in the morning on 10 February; every hour until then was good."""
    browser = portal.resident("anna")
    page = browser.get(f"/home/{HOUSE}/0101-1/air", headers={"accept-language": "en"}).text
    assert "The box measured 226 of 226 hours." in page
    assert "100%" in page
    assert "<span>10</span>" in page
    assert "<span>11</span>" not in page


@pytest.mark.parametrize("page", ["/data.csv", "/air?month=2026-01", "/use?year=2026"])
def test_without_the_clip_of_days_the_other_tenancy_would_be_seen(
    portal: Portal, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "?first=2026-01-01&last=2026-02-10" if page == "/data.csv" else ""
    address = f"/home/{HOUSE}/{OWN['carla']}{page}{query}"
    browser = portal.resident("carla")
    portal.serving.look_again()
    clipped = form_free(browser.get(address).text)
    whole = clip.own_estate

    def not_clipped(estate: object, home: Home) -> object:
        return whole(estate, replace(home, start=home.start.replace(year=2021)))  # type: ignore[arg-type]

    def all_days(_home: Home, period: object) -> object:
        return period

    for module in ("air", "use", "own_data"):
        monkeypatch.setattr(f"operations.residents.{module}.own_estate", not_clipped)
    for module in ("air", "own_data"):
        monkeypatch.setattr(f"operations.residents.{module}.own_days", all_days)
    portal.serving.look_again()
    assert form_free(browser.get(address).text) != clipped
    portal.serving.look_again()


def form_free(text: str) -> str:
    return re.sub(r'name="form_token" value="[^"]+"', "", text)


def post(browser: TestClient, path: str, **fields: str) -> int:
    token = form_token(browser.get("/log-in").text)
    return browser.post(path, data={"form_token": token} | fields).status_code


@pytest.mark.parametrize("act", ["seen", "ours"])
@pytest.mark.parametrize("other", ["0101-1", "0102-1", "0103-1"])
def test_anothers_alert_is_not_there_by_its_id(portal: Portal, act: str, other: str) -> None:
    browser = portal.resident("carla")
    own = f"/home/{HOUSE}/0102-2/alerts/alert-{other}/{act}"
    assert post(browser, own) == 404
    assert post(browser, f"/home/{HOUSE}/{other}/alerts/alert-{other}/{act}") == 404


def test_anothers_letter_is_not_there_by_its_id(portal: Portal) -> None:
    browser = portal.resident("carla")
    for other in ("0101-1", "0102-1", "0103-1"):
        assert browser.get(f"/home/{HOUSE}/0102-2/papers/letters/letter-{other}").status_code == 404
    answer = browser.get(f"/home/{HOUSE}/0102-2/papers/letters/letter-0102-2")
    assert answer.content == b"%PDF-1.7 0102-2"


def test_a_home_that_was_left_says_which_day_was_the_last(portal: Portal) -> None:
    """Bent's tenancy ends before 16 January, on which Carla's begins."""
    page = portal.resident("bent").get(f"/home/{HOUSE}/0102-1", headers={"accept-language": "en"})
    said = page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "1 March 2021 to 15 January 2026" in said
    assert "You moved out on 15 January 2026." in said


def test_an_alert_stays_with_the_tenancy_when_the_next_one_moves_in(portal: Portal) -> None:
    before = portal.resident("bent").get(f"/home/{HOUSE}/0102-1/alerts").text
    after = portal.resident("carla").get(f"/home/{HOUSE}/0102-2/alerts").text
    assert ("alert-0102-1" in before, "alert-0102-2" in before) == (True, False)
    assert ("alert-0102-1" in after, "alert-0102-2" in after) == (False, True)


def test_both_who_live_together_see_the_same(portal: Portal) -> None:
    page = f"/home/{HOUSE}/0101-1/alerts"
    one, other = (portal.resident(name).get(page).text for name in ("anna", "axel"))
    assert traces(one) == traces(other) == {"0101-1"}


def test_a_protected_address_stands_on_no_page_of_another(portal: Portal) -> None:
    for name in ("ada", "oscar", "bea"):
        assert "Name of dora" not in portal.staff(name).get(f"/help/{HOUSE}").text


def test_a_day_above_ones_own_limit_is_shown_the_next_day(portal: Portal) -> None:
    browser = portal.resident("axel")
    base = f"/home/{HOUSE}/0101-1"
    assert "Your limit is" not in browser.get(base).text
    assert post(browser, f"{base}/settings", day_limit_kwh="11,5", day_limit_l="100") == 303
    page = browser.get(base).text
    # Half a kilowatt-hour and five litres an hour, all day long.
    assert "Yesterday you used 12 kWh of heat. Your limit is 11.5 kWh." in page
    assert "Yesterday you used 120 litres of hot water. Your limit is 100 litres." in page
    assert "Your limit is" not in portal.resident("anna").get(base).text


def test_rooms_stand_in_the_order_of_their_numbers(portal: Portal) -> None:
    names = ["Room 10", "Room 2", "kitchen"]
    estates = portal.serving.estates()
    estate = estates.by_building[HOUSE]
    boxes = [device(f"box-{each}", "climate", "0101") for each in range(3)]
    placed = [box.model_copy(update={"room": name}) for box, name in zip(boxes, names, strict=True)]
    now = portal.clock()
    with portal.serving.store() as store:
        store.write(
            [Reading(HOUSE, each.device, "temperature_c", now, 21.0, 0, now) for each in placed]
        )
    seen = replace(estate, devices=(*placed,))
    serving = SimpleNamespace(
        estates=lambda: SimpleNamespace(by_building={HOUSE: seen}),
        clock=portal.clock,
        store=portal.serving.store,
    )
    home = estates.homes["mail:anna@residents.example"][0]
    found = latest_air(cast("Any", serving), home, Reader.RESIDENT)
    assert [each.name for each in found] == ["kitchen", "Room 2", "Room 10"]
