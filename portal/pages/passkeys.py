"""Passkeys: log in with one, and add and remove those of a resident."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Path, Request
from starlette.responses import RedirectResponse, Response

from operations.access.identities import end_identity
from operations.channel_settings import PASSKEY
from operations.log_in.oidc.settle import record_linked
from operations.log_in.passkeys import (
    Asked,
    PasskeyRefused,
    add_passkey,
    ask_to_add,
    ask_to_log_in,
    log_in_by_passkey,
)
from operations.log_in.refusals import record_refused
from portal.access.guard import OpenInstallation, address_of_visitor
from portal.http.cookies import PASSKEY_COOKIE, cookie_of, drop_cookie, set_cookie
from portal.http.problems import Problem
from portal.pages.log_in import logged_in
from portal.pages.resident.home import AtHome

if TYPE_CHECKING:
    from operations.serving import Serving

router = APIRouter(include_in_schema=False)
WAY_S = 15 * 60
Credential = Annotated[str, Form(max_length=20_000)]


@router.post("/log-in/passkey/options")
def ask(request: Request, serving: OpenInstallation) -> Response:
    """Return the request to a device for logging in."""
    return asked(request, ask_to_log_in(serving, address_of_visitor(request)))


@router.post("/log-in/passkey")
def log_in(request: Request, serving: OpenInstallation, credential: Credential) -> Response:
    """Log in with a passkey."""
    try:
        proved = log_in_by_passkey(serving, secret_of(request), credential)
    except PasskeyRefused as error:
        raise refused(request, serving, error) from error
    response = logged_in(request, serving, proved.subject, proved.staff, PASSKEY)
    drop_cookie(request, response, PASSKEY_COOKIE)
    return response


@router.post("/home/{building}/{tenancy}/settings/passkeys/options")
def ask_for_new(at: AtHome) -> Response:
    """Return the request to a device for creating a passkey."""
    at.only_themselves()
    made = ask_to_add(at.serving, at.visitor.subject, address_of_visitor(at.request))
    return asked(at.request, made)


@router.post("/home/{building}/{tenancy}/settings/passkeys")
def add(at: AtHome, credential: Credential) -> Response:
    """Store a passkey of a resident."""
    at.only_themselves()
    try:
        add_passkey(at.serving, at.visitor, secret_of(at.request), credential)
    except PasskeyRefused as error:
        raise refused(at.request, at.serving, error) from error
    record_linked(at.serving, at.visitor, "+ passkey")
    return RedirectResponse(f"{at.base}/settings?saved=1", 303)


@router.post("/home/{building}/{tenancy}/settings/passkeys/{number}/end")
def remove(at: AtHome, number: Annotated[int, Path(ge=1, le=2**31)]) -> Response:
    """Remove a passkey of the home's resident."""
    at.only_themselves()
    if not end_identity(at.serving.engine, at.home, number):
        raise Problem(404, "not_found")
    record_linked(at.serving, at.visitor, "- passkey")
    return RedirectResponse(f"{at.base}/settings?saved=1", 303)


def secret_of(request: Request) -> str:
    """Return what the browser keeps of a request to its device."""
    return cookie_of(request, PASSKEY_COOKIE) or ""


def asked(request: Request, of_device: Asked) -> Response:
    """Return a request to a device, whose secret the browser keeps."""
    response = Response(of_device.options, media_type="application/json")
    set_cookie(request, response, PASSKEY_COOKIE, of_device.secret, WAY_S)
    return response


def refused(request: Request, serving: Serving, error: PasskeyRefused) -> Problem:
    """Record why a passkey was refused; raises `TooManyTries`."""
    record_refused(serving, PASSKEY, error.reason, address_of_visitor(request))
    return Problem(403, "service")
