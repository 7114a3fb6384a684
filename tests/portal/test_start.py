"""The ground of the portal: first pages, headers, refusals."""

from __future__ import annotations

import re

import pytest

from portal.app import create_app
from portal.http.static import STATIC
from portal.pages import common
from tests.support.portal_house import Portal, form_token


def test_who_is_not_logged_in_is_led_to_the_log_in(portal: Portal) -> None:
    answer = portal.browser().get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/log-in")


def test_a_resident_begins_at_home(portal: Portal) -> None:
    browser = portal.resident("anna")
    assert browser.get("/").headers["location"] == "/home"
    assert browser.get("/home").headers["location"] == "/home/house/0101-1"
    assert browser.get("/home/house/0101-1").status_code == 200


def test_every_answer_says_that_nothing_from_elsewhere_is_loaded(portal: Portal) -> None:
    browser = portal.browser()
    for path in ("/log-in", "/home", "/not-there", "/static/portal.css"):
        headers = browser.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff", path
    assert browser.get("/log-in").headers["cache-control"] == "no-store"


def test_browsers_keep_a_file_until_its_address_is_another_one(portal: Portal) -> None:
    browser = portal.browser()
    paths = re.findall(r'"(/static/[^"]+)"', browser.get("/log-in").text)
    assert {each.partition("?")[0] for each in paths} == {f"/static/{name}" for name in STATIC}
    for path in paths:
        answer = browser.get(path)
        assert "immutable" in answer.headers["cache-control"], path
        mark = answer.headers["etag"]
        assert browser.get(path, headers={"if-none-match": mark}).status_code == 304
        for other in (path.partition("?")[0], f"{path}0"):
            assert "immutable" not in browser.get(other).headers["cache-control"], other


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost"])
def test_another_host_name_is_refused(portal: Portal, host: str) -> None:
    assert portal.browser().get("/log-in", headers={"host": host}).status_code == 400


def test_a_program_is_refused_as_problem_json(portal: Portal) -> None:
    answer = portal.browser().get("/home", headers={"accept": "application/json"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 401


def test_a_page_that_is_not_there_says_what_to_do(portal: Portal) -> None:
    answer = portal.browser().get("/not-there", headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert "This page does not exist" in answer.text


def test_the_language_is_the_one_chosen_then_the_browsers(portal: Portal) -> None:
    browser = portal.browser()
    danish = browser.get("/log-in", headers={"accept-language": "da,en;q=0.5"}).text
    assert '<html lang="da">' in danish
    form = {"form_token": form_token(danish), "language": "en", "back": "/log-in"}
    assert browser.post("/language", data=form).headers["location"] == "/log-in"
    assert '<html lang="en">' in browser.get("/log-in", headers={"accept-language": "da"}).text


def test_more_than_is_kept_is_refused(portal: Portal) -> None:
    answer = portal.browser().post("/log-in", content=b"x" * (9 * 1024 * 1024))
    assert answer.status_code == 413


def test_a_route_without_a_row_stops_the_start(portal: Portal) -> None:
    @common.router.get("/forgotten")
    def forgotten() -> dict[str, str]:
        return {}

    try:
        with pytest.raises(ValueError, match="GET /forgotten"):
            create_app(portal.serving)
    finally:
        common.router.routes.pop()
