"""A new mail address or number: entered, proved by a code sent there, then stored."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form
from starlette.responses import RedirectResponse, Response

from operations.log_in.new_address import ADDRESS, ask_to_change, take_new_address
from operations.log_in.oidc.settle import record_linked
from operations.log_in.post import send_log_in
from portal.access.guard import address_of_visitor
from portal.http.cookies import ASKED_COOKIE, cookie_of, drop_cookie, set_cookie
from portal.http.problems import Problem
from portal.pages.log_in import ASKED_S, logged_in
from portal.pages.resident.home import AtHome
from portal.pages.templates import language_of

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=320)]


@router.post("/home/{building}/{tenancy}/settings/address")
def ask(at: AtHome, later: BackgroundTasks, address: Text) -> Response:
    """Send a code to a new address, which has no effect until the code is typed."""
    at.only_themselves()
    asked = ask_to_change(at.serving, at.visitor, address, address_of_visitor(at.request))
    if asked is None:
        raise Problem(422, "input")
    later.add_task(send_log_in, at.serving, asked, language_of(at.request), ADDRESS)
    response = RedirectResponse(f"{at.base}/settings/address", 303)
    set_cookie(at.request, response, ASKED_COOKIE, asked.request, ASKED_S)
    return response


@router.get("/home/{building}/{tenancy}/settings/address")
def show(at: AtHome) -> Response:
    """Ask for the code that was sent to the new address."""
    return at.page("address.html", wrong=False)


@router.post("/home/{building}/{tenancy}/settings/address/code")
def prove(at: AtHome, code: Text) -> Response:
    """Store the new address; sessions begun with the old one stay logged in."""
    at.only_themselves()
    request = cookie_of(at.request, ASKED_COOKIE) or ""
    visitor_address = address_of_visitor(at.request)
    subject = take_new_address(at.serving, at.visitor, at.home, request, code, visitor_address)
    if subject is None:
        return at.page("address.html", 403, wrong=True)
    record_linked(at.serving, at.visitor, f"+ {subject.partition(':')[0]}")
    to = f"{at.base}/settings?saved=1"
    if at.visitor.subject not in at.serving.estates().homes:
        return logged_in(at.request, at.serving, subject, wanted=to)
    response = RedirectResponse(to, 303)
    drop_cookie(at.request, response, ASKED_COOKIE)
    return response
