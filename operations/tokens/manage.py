"""Management of tokens by an administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estate.errors import UsageError
from operations.clock import now_ms
from operations.tokens.store import Tokens
from operations.wiring import opened_database, opened_estates

if TYPE_CHECKING:
    from collections.abc import Collection

    from operations.settings import Settings
    from operations.tokens.scopes import Scope
    from operations.tokens.store import NewToken, Token


def add_token(
    settings: Settings,
    name: str,
    scopes: Collection[Scope],
    by: str,
    *,
    buildings: Collection[str] = (),
    tenancy: str = "",
    ends_ms: int | None = None,
) -> NewToken:
    """
    Create a token; its secret is shown only this once.

    Raises
    ------
    UsageError
        If a building or the tenancy is not there, or the scopes do not go together.
    """
    with opened_estates(settings) as source:
        there = source.revisions()
        unknown = sorted(set(buildings).difference(there))
        if unknown:
            raise UsageError(
                f"no building {', '.join(unknown)} in the settings; choose from "
                f"{', '.join(sorted(there)) or 'none'}"
            )
        known = {each.tenancy for name in buildings for each in source.read(name).tenancies}
    if tenancy and tenancy not in known:
        raise UsageError(f"no tenancy {tenancy} in {', '.join(buildings)}; see tenancies.csv")
    with opened_database(settings) as engine:
        return Tokens(engine).add(
            name, scopes, by, now_ms(), buildings=buildings, tenancy=tenancy, ends_ms=ends_ms
        )


def list_tokens(settings: Settings) -> list[Token]:
    """List the tokens of an installation, the newest first."""
    with opened_database(settings) as engine:
        return Tokens(engine).list_rows()


def revoke_token(settings: Settings, name_or_id: str) -> list[Token]:
    """Revoke a token at once; raises as `Tokens.revoke`."""
    with opened_database(settings) as engine:
        return Tokens(engine).revoke(name_or_id, now_ms())
