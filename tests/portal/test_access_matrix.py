"""
Every route of the portal, asked by everybody, about every home: who gets what.

What is expected is worked out here from the table's row alone, by a second way: who lived where is
written out below. A route without a row cannot start, and one without an example in `PATHS` fails.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from operations.visitors.roles import STAFF as STAFF_ROLES
from operations.visitors.roles import Home, Role, Visitor
from portal.access.table import Access, Clip, access_table
from portal.app import routes
from tests.support.portal_house import (
    HOUSE,
    OTHER,
    STAFF,
    Portal,
    form_token,
    live_in,
    opened_portal,
)

HOMES = {
    (HOUSE, "0101-1"): {"anna", "axel"},
    (HOUSE, "0102-1"): {"bent"},
    (HOUSE, "0102-2"): {"carla"},
    (HOUSE, "0103-1"): {"dora"},
    (OTHER, "0201-1"): {"erik"},
}
"""Who may see each tenancy."""
RESIDENTS = frozenset().union(*HOMES.values())
VISITORS = ("nobody", *sorted(RESIDENTS), *sorted(STAFF))
EXAMPLES = {
    "name": "portal.css", "token": "no-such-token", "run": "1", "number": "1", "month": "2026-01",
    "alert": "aaaa11112222", "act": "seen", "service": "no-such-service", "making": 32 * "0",
}  # fmt: skip
"""What stands for the parameters of routes beside building and tenancy."""
ALLOWED = {200, 204, 303, 304, 410, 422, 429}
"""Answers of a route that was open."""
ABSENT = {"{token}", "{run}", "{number}", "{month}", "{alert}/{act}", "{service}", "{making}"}
"""What is named in `EXAMPLES` and is not there."""
REFUSED = {401, 403, 404}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Every request comes from a browser of its own, so that one portal serves all of them."""
    with opened_portal(tmp_path_factory.mktemp("portal")) as portal:
        live_in(portal)
        yield portal


def addresses(route: str) -> Iterator[tuple[str, tuple[str, str] | None]]:
    """Yield addresses of a route, with the home that each is about."""
    path = route.partition(" ")[2]
    if "{tenancy}" in path:
        homes = list(HOMES)
    elif "{building}" in path:
        homes = [(HOUSE, ""), (OTHER, "")]
    else:
        yield path.format(**EXAMPLES), None
        return
    for building, tenancy in homes:
        own = {"message": f"letter-{tenancy}", "alert": f"alert-{tenancy}"}
        names = EXAMPLES | own | {"building": building, "tenancy": tenancy}
        yield path.format(**names), (building, tenancy)


def names_nothing(route: str) -> bool:
    return any(each in route for each in ABSENT)


def may(row: Access, name: str, home: tuple[str, str] | None) -> bool:
    """Work out who may ask, from who lives and works where."""
    if row.clip in (Clip.OPEN, Clip.TOKEN):
        return True
    if name in RESIDENTS:
        own = row.clip is not Clip.HOME or (home is not None and name in HOMES[home])
        return Role.RESIDENT in row.roles and own and row.clip is not Clip.BUILDING
    roles, buildings = STAFF.get(name, ((), ()))
    if not set(roles) & row.roles or row.clip is Clip.HOME:
        return False
    return home is None or buildings is None or home[0] in buildings


def ask(browser: TestClient, route: str, address: str) -> int:
    method = route.partition(" ")[0]
    data = {"form_token": token_of(browser)} if method != "GET" else None
    return browser.request(method, address, data=data).status_code


def token_of(browser: TestClient) -> str:
    return form_token(browser.get("/log-in").text)


def wrong_answers(portal: Portal, route: str) -> list[str]:
    """Ask a route as everybody about everything, and return what is not as it must be."""
    row, found = access_table()[route], []
    for name in VISITORS:
        for address, home in addresses(route):
            browser = portal.visitor(name)
            status = ask(browser, route, address)
            fine = ALLOWED | ({404} if names_nothing(route) else set())
            if status not in (fine if may(row, name, home) else REFUSED):
                found.append(f"{name} {address}: {status}")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("route", sorted(routes()))
def test_a_route_answers_those_who_may_ask_and_nobody_else(portal: Portal, route: str) -> None:
    assert wrong_answers(portal, route) == []


def test_every_row_is_of_a_route() -> None:
    assert set(access_table()) == set(routes())


@pytest.mark.slow
@pytest.mark.parametrize("route", sorted(routes()))
def test_a_form_without_its_token_changes_nothing(portal: Portal, route: str) -> None:
    method = route.partition(" ")[0]
    if method == "GET":
        return
    for name in VISITORS:
        for address, _ in addresses(route):
            assert portal.visitor(name).request(method, address).status_code == 403, name


def test_every_role_is_asked_as() -> None:
    assert {role for roles, _ in STAFF.values() for role in roles} == STAFF_ROLES


CLIPPED = sorted(each for each, row in access_table().items() if row.clip is Clip.HOME)


@pytest.mark.slow
def test_without_the_clip_the_matrix_fails(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    def any_home(visitor: Visitor, building: str, tenancy: str) -> Home:
        return next(
            each
            for homes in portal.serving.estates().homes.values()
            for each in homes
            if (each.building, each.tenancy) == (building, tenancy)
        )

    monkeypatch.setattr(Visitor, "home", any_home)
    there = [each for each in CLIPPED if not names_nothing(each)]
    assert there
    assert [route for route in there if not wrong_answers(portal, route)] == []
