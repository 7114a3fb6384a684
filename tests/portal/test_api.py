"""The JSON API as a program uses it: what its token opens, and what comes back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from operations.access.record import who_looked
from operations.staff.figures import keep_figures
from operations.tokens.scopes import Scope
from portal.http.static import static_path
from tests.support.api_house import (
    HOUSE,
    LANDLORD,
    NOW_MS,
    OTHER,
    YEAR,
    Api,
    opened_api,
    tries_of_tokens,
)

LISTS = {
    "/api/v1/buildings": Scope.ESTATE_READ,
    "/api/v1/runs": Scope.BILLS_READ,
    "/api/v1/runs/1": Scope.BILLS_READ,
    "/api/v1/runs/1/statements": Scope.BILLS_READ,
    "/api/v1/runs/1/bill.csv": Scope.BILLS_READ,
    "/api/v1/alerts": Scope.ALERTS_READ,
    f"/api/v1/buildings/{HOUSE}/months": Scope.AGGREGATES_READ,
    f"/api/v1/billingunits/{HOUSE}/consumptions/periods": Scope.CONSUMPTION_READ,
    f"/api/v1/billingunits/{HOUSE}/consumptions/periods/2025-01": Scope.CONSUMPTION_READ,
}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with opened_api(tmp_path_factory.mktemp("api")) as opened:
        yield opened


@pytest.mark.parametrize(("path", "scope"), LISTS.items())
def test_a_token_opens_what_it_is_for_and_nothing_else(api: Api, path: str, scope: Scope) -> None:
    assert api.program(scope).get(path).status_code == 200
    others = [each for each in LANDLORD if each is not scope]
    refused = api.program(*others).get(path)
    assert (refused.status_code, refused.headers["content-type"]) == (
        403, "application/problem+json",
    )  # fmt: skip
    assert refused.json()["type"] == "urn:fairvarme:problem:scope"
    assert api.client().get(path).status_code == 401


@pytest.mark.parametrize("path", LISTS)
def test_a_token_of_another_building_sees_nothing_of_this_one(api: Api, path: str) -> None:
    answer = api.program(buildings=[OTHER]).get(path)
    if answer.status_code == 404:
        return
    items = answer.json()["items"]
    assert all(each.get("building", each.get("id")) == OTHER for each in items)


@pytest.mark.parametrize("path", LISTS)
def test_what_a_program_has_already_is_not_sent_again(api: Api, path: str) -> None:
    program = api.program()
    first = program.get(path)
    again = program.get(path, headers={"if-none-match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert program.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_a_list_comes_in_parts(api: Api) -> None:
    program = api.program()
    first = program.get("/api/v1/buildings?limit=1").json()
    assert (len(first["items"]), first["total"], first["next"]) == (1, 2, 1)
    last = program.get("/api/v1/buildings?limit=1&offset=1").json()
    assert (last["items"][0]["id"], last["next"]) == (OTHER, None)
    for wrong in ("limit=0", "limit=501", "offset=-1", "limit=many"):
        assert program.get(f"/api/v1/buildings?{wrong}").status_code == 422


def test_a_bill_goes_out_to_the_ore(api: Api) -> None:
    program = api.program()
    (run,) = program.get("/api/v1/runs").json()["items"]
    assert (run["building"], run["state"]) == (HOUSE, "approved")
    rows = list(csv.DictReader(io.StringIO(program.get("/api/v1/runs/1/bill.csv").text)))
    assert sum(round(float(row["amount"]) * 100) for row in rows) == run["total_ore"]
    statements = program.get("/api/v1/runs/1/statements").json()["statements"]
    assert sum(each["total_ore"] for each in statements) == run["total_ore"]
    assert program.get(f"/api/v1/runs?building={OTHER}").json()["items"] == []
    assert program.get("/api/v1/runs/2").status_code == 404


def test_alerts_tell_nothing_of_the_climate_of_a_home(api: Api) -> None:
    found = {each["kind"]: each for each in api.program().get("/api/v1/alerts").json()["items"]}
    assert found["leak"]["evidence"] == {"flow_l_per_h": 12.5, "temperature_c": 14.0}
    assert found["mould_risk"]["evidence"] == {}


def test_months_of_few_homes_are_withheld(api: Api) -> None:
    keep_figures(api.serving.settings, [HOUSE], [])
    (month,) = api.program().get(f"/api/v1/buildings/{HOUSE}/months").json()["items"]
    assert (month["withheld"], month["heat_kwh"]) == ("few_homes", None)


def test_costs_come_in_once(api: Api) -> None:
    program = api.program(buildings=[OTHER])
    row = {
        "period_start": "2026-01-01", "period_end": "2027-01-01", "item": "heat",
        "amount_ore": 1234567,
    }  # fmt: skip
    path = f"/api/v1/buildings/{OTHER}/costs"
    assert len(program.post(f"{path}?dry_run=true", json=[row]).json()["changes"]) == 1
    assert len(program.post(path, json=[row]).json()["changes"]) == 1
    assert program.post(path, json=[row]).json()["changes"] == []
    assert program.post(f"/api/v1/buildings/{HOUSE}/costs", json=[row]).status_code == 404
    wrong = program.post(path, json=[row | {"period_end": "2025-01-01"}])
    assert wrong.status_code == 422
    assert "costs.csv" in wrong.json()["findings"][0]["message"]


def document(api: Api, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  of JSON
    names = ("flats", "neighbours", "tenancies", "persons", "devices", "costs", "aconto")
    rows: dict[str, Any] = {
        name: [each.model_dump(mode="json", by_alias=True) for each in getattr(api.estate, name)]
        for name in names
    }
    building = api.estate.building.model_dump(mode="json", by_alias=True)
    return {"building": building, **rows} | changes


def test_an_estate_comes_in_and_the_same_changes_nothing(api: Api) -> None:
    path = f"/api/v1/buildings/{HOUSE}/estate"
    program = api.program()
    assert program.put(path, json=document(api)).json()["changes"] == []
    person = {"tenancy": api.estate.tenancies[0].tenancy, "person": "p9", "name": "New Resident"}
    more = document(api, persons=[*document(api)["persons"], person])
    changes = program.put(path, json=more).json()["changes"]
    assert [(each["file"], "New Resident" in str(each)) for each in changes] == [("persons", False)]
    assert program.put(f"/api/v1/buildings/{OTHER}/estate", json=more).status_code == 422
    other = api.program(buildings=[OTHER])
    assert other.put(path, json=more).status_code == 404
    cells = document(api, flats=[{"flat": "x", "address": "y", "area_m2": -1}])
    assert program.put(path, json=cells).status_code == 422


@pytest.mark.parametrize(
    "more",
    [
        {"name": "a\x00b"},
        {"name": "a\nb"},
        {"address": "\u202egnp"},
        {"schemes": [{"scheme": "/etc/scheme.yaml", "from": "2022-01-01"}]},
        {"timezone": "../etc/localtime"},
    ],
)
def test_hostile_texts_are_refused(api: Api, more: dict[str, Any]) -> None:
    whole = document(api)
    whole["building"] |= more
    answer = api.program().put(f"/api/v1/buildings/{HOUSE}/estate", json=whole)
    assert answer.status_code == 422


def test_half_a_character_is_refused(api: Api) -> None:
    content = rb'{"building": {"name": "\ud800"}}'
    path = f"/api/v1/buildings/{HOUSE}/estate"
    answer = api.program().put(path, content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 422


@pytest.mark.parametrize("amount", [10**30, 2**63, -(2**70)])
def test_amounts_beyond_what_is_counted_are_refused(api: Api, amount: int) -> None:
    row = {
        "period_start": "2026-01-01", "period_end": "2027-01-01", "item": "heat",
        "amount_ore": amount,
    }  # fmt: skip
    answer = api.program().post(f"/api/v1/buildings/{OTHER}/costs", json=[row])
    assert answer.status_code == 422


def test_consumption_names_homes_and_no_person(api: Api) -> None:
    base = f"/api/v1/billingunits/{HOUSE}/consumptions/periods"
    program = api.program()
    listed = program.get(base).json()["periods"]
    assert listed[0] == "2026-02"
    month = program.get(f"{base}/2025-06").json()
    assert (month["billingunit"]["reference"]["mscnumber"], month["period"]) == (HOUSE, "2025-06")
    assert "Resident" not in str(month)
    assert program.get(f"{base}/2026-03").status_code == 404
    assert program.get(f"{base}/2026-13").status_code == 422


def readings(api: Api, tenancy: str, **asked: str) -> Any:  # noqa: ANN401  of JSON
    of = api.estate.tenancies[0].tenancy
    program = api.program(Scope.READINGS_READ, buildings=[HOUSE], tenancy=of)
    query = {"building": HOUSE, "tenancy": tenancy, "quantity": "heat_kwh"} | asked
    return program.get("/api/v1/me/readings", params=query)


def test_readings_go_to_the_resident_alone(api: Api) -> None:
    own, other = (each.tenancy for each in api.estate.tenancies[:2])
    days = {"from": "2025-01-01", "to": "2026-01-01"}
    rows = readings(api, own, **days).json()["readings"]
    flat = api.estate.tenancies[0].flat
    own_meters = {each.device for each in api.estate.devices if each.flat == flat}
    assert rows
    assert {each["device"] for each in rows} <= own_meters
    assert readings(api, other, **days).status_code == 404
    assert api.program().get("/api/v1/me/readings").status_code == 403
    assert api.program().get("/api/v1/me/homes").status_code == 403
    program = api.program(Scope.READINGS_READ, buildings=[HOUSE], tenancy=own)
    assert program.get("/api/v1/me/homes").json()["items"][0]["tenancy"] == own
    assert [program.get(path).status_code for path in LISTS] == [403] * len(LISTS)


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/api/v1/runs/1/statements", "all_statements"),
        ("/api/v1/runs/1/bill.csv", "all_statements"),
        ("/api/v1/alerts", "all_alerts"),
        (f"/api/v1/billingunits/{HOUSE}/consumptions/periods/2025-12", "all_consumption"),
    ],
)
def test_residents_see_which_program_read_all_homes(api: Api, path: str, what: str) -> None:
    """Once a day, however often it asks; and those of another building see nothing of it."""
    program = api.program()
    for _ in range(3):
        assert program.get(path).status_code == 200
    home = api.estate.tenancies[0].tenancy
    looked = who_looked(api.serving.engine, HOUSE, home, 0, NOW_MS + 1)
    assert [(each.who, each.event) for each in looked if each.what == what] == [("test", "looked")]
    assert who_looked(api.serving.engine, OTHER, home, 0, NOW_MS + 1) == []


def test_a_resident_sees_that_a_token_of_theirs_was_used(api: Api) -> None:
    home = api.estate.tenancies[0]
    program = api.program(Scope.READINGS_READ, buildings=[HOUSE], tenancy=home.tenancy)
    asked = {"building": HOUSE, "tenancy": home.tenancy, "quantity": "heat_kwh"}
    asked["from"] = "2025-12-01"
    for _ in range(2):
        assert program.get("/api/v1/me/readings", params=asked).status_code == 200
    looked = who_looked(api.serving.engine, HOUSE, home.tenancy, 0, NOW_MS + 1)
    assert [each.who for each in looked if each.what == "readings"] == ["test"]


@pytest.mark.parametrize(
    "days", [{"to": "2024-01-01"}, {"to": "2027-01-01"}, {"from": "9999-12-31"}, {"from": "x"}]
)
def test_days_that_are_none_are_refused(api: Api, days: dict[str, str]) -> None:
    own = api.estate.tenancies[0].tenancy
    asked = {"from": str(YEAR.start), "to": str(YEAR.start + timedelta(days=1))} | days
    assert readings(api, own, **asked).status_code == 422


def test_a_resident_who_moved_sees_no_day_after(api: Api) -> None:
    own = api.estate.tenancies[0]
    assert own.start > date(2019, 1, 1)
    before = {"from": "2019-01-01", "to": "2019-12-01"}
    assert readings(api, own.tenancy, **before).json()["readings"] == []


@pytest.mark.slow
def test_a_token_that_is_guessed_is_refused_more_and_more(api: Api) -> None:
    guesser = api.client("fairvarme_guess")
    found = {guesser.get("/api/v1/runs").status_code for _ in range(tries_of_tokens())}
    assert found == {401}
    blocked = guesser.get("/api/v1/runs")
    assert blocked.status_code == 429
    assert int(blocked.headers["retry-after"]) > 0
    # Who has a token is not kept out by a guesser beside.
    assert api.program().get("/api/v1/runs").status_code == 200


def test_the_document_names_every_route_and_the_page_shows_it(api: Api) -> None:
    document = api.client().get("/api/v1/openapi.json").json()
    page = api.client().get("/docs").text
    for path in document["paths"]:
        assert path in page
    assert "src=" not in page.replace(f'src="{static_path("portal.js")}"', "")
