"""Log-in and log-out. Viewing a page never logs anybody in: only buttons do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Request
from starlette.responses import RedirectResponse, Response

from operations.access.record import AccessEvent, Entry, record_access
from operations.access.sessions import (
    begin_session,
    end_session,
    visitor_of_session,
    way_of_session,
)
from operations.log_in.letter_codes import use_letter_code
from operations.log_in.links import ask_for_link, link_is_open, use_code, use_link
from operations.log_in.oidc.service import log_out_of_service
from operations.log_in.post import send_log_in
from operations.log_in.staff import account_of_subject, check_second_factor
from portal.access.guard import Anybody, OpenInstallation, address_of_visitor
from portal.http.cookies import (
    ASKED_COOKIE,
    FORM_COOKIE,
    SESSION_COOKIE,
    cookie_of,
    drop_cookie,
    set_cookie,
)
from portal.http.redirects import START, local_path
from portal.pages.menu import start_of
from portal.pages.templates import language_of, page

if TYPE_CHECKING:
    from operations.serving import Serving

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=320)]
ASKED_S = 30 * 60


@router.get("/log-in")
def show_log_in(
    request: Request,
    serving: OpenInstallation,
    next: str = START,  # noqa: A002  the name in the address
) -> Response:
    """Ask for an address or telephone number, or redirect to a log-in service."""
    services = serving.portal.services("residents", "staff")
    return page(request, "log_in/ask.html", next=local_path(next), services=services)


@router.post("/log-in")
def ask(
    request: Request, serving: OpenInstallation, later: BackgroundTasks, address: Text
) -> Response:
    """Send a link and a code; the response is the same whether or not the address is known."""
    asked = ask_for_link(serving, address, address_of_visitor(request))
    later.add_task(send_log_in, serving, asked, language_of(request))
    response = RedirectResponse("/log-in/sent", 303)
    set_cookie(request, response, ASKED_COOKIE, asked.request, ASKED_S)
    return response


@router.get("/log-in/sent")
def show_sent(request: Request) -> Response:
    """Ask for the code that was sent."""
    return page(request, "log_in/sent.html", wrong=False)


@router.post("/log-in/code")
def log_in_by_code(request: Request, serving: OpenInstallation, code: Text) -> Response:
    """Log in by the code that was requested with this browser."""
    asked = cookie_of(request, ASKED_COOKIE) or ""
    proved = use_code(serving, asked, code, address_of_visitor(request))
    if proved is None:
        return page(request, "log_in/sent.html", 403, wrong=True)
    return logged_in(request, serving, proved.subject, proved.staff)


@router.get("/log-in/link/{token}")
def show_link(request: Request, serving: OpenInstallation, token: str) -> Response:
    """Show the button that logs in: mail scanners follow links, but press no buttons."""
    there = link_is_open(serving, token)
    return page(request, "log_in/link.html", 200 if there else 410, token=token, there=there)


@router.post("/log-in/link/{token}")
def log_in_by_link(request: Request, serving: OpenInstallation, token: str) -> Response:
    """Log in by a link, which is then used up."""
    proved = use_link(serving, token)
    if proved is None:
        return page(request, "log_in/link.html", 410, token=token, there=False)
    return logged_in(request, serving, proved.subject, proved.staff)


@router.get("/log-in/letter")
def show_letter(request: Request) -> Response:
    """Ask for the code of a letter."""
    return page(request, "log_in/letter.html", wrong=False)


@router.post("/log-in/letter")
def log_in_by_letter(request: Request, serving: OpenInstallation, code: Text) -> Response:
    """Log in by the code of a letter."""
    subject = use_letter_code(serving, code, address_of_visitor(request))
    if subject is None:
        return page(request, "log_in/letter.html", 403, wrong=True)
    return logged_in(request, serving, subject)


@router.get("/log-in/staff")
def show_second_factor(request: Request) -> Response:
    """Ask staff for the code of their second factor."""
    return page(request, "log_in/staff.html", wrong=False)


@router.post("/log-in/staff")
def log_in_staff(
    request: Request, serving: OpenInstallation, visitor: Anybody, code: Text
) -> Response:
    """Log staff in by their second factor, after the session has proved their address."""
    account = visitor and account_of_subject(serving, visitor.subject)
    if visitor is None or account is None:
        return RedirectResponse("/log-in", 303)
    if not check_second_factor(serving, account.name, code):
        _record(serving, account.name, AccessEvent.REFUSED, "second factor")
        return page(request, "log_in/staff.html", 403, wrong=True)
    way = way_of_session(serving, cookie_of(request, SESSION_COOKIE) or "")
    return logged_in(request, serving, visitor.subject, account.name, way)


@router.post("/log-out")
def log_out(request: Request, serving: OpenInstallation, visitor: Anybody) -> Response:
    """End this browser's session, and redirect to the log-out of the service that began it."""
    token = cookie_of(request, SESSION_COOKIE) or ""
    way = way_of_session(serving, token)
    if token:
        end_session(serving, token)
    if visitor is not None:
        _record(serving, visitor.name, AccessEvent.LOGGED_OUT, "")
    response: Response = RedirectResponse("/log-in", 303)
    url = log_out_of_service(serving, way)
    if url is not None:
        title = serving.portal.oidc[way].title
        request.state.visitor = None
        response = page(request, "log_in/lead.html", url=url, service_title=title, out=True)
    drop_cookie(request, response, SESSION_COOKIE)
    return response


def logged_in(
    request: Request, serving: Serving, subject: str, staff: str = "", way: str = "",
    wanted: str = START,
) -> Response:  # fmt: skip
    """
    Begin a session under a new token, and end any earlier session of this browser.

    Parameters
    ----------
    request : Request
    serving : Serving
    subject, staff, way : str
        As for `begin_session`.
    wanted : str, optional
        The page that the visitor requested.
    """
    before = cookie_of(request, SESSION_COOKIE)
    if before:
        end_session(serving, before)
    token = begin_session(serving, subject, staff, way)
    visitor = visitor_of_session(serving, token)
    if not staff and account_of_subject(serving, subject):
        to = "/log-in/staff"
    else:
        to = start_of(visitor) if visitor and wanted == START else local_path(wanted)
    _record(serving, staff or subject, AccessEvent.LOGGED_IN, way)
    response = RedirectResponse(to, 303)
    set_cookie(request, response, SESSION_COOKIE, token, _seconds(staff))
    for name in (ASKED_COOKIE, FORM_COOKIE):
        drop_cookie(request, response, name)
    return response


def _seconds(staff: str) -> int | None:
    from operations.access.limits import access_limits

    return None if staff else round(access_limits().session_days.resident * 24 * 3600)


def _record(serving: Serving, who: str, event: AccessEvent, what: str) -> None:
    record_access(serving.engine, Entry(serving.clock(), who, "", event, what))
