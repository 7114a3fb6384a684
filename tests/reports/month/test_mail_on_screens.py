"""The mail as people see it: a phone and a desk, by day and by night, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser

from alerts.model import AlertKind
from reports.monthly.figures import HomeMonth
from reports.monthly.mail import mail_words
from reports.monthly.page import page_of
from tests.reports.month.test_first_page import full_month
from tests.reports.test_pages import everything_long, without_readings
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
from tests.support.report_homes import (
    a_climate,
    a_month,
    a_statement,
    an_alert,
    an_estate,
    months_around,
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


def damp() -> HomeMonth:
    mould = an_alert(AlertKind.MOULD_RISK, date(2026, 1, 12), date(2026, 1, 31))
    return a_month(climate=a_climate(18.4, 62, 1200), alerts=(mould,), around=months_around())


MONTHS = {
    "full": full_month,
    "english": lambda: full_month("en"),
    "damp": damp,
    "without readings": without_readings,
    "everything long": everything_long,
}


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("name", MONTHS)
def test_a_mail_is_read_on_every_screen(
    chromium: Browser, name: str, screen: Screen, dark: bool
) -> None:
    html = mail_words(page_of(MONTHS[name]())).html
    with opened(chromium, screen, dark=dark) as page:
        page.set_content(html)
        assert axe_findings(page) == []
        assert wider_than_screen(page) <= 0


@pytest.mark.slow
@pytest.mark.parametrize("language", ["da", "de", "en"])
@pytest.mark.parametrize("amount_ore", [9_999_900, -9_999_900, 12_345_678_901])
def test_an_amount_fits_an_old_phone(chromium: Browser, language: str, amount_ore: int) -> None:
    amounts = {("heat", "heat_units_position"): amount_ore, ("heat", "area"): amount_ore}
    estate = an_estate(language=language)
    month = a_month(a_statement(amounts=amounts), estate=estate, around=months_around())
    with opened(chromium, OLD_PHONE) as page:
        page.set_content(mail_words(page_of(month)).html)
        assert wider_than_screen(page) <= 0


@pytest.mark.slow
def test_a_mail_asks_no_server(chromium: Browser) -> None:
    asked: list[str] = []
    with opened(chromium, PHONE) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.set_content(mail_words(page_of(full_month())).html)
        page.wait_for_load_state("networkidle")
    assert asked == []
