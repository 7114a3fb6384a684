"""Tokens of the API: made, found, ended; the database never holds one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from estate.database.engine import open_database
from estate.errors import UsageError
from operations.tokens.scopes import Scope
from operations.tokens.store import PREFIX, Tokens

NOW = 1_772_366_400_000


@pytest.fixture
def tokens(migrated_url: str) -> Iterator[Tokens]:
    engine: Engine = open_database(migrated_url)
    yield Tokens(engine)
    engine.dispose()


def test_a_token_is_found_by_its_secret_alone(tokens: Tokens) -> None:
    made = tokens.add("Administration", {Scope.BILLS_READ}, "admin", NOW, buildings={"b1"})
    found = tokens.find(made.secret, NOW)
    assert found is not None
    assert found.name == "Administration"
    assert (set(found.scopes), set(found.buildings)) == ({Scope.BILLS_READ}, {"b1"})
    assert made.secret.startswith(PREFIX)
    for guess in ("", PREFIX, made.secret[:-1], made.secret + "x", found.id):
        assert tokens.find(guess, NOW) is None


def test_two_tokens_are_never_the_same(tokens: Tokens) -> None:
    secrets = {tokens.add("a", {Scope.BILLS_READ}, "x", NOW).secret for _ in range(20)}
    assert len(secrets) == 20


def test_the_database_holds_no_secret(tokens: Tokens) -> None:
    made = tokens.add("a", {Scope.BILLS_READ}, "x", NOW)
    with tokens.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM api_token")).one()
    assert made.secret not in repr(row)
    assert made.secret not in repr(made)


def test_a_token_ends_on_its_day_and_when_it_is_revoked(tokens: Tokens) -> None:
    made = tokens.add("a", {Scope.BILLS_READ}, "x", NOW, ends_ms=NOW + 10)
    assert tokens.find(made.secret, NOW + 9) is not None
    assert tokens.find(made.secret, NOW + 10) is None
    other = tokens.add("b", {Scope.BILLS_READ}, "x", NOW)
    assert [each.name for each in tokens.revoke("b", NOW)] == ["b"]
    assert tokens.find(other.secret, NOW) is None
    with pytest.raises(UsageError, match="no valid token"):
        tokens.revoke("b", NOW)


def test_it_is_written_down_when_a_token_was_last_used(tokens: Tokens) -> None:
    made = tokens.add("a", {Scope.BILLS_READ}, "x", NOW)
    assert tokens.list_rows()[0].used_ms is None
    tokens.find(made.secret, NOW + 5)
    assert tokens.list_rows()[0].used_ms == NOW + 5


@pytest.mark.parametrize(
    ("scopes", "buildings", "tenancy"),
    [
        (set(), set(), ""),
        ({Scope.READINGS_READ}, {"b1"}, ""),
        ({Scope.READINGS_READ}, set(), "t1"),
        ({Scope.READINGS_READ}, {"b1", "b2"}, "t1"),
        ({Scope.READINGS_READ, Scope.BILLS_READ}, {"b1"}, "t1"),
        ({Scope.BILLS_READ}, {"b1"}, "t1"),
    ],
)
def test_readings_are_never_mixed_with_what_a_landlord_may_see(
    tokens: Tokens, scopes: set[Scope], buildings: set[str], tenancy: str
) -> None:
    with pytest.raises(UsageError):
        tokens.add("a", scopes, "x", NOW, buildings=buildings, tenancy=tenancy)


def test_tokens_are_listed_by_tenancy(tokens: Tokens) -> None:
    tokens.add("a", {Scope.BILLS_READ}, "x", NOW)
    tokens.add("mine", {Scope.READINGS_READ}, "p1", NOW, buildings={"b1"}, tenancy="t1")
    assert [each.name for each in tokens.list_rows("b1", "t1")] == ["mine"]
    assert len(tokens.list_rows()) == 2
