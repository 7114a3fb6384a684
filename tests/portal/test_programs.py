"""Programs with tokens: what a wrong one gets, and what a resident's opens."""

from __future__ import annotations

import pytest

from operations.access.programs import visitor_of_token
from operations.tokens.scopes import Scope
from operations.tokens.store import Tokens
from operations.visitors.roles import Role
from tests.support.portal_house import HOUSE, MOVED, Portal


def test_an_unknown_token_is_no_visitor(portal: Portal) -> None:
    answer = portal.browser().get("/home", headers={"authorization": "Bearer fairvarme_x"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.slow
def test_unknown_tokens_are_counted(portal: Portal) -> None:
    headers = {"authorization": "Bearer fairvarme_x", "accept": "application/json"}
    answers = [portal.browser().get("/home", headers=headers).status_code for _ in range(101)]
    assert answers[99:] == [401, 429]


def test_a_program_asks_for_no_route_without_its_scope(portal: Portal) -> None:
    made = Tokens(portal.serving.engine).add(
        "own data", [Scope.READINGS_READ], "mail:bent@residents.example", portal.clock(),
        buildings=[HOUSE], tenancy="0102-1",
    )  # fmt: skip
    headers = {"authorization": f"Bearer {made.secret}"}
    assert portal.browser().get("/home", headers=headers).status_code == 403


@pytest.mark.parametrize("tenancy", ["0102-1", "0102-2", "0101-1"])
def test_a_residents_token_opens_their_own_days_alone(portal: Portal, tenancy: str) -> None:
    made = Tokens(portal.serving.engine).add(
        "own data", [Scope.READINGS_READ], "mail:bent@residents.example", portal.clock(),
        buildings=[HOUSE], tenancy=tenancy,
    )  # fmt: skip
    visitor = visitor_of_token(portal.serving, made.secret, "")
    assert visitor is not None
    assert visitor.roles == {Role.RESIDENT}
    assert [each.end for each in visitor.homes] == ([MOVED] if tenancy == "0102-1" else [])
