"""
The portal in a real Chromium: telephone and desktop, light and dark.

axe finds nothing on any page of the route list, no page is wider than its screen, and a resident's
main job is done from the log-in on, without a script too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from operations.access.sessions import begin_session
from operations.accounts.making import Making
from operations.channel_settings import MailSettings
from portal.app import routes
from tests.support.chromium import (
    DESKTOP,
    OLD_PHONE,
    PHONE,
    Screen,
    axe_findings,
    browser,
    opened,
    wider_than_screen,
)
from tests.support.portal_house import HOUSE, STAFF, Portal, live_in, opened_portal
from tests.support.ports import free_port
from tests.support.smtp import Mailboxes, smtp_server
from tests.support.web_server import served

pytestmark = [pytest.mark.integration, pytest.mark.slow]

NO_PAGES = re.compile(
    r"/healthz|/readyz|/static/|\.webmanifest|\.csv|\.json|/api/|/papers/(bills|letters)/|/letters/"
    r"|/accounts/(drafts|runs)/|/bill/making/|/log-in/with/"
)
"""Answers that are no pages of ours: files, and what programs ask; and what needs a bill first."""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
EXAMPLES = {"building": HOUSE, "tenancy": "0101-1", "token": "no-such-token", "month": "2026-01"}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def mailboxes() -> Iterator[tuple[int, Mailboxes]]:
    with smtp_server() as running:
        yield running


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, mailboxes: tuple[int, Mailboxes]
) -> Iterator[tuple[str, Portal]]:
    port = free_port()
    mail = MailSettings(
        host="127.0.0.1", port=mailboxes[0], sender="house@house.example", security="none"
    )
    directory = tmp_path_factory.mktemp("portal")
    with opened_portal(directory, url=f"http://127.0.0.1:{port}", mail=mail) as portal:
        live_in(portal)
        with served(portal.app, port) as address:
            yield address, portal


def pages() -> list[str]:
    """Return the paths of the pages that the route list names."""
    found = [each.removeprefix("GET ") for each in routes() if each.startswith("GET ")]
    return sorted(each for each in found if not NO_PAGES.search(each))


def logged_in(page: Page, site: tuple[str, Portal], name: str) -> None:
    address, portal = site
    staff = name in STAFF
    subject = f"mail:{name}@staff.example" if staff else f"mail:{name}@residents.example"
    token = begin_session(portal.serving, subject, name if staff else "")
    page.context.add_cookies([{"name": "fairvarme", "value": token, "url": address}])


def who_sees(path: str) -> str:
    """Return somebody who may see a page."""
    for start, name in (
        ("/home", "anna"), ("/help", "oscar"), ("/operations", "oscar"), ("/accounts", "ada"),
        ("/board", "bea"), ("/staff", "oscar"),
    ):  # fmt: skip
        if path.startswith(start):
            return name
    return ""


@pytest.mark.parametrize("screen", [PHONE, DESKTOP])
@pytest.mark.parametrize("path", pages())
def test_a_page_is_accessible_and_fits(
    chromium: Browser, site: tuple[str, Portal], path: str, screen: Screen
) -> None:
    with opened(chromium, screen) as page:
        failed: list[str] = []
        page.on("requestfailed", lambda request: failed.append(request.url))
        errors: list[str] = []
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        if who_sees(path):
            logged_in(page, site, who_sees(path))
        answer = page.goto(site[0] + path.format(**EXAMPLES))
        assert answer is not None
        assert answer.status in (200, 410)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert axe_findings(page) == [], scheme
            assert wider_than_screen(page) <= 0, scheme
        assert failed == []
        assert [each for each in errors if "410" not in each] == []


@pytest.mark.parametrize("language", ["da", "de"])
@pytest.mark.parametrize("path", pages())
def test_a_page_fits_an_old_phone_and_large_type(
    chromium: Browser, site: tuple[str, Portal], path: str, language: str
) -> None:
    with opened(chromium, OLD_PHONE) as page:
        page.set_extra_http_headers({"accept-language": language})
        if who_sees(path):
            logged_in(page, site, who_sees(path))
        page.goto(site[0] + path.format(**EXAMPLES))
        for percent in (100, 200):
            page.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")
            assert wider_than_screen(page) <= 0, percent


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("screen", [PHONE, DESKTOP])
def test_the_page_of_a_bill_that_is_being_made_is_accessible(
    chromium: Browser, site: tuple[str, Portal], screen: Screen, dark: bool
) -> None:
    name = 32 * "a"
    making = Making(building=HOUSE, start="2025-01-01", end="2026-01-01")
    (site[1].serving.shared / f"bill-{name}.json").write_text(making.model_dump_json())
    with opened(chromium, screen, dark=dark) as page:
        # Else it is looked at again while it is judged.
        page.route("**/portal.js*", lambda route: route.abort())
        logged_in(page, site, "ada")
        answer = page.goto(f"{site[0]}/accounts/{HOUSE}/bill/making/{name}")
        assert answer is not None
        assert answer.status == 200
        assert axe_findings(page) == []
        assert wider_than_screen(page) <= 0
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=f"{folder}/making-{screen.width}-{dark}.png")


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("screen", [PHONE, DESKTOP])
def test_a_resident_logs_in_and_answers_an_alert(
    chromium: Browser,
    site: tuple[str, Portal],
    mailboxes: tuple[int, Mailboxes],
    screen: Screen,
    scripts: bool,
) -> None:
    site[1].clock.wait(61)
    with opened(chromium, screen, scripts=scripts) as page:
        page.goto(site[0])
        page.get_by_label("Your mail address").fill("Bent@Residents.example")
        before = len(mailboxes[1].mails)
        page.get_by_role("button", name="Send me a link").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Look in your mail or messages")
        _, mail = wait_for_mail(mailboxes[1], before, page)
        body = mail.get_content()  # type: ignore[attr-defined]
        (link,) = re.findall(r"http://127\.0\.0\.1:\d+/log-in/link/\S+", body)
        page.goto(link)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your home today")
        page.get_by_role("link", name="Alerts").click()
        seen = page.get_by_role("button", name="I have seen it")
        if seen.count():
            seen.click()
        expect(page.get_by_text("· Seen")).to_be_visible()
        page.get_by_role("button", name="Log out").click()
        page.goto(link)
        expect(page.get_by_text("This link has been used or has expired.")).to_be_visible()


def wait_for_mail(boxes: Mailboxes, before: int, page: Page) -> tuple[str, object]:
    for _ in range(100):
        if len(boxes.mails) > before:
            return boxes.mails[-1]
        page.wait_for_timeout(100)
    raise AssertionError("no mail came")


def test_a_keyboard_reaches_the_content_first(chromium: Browser, site: tuple[str, Portal]) -> None:
    with opened(chromium, PHONE) as page:
        page.goto(f"{site[0]}/log-in")
        page.keyboard.press("Tab")
        expect(page.get_by_text("Go to the content")).to_be_focused()
        expect(page.get_by_text("Go to the content")).to_be_in_viewport()


def test_a_telephone_may_keep_it_among_its_apps(
    chromium: Browser, site: tuple[str, Portal]
) -> None:
    with opened(chromium, PHONE) as page:
        page.goto(f"{site[0]}/log-in")
        tools = page.context.new_cdp_session(page)
        assert tools.send("Page.getAppManifest")["errors"] == []
        found = tools.send("Page.getInstallabilityErrors")["installabilityErrors"]
        # Every test browses in private.
        assert [each["errorId"] for each in found] == ["in-incognito"]
