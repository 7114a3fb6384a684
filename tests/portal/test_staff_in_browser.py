"""
The pages of staff and boards in a real Chromium: phone and desktop, light and dark.

Each role does its main job from the log-in on: link, second step, and what the day asks for. Every
page on the way fits its screen, and axe finds nothing. ``SCREENSHOTS`` names a folder that pictures
are written to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from billing.ledger.store import Ledger
from operations.accounts.preview import Asked, make_draft
from operations.log_in.links import make_link
from operations.log_in.staff import add_staff
from operations.visitors.roles import Role
from portal.app import routes
from tests.support.api_house import HOUSE, NOW_MS, OTHER, YEAR, Api, opened_api
from tests.support.board_months import keep_two_years
from tests.support.chromium import (
    DESKTOP,
    PHONE,
    Screen,
    axe_findings,
    browser,
    opened,
    wider_than_screen,
)
from tests.support.ports import free_port
from tests.support.web_server import served

pytestmark = [pytest.mark.integration, pytest.mark.slow]

MAKING_MS = 120_000
LOOKS = [
    pytest.param(screen, dark, id=f"{screen.width}-{'dark' if dark else 'light'}")
    for screen in (PHONE, DESKTOP)
    for dark in (False, True)
]
STAFF = {"ada": Role.ACCOUNTANT, "oscar": Role.OPERATOR, "bea": Role.BOARD}


@dataclass
class Site:
    """A portal that is served, with accounts of each role."""

    address: str
    api: Api
    factors: dict[str, pyotp.TOTP]


@dataclass
class Visit:
    """Somebody at their screen; every page that they come to is looked at."""

    site: Site
    page: Page
    name: str

    def log_in(self, name: str) -> None:
        """Press the button of a link, and show the second factor."""
        serving = self.site.api.serving
        asked = make_link(serving, f"mail:{name}@staff.example")
        self.page.goto(f"{self.site.address}/log-in/link/{asked.link}")
        self.press("Log ind")
        self.page.fill("#code", self.site.factors[name].at(serving.clock() // 1000))
        self.press("Log ind")

    def look(self, name: str) -> None:
        """Ask axe about the page, whether it fits, and keep a picture where that is asked for."""
        # A page that a button led to is there before its style sheet is.
        self.page.wait_for_load_state("networkidle")
        assert axe_findings(self.page) == [], name
        assert wider_than_screen(self.page) == 0, name
        folder = os.environ.get("SCREENSHOTS")
        if folder:
            path = Path(folder) / f"{name}-{self.name}.png"
            self.page.screenshot(path=str(path), full_page=True)

    def go(self, path: str, name: str) -> None:
        """Open a page by its address, and look at it."""
        answer = self.page.goto(self.site.address + path)
        assert answer is not None
        assert answer.status == 200, path
        self.look(name)

    def make_bill(self) -> None:
        """Have a bill worked out; where that takes long, wait on the page that says so."""
        self.press("Beregn det")
        self.page.wait_for_url("**/accounts/drafts/*", timeout=MAKING_MS)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened_browser:
        yield opened_browser


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with opened_api(tmp_path) as api:
        keep_two_years(api.serving.engine, HOUSE)
        factors = {}
        for name, role in STAFF.items():
            mail = f"{name}@staff.example"
            address = add_staff(api.serving.engine, name, mail, [role], None, NOW_MS)
            factor = pyotp.parse_uri(address)
            assert isinstance(factor, pyotp.TOTP)
            factors[name] = factor
        with served(api.app, free_port()) as where:
            yield Site(where, api, factors)


@pytest.fixture
def visit(chromium: Browser, site: Site, screen: Screen, dark: bool) -> Iterator[Visit]:
    with opened(chromium, screen, dark=dark) as page:
        page.set_extra_http_headers({"accept-language": "da"})
        yield Visit(site, page, f"{screen.width}-{'dark' if dark else 'light'}")


@pytest.mark.parametrize(("screen", "dark"), LOOKS)
def test_an_accountant_brings_a_year_to_its_end(visit: Visit) -> None:
    visit.log_in("ada")
    visit.look("accounts")
    visit.go(f"/accounts/{OTHER}/costs", "accounts-costs")
    visit.page.fill("#period_start", "2026-01-01")
    visit.page.fill("#period_end", "2027-01-01")
    visit.page.fill("#amount", "12345,67")
    visit.press("Tilføj")
    visit.look("accounts-costs-done")
    visit.go(f"/accounts/{OTHER}/bill", "accounts-bill")
    visit.page.fill("#period_start", "2025-01-01")
    visit.page.fill("#period_end", "2026-01-01")
    visit.make_bill()
    visit.look("accounts-draft")
    visit.press("Godkend endeligt")
    visit.look("accounts-run")
    run = visit.page.url
    visit.press("Notér som sendt")
    with visit.page.expect_download() as taken:
        visit.press("Hent filen")
    assert taken.value.suggested_filename.startswith("run-")
    tenancy = visit.page.locator("table a").first
    tenancy.click()
    visit.look("accounts-statement")
    visit.page.locator("table a").first.click()
    visit.look("accounts-proof")
    visit.page.goto(run)
    visit.page.get_by_role("link", name="Ret regnskab").click()
    visit.look("accounts-correct")
    visit.make_bill()
    visit.press("Godkend endeligt")
    visit.look("accounts-refused")
    visit.press("Godkend alligevel")
    visit.look("accounts-corrected")
    runs = Ledger(visit.site.api.serving.engine).runs(OTHER)
    assert [each.facts.corrects for each in runs] == [None, runs[0].number]


@pytest.mark.parametrize(("screen", "dark"), LOOKS[::3])
def test_the_second_of_two_accountants_gets_a_page(visit: Visit) -> None:
    visit.log_in("ada")
    settings = visit.site.api.serving.settings
    other = make_draft(settings, Asked(OTHER, YEAR), "Another Accountant")
    visit.page.goto(f"{visit.site.address}/accounts/{OTHER}/bill")
    visit.make_bill()
    for draft in (visit.page.url, f"{visit.site.address}/accounts/drafts/{other}"):
        visit.page.goto(draft)
        visit.press("Godkend endeligt")
    assert visit.page.get_by_role("heading", level=1).inner_text() == "Udkastet kan ikke godkendes"
    visit.look("accounts-second")


@pytest.mark.parametrize(("screen", "dark"), LOOKS)
def test_operations_take_an_alert_into_work(visit: Visit) -> None:
    visit.log_in("oscar")
    visit.look("operations")
    for name in ("devices", "faults", "quarantine", "buildings", "addresses", "alerts"):
        visit.go(f"/operations/{name}", f"operations-{name}")
    visit.page.get_by_role("button", name="Vi tager os af det").first.click()
    assert "i arbejde" in visit.page.inner_text("main")


@pytest.mark.parametrize(("screen", "dark"), LOOKS)
def test_a_board_reads_how_the_house_does(visit: Visit) -> None:
    visit.log_in("bea")
    visit.page.locator("summary").first.click()
    visit.look("board")
    text = visit.page.inner_text("main")
    assert "mere varme i samme vejr" in text
    for person in visit.site.api.estate.persons:
        assert person.name not in text


def test_every_page_of_staff_is_looked_at() -> None:
    text = Path(__file__).read_text("utf-8")
    names = [each for each in routes() if each.startswith(("GET /operations", "GET /board"))]
    assert all(each.rpartition("/")[2] in text for each in names)
