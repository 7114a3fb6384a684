"""A resident in a real Chromium links a log-in service and comes back by it, scripts or none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from operations.access.sessions import begin_session
from tests.support.chromium import PHONE, axe_findings, browser, opened, wider_than_screen
from tests.support.oidc_provider import running
from tests.support.portal_house import HOUSE, Clock, Portal, opened_portal
from tests.support.ports import free_port
from tests.support.web_server import served

pytestmark = [pytest.mark.integration, pytest.mark.slow]
SETTINGS = f"/home/{HOUSE}/0101-1/settings"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as chromium:
        yield chromium


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Portal]]:
    port, clock = free_port(), Clock()
    with running(clock) as eid:
        named = {"eid": eid.settings("residents")}
        url = f"http://127.0.0.1:{port}"
        with (
            opened_portal(tmp_path, clock, url, oidc=named) as portal,
            served(portal.app, port) as address,
        ):
            yield address, portal


@pytest.mark.parametrize("scripts", [True, False])
def test_a_resident_links_a_service_and_logs_in_by_it(
    chromium: Browser, site: tuple[str, Portal], scripts: bool
) -> None:
    address, portal = site
    with opened(chromium, PHONE, scripts=scripts) as page:
        token = begin_session(portal.serving, "mail:anna@residents.example")
        page.context.add_cookies([{"name": "fairvarme", "value": token, "url": address}])
        page.goto(address + SETTINGS)
        page.get_by_role("button", name="Use Stub-ID from now on").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        if scripts:
            assert axe_findings(page) == []
        assert wider_than_screen(page) <= 0
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=f"{folder}/settings-linked.png", full_page=True)
        page.get_by_role("button", name="Log out", exact=True).click()
        page.goto(f"{address}/log-in")
        page.get_by_role("button", name="Log in with Stub-ID").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your home today")
