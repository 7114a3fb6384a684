"""
Tokens of the API in the database.

A token is 256 random bits, of which only the SHA-256 is kept: somebody who reads the database
cannot use it, and no slow hash is needed against guessing.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from estate.database.engine import answering
from estate.errors import UsageError
from estate.periods import HOUR_MS
from operations.tokens.scopes import Scope
from operations.tokens.tables import ApiToken

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

PREFIX = "fairvarme_"
"""Begins every token, so that a scanner of leaked secrets knows one."""
ID_BYTES, SECRET_BYTES = 6, 32
USED_EVERY_MS = HOUR_MS
"""When a token was last used is written down this often at most. [ms]"""


@dataclass(frozen=True)
class Token:
    """
    What a token may do.

    Attributes
    ----------
    buildings : frozenset of str
        None named means all of the installation.
    tenancy : str
        Whose data it reads; empty for programs of the landlord.
    ends_ms, revoked_ms, used_ms : int or None
        [ms since 1970, UTC]
    """

    id: str
    name: str
    scopes: frozenset[Scope]
    buildings: frozenset[str] = frozenset()
    tenancy: str = ""
    made_ms: int = 0
    made_by: str = ""
    ends_ms: int | None = None
    revoked_ms: int | None = None
    used_ms: int | None = None

    def valid(self, now_ms: int) -> bool:
        """Whether it may be used at an instant. [ms since 1970, UTC]"""
        return self.revoked_ms is None and (self.ends_ms is None or now_ms < self.ends_ms)

    def covers(self, building: str) -> bool:
        """Whether it is for a building."""
        return not self.buildings or building in self.buildings


@dataclass(frozen=True)
class NewToken:
    """A newly created token; its secret is shown only this once."""

    token: Token
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Tokens:
    """
    The tokens of an installation.

    Attributes
    ----------
    engine : Engine
        A database with the table of `ApiToken`.
    """

    engine: Engine

    def add(
        self,
        name: str,
        scopes: Collection[Scope],
        by: str,
        now_ms: int,
        *,
        buildings: Collection[str] = (),
        tenancy: str = "",
        ends_ms: int | None = None,
    ) -> NewToken:
        """
        Make a token.

        Raises
        ------
        UsageError
            If it may do nothing, or reads a tenancy's data without naming one building and one
            tenancy, or with anything else.
        """
        _check(scopes, buildings, tenancy)
        secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        row = ApiToken(
            id=secrets.token_hex(ID_BYTES),
            digest=_digest(secret),
            name=name,
            scopes=sorted(scopes),
            buildings=sorted(buildings),
            tenancy=tenancy,
            made_ms=now_ms,
            made_by=by,
            ends_ms=ends_ms,
        )
        with answering(self.engine) as session:
            session.add(row)
            session.flush()
            return NewToken(_token(row), secret)

    def find(self, secret: str, now_ms: int) -> Token | None:
        """Return what a token may do now; None if it is unknown, expired or revoked."""
        with answering(self.engine) as session:
            row = session.scalar(select(ApiToken).where(ApiToken.digest == _digest(secret)))
            if row is None or not _token(row).valid(now_ms):
                return None
            if row.used_ms is None or now_ms - row.used_ms >= USED_EVERY_MS:
                row.used_ms = now_ms
            return _token(row)

    def list_rows(self, building: str = "", tenancy: str = "") -> list[Token]:
        """List tokens, the newest first; only those of one tenancy if it is named."""
        query = select(ApiToken).order_by(ApiToken.made_ms.desc(), ApiToken.id)
        if tenancy:
            query = query.where(ApiToken.tenancy == tenancy)
        with answering(self.engine) as session:
            found = [_token(row) for row in session.scalars(query)]
        return [each for each in found if not building or building in each.buildings]

    def revoke(self, name_or_id: str, now_ms: int) -> list[Token]:
        """
        End a token at once, by its id, or all of a name.

        Raises
        ------
        UsageError
            If no valid token has that id or name.
        """
        with answering(self.engine) as session:
            rows = self._named(session, name_or_id)
            for row in rows:
                row.revoked_ms = now_ms
            if not rows:
                raise UsageError(
                    f"no valid token is named {name_or_id}; `fairvarme token list` shows them"
                )
            return [_token(row) for row in rows]

    def _named(self, session: Session, name_or_id: str) -> list[ApiToken]:
        named = (ApiToken.id == name_or_id) | (ApiToken.name == name_or_id)
        query = select(ApiToken).where(named, ApiToken.revoked_ms.is_(None))
        return list(session.scalars(query))


def _check(scopes: Collection[Scope], buildings: Collection[str], tenancy: str) -> None:
    if not scopes:
        raise UsageError(f"a token needs a scope: one of {', '.join(Scope)}")
    own = Scope.READINGS_READ in scopes
    if own != bool(tenancy) or (own and (len(scopes) > 1 or len(buildings) != 1)):
        raise UsageError(
            f"readings are the resident's alone: a token of {Scope.READINGS_READ} names one "
            "building and one tenancy, and has no other scope"
        )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _token(row: ApiToken) -> Token:
    return Token(
        id=row.id,
        name=row.name,
        scopes=frozenset(map(Scope, row.scopes)),
        buildings=frozenset(row.buildings),
        tenancy=row.tenancy,
        made_ms=row.made_ms,
        made_by=row.made_by,
        ends_ms=row.ends_ms,
        revoked_ms=row.revoked_ms,
        used_ms=row.used_ms,
    )
