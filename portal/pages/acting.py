"""Staff help a resident who has no device of their own: for a stated reason, and on record."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from operations.access.programs import record_read
from operations.access.record import AccessEvent, Entry, record_access
from operations.access.sessions import act_for
from operations.residents.helped import find_helped, helped_in
from operations.visitors.roles import STAFF
from portal.access.guard import LoggedIn, OpenInstallation
from portal.http.cookies import SESSION_COOKIE, cookie_of
from portal.http.problems import Problem
from portal.pages.templates import page

router = APIRouter(include_in_schema=False)


@router.get("/help/{building}")
def show_helped(
    request: Request, serving: OpenInstallation, visitor: LoggedIn, building: str
) -> Response:
    """List the residents on paper of a building."""
    homes = helped_in(serving, building)
    if homes:
        record_read(serving, visitor, "all_on_paper", building)
    return page(request, "help.html", building=building, homes=homes)


@router.post("/help/{building}")
def begin(
    request: Request,
    serving: OpenInstallation,
    visitor: LoggedIn,
    building: str,
    home: Annotated[str, Form(max_length=140)],
    reason: Annotated[str, Form(min_length=3, max_length=200)],
) -> Response:
    """Act for a resident from now on."""
    found = find_helped(serving, building, home)
    token = cookie_of(request, SESSION_COOKIE)
    if found is None or token is None:
        raise Problem(404, "not_found")
    act_for(serving, token, found, reason.strip())
    role = min(visitor.roles & STAFF)
    record_access(
        serving.engine,
        Entry(
            serving.clock(), visitor.name, role, AccessEvent.ACTED_FOR, "home", found.building,
            found.tenancy, reason.strip(),
        ),
    )  # fmt: skip
    return RedirectResponse("/home", 303)


@router.post("/help-end")
def end(request: Request, serving: OpenInstallation, visitor: LoggedIn) -> Response:
    """Stop acting for a resident."""
    token = cookie_of(request, SESSION_COOKIE)
    if token is not None and visitor.acting_for:
        act_for(serving, token, None)
    return RedirectResponse("/", 303)
