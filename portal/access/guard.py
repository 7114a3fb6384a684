"""Checks, before all else, who makes a request and whether its route is open to them."""

from __future__ import annotations

import hmac
from ipaddress import IPv4Address, ip_address, ip_network
from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from operations.access.programs import visitor_of_token
from operations.access.record import AccessEvent, Entry, record_access
from operations.access.sessions import visitor_of_session
from operations.serving import Serving
from operations.visitors.roles import STAFF, Home, Role, Visitor
from portal.access.table import Access, Clip, access_table
from portal.http.cookies import FORM_COOKIE, SESSION_COOKIE, cookie_of
from portal.http.problems import Problem

if TYPE_CHECKING:
    from fastapi.routing import APIRoute

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_FIELD = "form_token"
CUSTOMER_BITS = 64


def serving_of(request: Request) -> Serving:
    """Return the installation that the application serves."""
    return cast("Serving", request.app.state.serving)


# What asks nobody and waits for nothing is a coroutine: FastAPI sends every other dependency to
# a thread of its own, which costs more than most pages.
async def _serving(request: Request) -> Serving:
    return serving_of(request)


def row_of(request: Request) -> Access:
    """Return the row of the route that a request goes to."""
    route: APIRoute = request.scope["route"]
    return access_table()[f"{request.method} {route.path_format}"]


async def guard(request: Request) -> None:
    """
    Let a request through only if its visitor may request its route.

    Raises
    ------
    Problem
    """
    row = row_of(request)
    if request.method in SAFE_METHODS:
        if row.roles or _says_who(request):
            await run_in_threadpool(_look_and_admit, request, row)
        else:
            request.state.visitor = None
        return
    visitor = await run_in_threadpool(_look, request)
    if visitor is None or visitor.scopes is None:
        await _check_form(request, visitor)
    if row.roles:
        await run_in_threadpool(_admit, request, row, visitor)


def address_of_visitor(request: Request) -> str:
    """
    Return the network address that tries are counted by.

    Of an IPv6 address it is the network of 64 bits, which is all one customer's.
    """
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return host
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((int(address), CUSTOMER_BITS), strict=False))


def _says_who(request: Request) -> bool:
    return "authorization" in request.headers or cookie_of(request, SESSION_COOKIE) is not None


def _look_and_admit(request: Request, row: Access) -> None:
    visitor = _look(request)
    if row.roles:
        _admit(request, row, visitor)


def _look(request: Request) -> Visitor | None:
    request.state.visitor = visitor = _find_visitor(request)
    return visitor


def _find_visitor(request: Request) -> Visitor | None:
    serving = serving_of(request)
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        visitor = visitor_of_token(serving, secret.strip(), address_of_visitor(request))
        if visitor is None:
            raise Problem(401, "token", {"WWW-Authenticate": "Bearer"})
        return visitor
    token = cookie_of(request, SESSION_COOKIE)
    return visitor_of_session(serving, token) if token else None


async def _check_form(request: Request, visitor: Visitor | None) -> None:
    """Refuse a form that was not sent from one of our own pages for this visitor."""
    origin = request.headers.get("origin")
    # A browser that hides a form's origin sends null; then the token has to suffice.
    if origin not in (None, "null") and urlsplit(origin).netloc != request.url.netloc:
        raise Problem(403, "form")
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise Problem(403, "form")
    wanted = visitor.form_token if visitor else cookie_of(request, FORM_COOKIE)
    sent = (await request.form()).get(FORM_FIELD)
    if not wanted or not isinstance(sent, str) or not hmac.compare_digest(wanted, sent):
        raise Problem(403, "form")


def _admit(request: Request, row: Access, visitor: Visitor | None) -> None:
    if visitor is None:
        raise Problem(401, "log_in")
    if visitor.scopes is not None and row.scope not in visitor.scopes:
        raise Problem(403, "scope")
    if not row.roles & visitor.roles:
        raise Problem(403, "role")
    _clip(request, row, visitor)
    if row.recorded and (visitor.acting_for or visitor.is_staff):
        _record(request, row.recorded, visitor)


def _clip(request: Request, row: Access, visitor: Visitor) -> None:
    """Restrict a route to what is the visitor's; anything else does not exist for them."""
    names = request.path_params
    if row.clip is Clip.HOME:
        home = visitor.home(names["building"], names["tenancy"])
        if home is None:
            raise Problem(404, "not_found")
        request.state.home = home
    elif row.clip is Clip.BUILDING and not visitor.works_for(names["building"]):
        raise Problem(404, "not_found")


def _record(request: Request, what: str, visitor: Visitor) -> None:
    serving, names = serving_of(request), request.path_params
    looked = request.method in SAFE_METHODS
    role = Role.RESIDENT if visitor.acting_for else min(visitor.roles & STAFF)
    event = AccessEvent.LOOKED if looked else AccessEvent.CHANGED
    record_access(
        serving.engine,
        Entry(
            serving.clock(), visitor.name, role, event, what, names.get("building", ""),
            names.get("tenancy", ""), visitor.acting_for,
        ),
    )  # fmt: skip


async def _visitor(request: Request) -> Visitor:
    visitor: Visitor | None = request.state.visitor
    if visitor is None:
        raise Problem(401, "log_in")
    return visitor


async def _anybody(request: Request) -> Visitor | None:
    visitor: Visitor | None = request.state.visitor
    return visitor


async def _home(request: Request) -> Home:
    home: Home = request.state.home
    return home


OpenInstallation = Annotated[Serving, Depends(_serving)]
"""The installation, for a route."""
LoggedIn = Annotated[Visitor, Depends(_visitor)]
"""The visitor of a route that needs a log-in."""
Anybody = Annotated[Visitor | None, Depends(_anybody)]
"""The visitor of a route that needs none."""
OwnHome = Annotated[Home, Depends(_home)]
"""The home of a route that is cut to one; nothing outside of its days may be shown."""
