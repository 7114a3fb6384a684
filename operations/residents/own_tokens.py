"""Tokens by which a resident's own programs read their home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estate.periods import DAY_MS
from operations.access.record import AccessEvent, Entry, record_access
from operations.tokens.scopes import Scope
from operations.tokens.store import Tokens
from operations.visitors.roles import Role

if TYPE_CHECKING:
    from operations.serving import Serving
    from operations.tokens.store import Token
    from operations.visitors.roles import Home, Visitor

LASTS_DAYS = 400


def make_own_token(serving: Serving, visitor: Visitor, home: Home, name: str) -> str:
    """Make a token that reads a home's readings and nothing else, and return its secret."""
    now = serving.clock()
    made = Tokens(serving.engine).add(
        name.strip() or "-", [Scope.READINGS_READ], visitor.subject, now,
        buildings=[home.building], tenancy=home.tenancy, ends_ms=now + LASTS_DAYS * DAY_MS,
    )  # fmt: skip
    _record(serving, visitor, home, AccessEvent.TOKEN_MADE, made.token.id)
    return made.secret


def own_tokens(serving: Serving, visitor: Visitor, home: Home) -> list[Token]:
    """Return the valid tokens that a person made for a home."""
    now = serving.clock()
    rows = Tokens(serving.engine).list_rows(home.building, home.tenancy)
    return [each for each in rows if each.made_by == visitor.subject and each.valid(now)]


def revoke_own_token(serving: Serving, visitor: Visitor, home: Home, token: str) -> bool:
    """Revoke a token; False if it is not the person's."""
    if all(each.id != token for each in own_tokens(serving, visitor, home)):
        return False
    Tokens(serving.engine).revoke(token, serving.clock())
    _record(serving, visitor, home, AccessEvent.TOKEN_REVOKED, token)
    return True


def _record(serving: Serving, visitor: Visitor, home: Home, event: AccessEvent, token: str) -> None:
    entry = Entry(
        serving.clock(), visitor.name, Role.RESIDENT, event, token, home.building, home.tenancy,
        visitor.acting_for,
    )  # fmt: skip
    record_access(serving.engine, entry)
