"""Whatever is typed into an address, a query or a form, no page fails or makes a header of it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from operations.access.sessions import begin_session
from operations.visitors.people import person_subject
from operations.visitors.roles import Role
from portal.access.table import access_table
from portal.app import ROUTERS
from tests.support.portal_house import HOUSE, STAFF, Portal, form_token, live_in, opened_portal

HOSTILE = (
    "", "\0", "a\0b", "\r\nX-Bad: 1", "0", "-1", "9" * 30, "1e400", "nan", "0001-01-01",
    "9999-12-31", "0001-01", "9999-12", "2026-13", "../../etc/passwd", "//evil.example", "=1+1",
    "x" * 5000,
    "\u202e\ufeff\U0001f600", "%00", "'\"><script>", "{{7*7}}", "${7*7}", "yes", "mail", "+45 1\0",
    "a@b\0.example", "a@\u2603.example", "[]", '{"id": 1}', "null", "\x7f\x1b[0m", "\ud7ff\ue000",
)  # fmt: skip
OWN = {
    "building": HOUSE, "tenancy": "0101-1", "alert": "alert-0101-1", "message": "letter-0101-1",
    "number": "1", "run": "1", "name": "portal.css", "token": "x", "act": "seen", "service": "x",
    "month": "2026-01", "making": 32 * "0",
}  # fmt: skip
GOOD = {
    "period_start": "2026-01-01", "period_end": "2025-01-01", "item": "heat", "amount": "1",
    "text": "The radiator is cold", "reason": "rang", "home": "0102-2/carla", "day": "2026-02-01",
    "channel": "letter", "language": "da", "address": "anna@residents.example", "code": "1",
    "credential": "{}",
}  # fmt: skip
PROOFS = (
    "/settings/passkeys", "/settings/address/code", "/staff/passkeys", "/staff/passkeys/options",
)  # fmt: skip
"""Take a passkey, a code that was sent, or one of an app."""
ROUTES = {
    f"{method} {route.path_format}": route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods or ()
    if "/api/" not in route.path_format
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with opened_portal(tmp_path_factory.mktemp("portal")) as portal:
        live_in(portal)
        yield portal


def names_of(route: APIRoute, kind: str) -> list[str]:
    """Return the parameters of a route, those of what it depends on among them."""
    found, waiting = [], [route.dependant]
    while waiting:
        one = waiting.pop()
        found += [each.alias for each in getattr(one, kind)]
        waiting += one.dependencies
    return found


def browser_of(portal: Portal, name: str) -> TestClient:
    """Return the browser of somebody who may ask for a route."""
    row, browser = access_table()[name], portal.browser()
    if Role.RESIDENT in row.roles:
        # By a letter, which no change of an address in the settings ends.
        session = begin_session(portal.serving, person_subject(HOUSE, "0101-1", "anna"))
        browser.cookies.set("fairvarme", session)
    elif row.roles:
        return portal.staff(next(who for who, (roles, _) in STAFF.items() if row.roles & {*roles}))
    return browser


def requests_of(name: str) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Yield addresses, queries and forms, each with one hostile value among good ones."""
    route = ROUTES[name]
    path, query = route.path_format, names_of(route, "query_params")
    form = {each: GOOD[each] for each in names_of(route, "body_params") if each in GOOD}
    good = path.format(**OWN)
    for value in HOSTILE:
        for each in (each for each in OWN if f"{{{each}}}" in path):
            yield path.format(**OWN | {each: quote(value, safe="") or "%20"}), {}, form
        for each in query:
            yield good, {each: value}, form
        for each in names_of(route, "body_params"):
            yield good, {}, form | {each: value}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ROUTES))
def test_nothing_typed_in_makes_a_fault(portal: Portal, name: str) -> None:
    method, row = name.partition(" ")[0], access_table()[name]
    for address, query, form in requests_of(name):
        # A log-in and an hour for each, so that no limit stands before the page.
        portal.clock.wait(60)
        browser = browser_of(portal, name)
        sent = None
        if method != "GET":
            sent = form | {"form_token": form_token(browser.get("/log-in").text)}
        answer = browser.request(method, address, params=query, data=sent)
        asked = (answer.status_code, address, query, form)
        assert answer.status_code < 500, asked
        assert "x-bad" not in answer.headers, asked
        # A wrong proof is refused as who is not allowed.
        refused = {401, 429} if name.endswith(PROOFS) else {401, 403, 429}
        assert answer.status_code not in refused or not row.roles, asked
