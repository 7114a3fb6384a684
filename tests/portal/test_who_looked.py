"""Whatever page shows staff a home, its resident can read who looked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from estate.files.writer import write_folder
from operations.access.record import who_looked
from operations.access.sessions import begin_session
from operations.accounts.preview import Asked, make_draft
from operations.estates import import_estate
from operations.log_in.staff import add_staff
from operations.visitors.roles import STAFF
from operations.wishes.store import Fault, report_fault
from portal.access.table import access_table
from tests.support.api_house import HOUSE, NOW_MS, OTHER, YEAR, Api, opened_api
from tests.support.portal_house import URL

PAGES = sorted(
    name.removeprefix("GET ")
    for name, row in access_table().items()
    if name.startswith("GET ") and row.roles & STAFF and row.scope is None
)
SHOWING_HOMES = {
    "/accounts/drafts/{number}",
    "/accounts/runs/{number}",
    "/accounts/runs/{number}/statements/{tenancy}",
    "/accounts/runs/{number}/statements/{tenancy}/proof",
    "/help/{building}",
    "/operations",
    "/operations/addresses",
    "/operations/alerts",
    "/operations/devices",
    "/operations/faults",
}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """Two houses of which every page about homes has something to show."""
    with opened_api(tmp_path) as opened:
        first, second = opened.estate.tenancies
        changed = replace(
            opened.estate,
            tenancies=(first.model_copy(update={"delivery": "paper"}), second),
            persons=tuple(each for each in opened.estate.persons if each.tenancy == first.tenancy),
        )
        write_folder(tmp_path / "changed", changed)
        settings = opened.serving.settings
        import_estate(settings, tmp_path / "changed", "sys", remove=["persons"])
        opened.serving.look_again()
        report_fault(
            opened.serving.engine,
            Fault(HOUSE, first.tenancy, first.flat, "", NOW_MS, "The radiator is cold"),
        )
        yield opened


def address_of(api: Api, page: str) -> str:
    """Return an address of a page at which it has something to show."""
    names = {"building": HOUSE, "tenancy": api.estate.tenancies[0].tenancy, "making": 32 * "0"}
    number = 1
    if "/drafts/" in page:
        number = make_draft(
            api.serving.settings, Asked(OTHER, YEAR, issued=date(2026, 3, 1)), "ada"
        )
    query = "?item=heat&component=heat-1" if page.endswith("/proof") else ""
    return page.format(**names, number=number) + query


def homes_told(api: Api, who: str) -> set[str]:
    """Return the homes, of either building, whose record tells that somebody looked."""
    return {
        home.tenancy
        for building, estate in api.serving.estates().by_building.items()
        for home in estate.tenancies
        for entry in who_looked(api.serving.engine, building, home.tenancy, 0, NOW_MS + 1)
        if entry.who == who
    }


def homes_on(api: Api, text: str) -> set[str]:
    """Return the homes that a page names; they are called the same in both buildings."""
    estate = api.estate
    return {
        each.tenancy
        for each in estate.tenancies
        if each.tenancy in text or estate.flats[estate.flat_index[each.flat]].address in text
    }


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_who_is_shown_a_home_stands_in_its_record(api: Api, page: str) -> None:
    add_staff(api.serving.engine, "olga", "olga@staff.example", tuple(STAFF), None, NOW_MS)
    browser = TestClient(api.app, base_url=URL)
    browser.cookies.set("fairvarme", begin_session(api.serving, "mail:olga@staff.example", "olga"))
    answer = browser.get(address_of(api, page))
    shown = homes_on(api, answer.text)
    assert (page in SHOWING_HOMES) == bool(shown), answer.status_code
    assert shown <= homes_told(api, "olga")
