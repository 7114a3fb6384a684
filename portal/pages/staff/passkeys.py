"""Passkeys of staff: list those of one's own account, add one, and remove one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from operations.access.identities import end_identity_of_staff, known_of_staff, staff_subject
from operations.access.record import AccessEvent, Entry, record_access
from operations.channel_settings import PASSKEY
from operations.log_in.passkeys import PasskeyRefused, add_staff_passkey, ask_to_add
from operations.log_in.staff import check_second_factor
from operations.serving import Serving
from portal.access.guard import LoggedIn, OpenInstallation, address_of_visitor
from portal.http.problems import Problem
from portal.pages.accounts.own import Number
from portal.pages.passkeys import Credential, asked, refused, secret_of
from portal.pages.templates import page

router = APIRouter(include_in_schema=False)
PAGE = "/staff/passkeys"


@router.get(PAGE)
def show_passkeys(
    request: Request, serving: OpenInstallation, visitor: LoggedIn, saved: int = 0
) -> Response:
    """Show the passkeys of the visitor's account."""
    known = known_of_staff(serving.engine, PASSKEY, visitor.name)
    return page(request, "staff/passkeys.html", passkeys=known, saved=bool(saved), day=_day)


@router.post(f"{PAGE}/options")
def ask_for_new(
    request: Request,
    serving: OpenInstallation,
    visitor: LoggedIn,
    code: Annotated[str, Form(max_length=20)],
) -> Response:
    """
    Return the request to a device for creating a passkey.

    The second factor is shown again: a session that somebody took over for an hour adds none.
    """
    if not check_second_factor(serving, visitor.name, code):
        _record(serving, visitor.name, AccessEvent.REFUSED, "second factor")
        raise Problem(403, "service")
    subject = staff_subject(visitor.name)
    return asked(request, ask_to_add(serving, subject, address_of_visitor(request)))


@router.post(PAGE)
def add(
    request: Request, serving: OpenInstallation, visitor: LoggedIn, credential: Credential
) -> Response:
    """Store a passkey of the visitor's account."""
    try:
        add_staff_passkey(serving, visitor.name, secret_of(request), credential)
    except PasskeyRefused as error:
        raise refused(request, serving, error) from error
    _record(serving, visitor.name, AccessEvent.CHANGED, "+ passkey")
    return RedirectResponse(f"{PAGE}?saved=1", 303)


@router.post(f"{PAGE}/{{number}}/end")
def remove(serving: OpenInstallation, visitor: LoggedIn, number: Number) -> Response:
    """Remove a passkey of the visitor's account, and end what was begun with one."""
    if not end_identity_of_staff(serving.engine, PASSKEY, visitor.name, number):
        raise Problem(404, "not_found")
    _record(serving, visitor.name, AccessEvent.CHANGED, "- passkey")
    return RedirectResponse(f"{PAGE}?saved=1", 303)


def _day(time_ms: int) -> date:
    # An account has no building, and so no zone: a day is one of UTC here.
    return datetime.fromtimestamp(time_ms / 1000, UTC).date()


def _record(serving: Serving, who: str, event: AccessEvent, what: str) -> None:
    record_access(serving.engine, Entry(serving.clock(), who, "", event, what))
