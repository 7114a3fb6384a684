"""Resolves a program's token to a visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from operations.access.identities import homes_of
from operations.access.limits import count_try
from operations.access.record import AccessEvent, Entry, record_daily
from operations.tokens.store import Tokens
from operations.visitors.people import is_subject
from operations.visitors.roles import STAFF, Home, Role, Visitor

if TYPE_CHECKING:
    from operations.serving import Serving
    from operations.tokens.store import Token


def visitor_of_token(serving: Serving, secret: str, visitor_address: str) -> Visitor | None:
    """
    Return the visitor for a program's token; None if the token is invalid, expired or revoked.

    Raises
    ------
    TooManyTries
        If too many wrong ones came from an address.
    """
    now = serving.clock()
    token = Tokens(serving.engine).find(secret, now)
    if token is None:
        count_try(serving.engine, "token_of_visitor", visitor_address, now)
        return None
    return Visitor(
        subject=f"token:{token.id}",
        name=token.name,
        roles=frozenset({Role.RESIDENT}) if token.tenancy else STAFF,
        homes=_homes(serving, token) if token.tenancy else (),
        buildings=token.buildings or None,
        scopes=frozenset(token.scopes),
    )


def record_read(
    serving: Serving, visitor: Visitor, what: str, *buildings: str, tenancy: str = ""
) -> None:
    """
    Record, once a day, that a visitor read data of a home, or of all homes of buildings.

    Parameters
    ----------
    serving : Serving
    visitor : Visitor
        A program with its token, or staff.
    what : str
        For all homes one of `OF_ALL_HOMES`.
    *buildings : str
    tenancy : str, optional
        Empty for all homes.
    """
    if buildings:
        role = Role.RESIDENT if tenancy else min(visitor.roles & STAFF)
        now = serving.clock()
        entry = Entry(now, visitor.name, role, AccessEvent.LOOKED, what, tenancy=tenancy)
        record_daily(serving.engine, entry, frozenset(buildings))


def _homes(serving: Serving, token: Token) -> tuple[Home, ...]:
    """Return the home of a resident's token, limited to the days of its creator."""
    (building,) = token.buildings
    estates = serving.estates()
    if is_subject(token.made_by):
        own = homes_of(serving, token.made_by)
        return tuple(
            each for each in own if (each.building, each.tenancy) == (building, token.tenancy)
        )
    estate = estates.by_building.get(building)
    tenancies = estate.tenancies if estate else ()
    return tuple(
        Home(building, each.tenancy, each.flat, "", each.start, each.end)
        for each in tenancies
        if each.tenancy == token.tenancy
    )
