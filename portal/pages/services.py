"""
Log-in by a service (OpenID Connect): staff's own, or a broker of national eID.

A form leads to a page that redirects: the policy for forms allows only this portal, and browsers
apply it to every redirect of a form.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from operations.access.identities import unbind
from operations.log_in.oidc.flow import Begun, Proof, Purpose, begin, finish
from operations.log_in.oidc.invitations import open_invitation
from operations.log_in.oidc.service import ServiceRefused, ServiceUnavailable
from operations.log_in.oidc.settle import link, record_linked, settle
from operations.log_in.refusals import record_refused
from portal.access.guard import Anybody, OpenInstallation, address_of_visitor
from portal.http.cookies import SERVICE_COOKIE, cookie_of, drop_cookie, set_cookie
from portal.http.problems import Problem
from portal.http.redirects import local_path
from portal.pages.log_in import logged_in
from portal.pages.resident.home import AtHome
from portal.pages.templates import page

if TYPE_CHECKING:
    from operations.serving import Serving

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)
WAY_S = 15 * 60
"""How long a browser keeps what it began; the database ends it before."""


@router.post("/log-in/with/{service}")
def begin_log_in(
    request: Request, serving: OpenInstallation, service: str, to: Annotated[str, Form()] = "/"
) -> Response:
    """Redirect a visitor to a service."""
    return _lead(request, serving, service, Purpose.LOG_IN, to=local_path(to))


@router.get("/log-in/with/{service}/back")
def come_back(
    request: Request, serving: OpenInstallation, visitor: Anybody, service: str
) -> Response:
    """Accept a service's answer, once, in the browser that began the log-in."""
    if service not in serving.portal.oidc:
        raise Problem(404, "not_found")
    secret = cookie_of(request, SERVICE_COOKIE) or ""
    try:
        proof = finish(serving, service, secret, dict(request.query_params))
        if proof.purpose is Purpose.LINK:
            link(serving, proof, visitor)
            response: Response = RedirectResponse(local_path(proof.to), 303)
        else:
            response = _log_in(request, serving, proof)
    except ServiceRefused as error:
        raise _refused(request, serving, service, error) from error
    except ServiceUnavailable as error:
        raise _unavailable(error) from error
    drop_cookie(request, response, SERVICE_COOKIE)
    return response


@router.get("/log-in/invited/{token}")
def show_invitation(request: Request, serving: OpenInstallation, token: str) -> Response:
    """Show the button of an invitation, which mail scanners do not press."""
    found = open_invitation(serving.engine, token, serving.clock())
    settings = serving.portal.oidc.get(found.service) if found else None
    title = settings.title if settings else ""
    status = 200 if settings else 410
    return page(request, "log_in/invited.html", status, token=token, service_title=title)


@router.post("/log-in/invited/{token}")
def follow_invitation(request: Request, serving: OpenInstallation, token: str) -> Response:
    """Redirect staff to the service that they are invited to log in with."""
    found = open_invitation(serving.engine, token, serving.clock())
    if found is None:
        return page(request, "log_in/invited.html", 410, token=token, service_title="")
    return _lead(request, serving, found.service, Purpose.INVITED, invitation=found.token)


@router.post("/home/{building}/{tenancy}/settings/services/{service}")
def begin_link(at: AtHome, service: str) -> Response:
    """Redirect a resident to a service that they want to log in with from now on."""
    at.only_themselves()
    to = f"{at.base}/settings?saved=1"
    subject = at.visitor.subject
    return _lead(at.request, at.serving, service, Purpose.LINK, subject=subject, to=to)


@router.post("/home/{building}/{tenancy}/settings/services/{service}/end")
def end_link(at: AtHome, service: str) -> Response:
    """Stop a resident's log-in with a service."""
    at.only_themselves()
    unbind(at.serving.engine, service, at.visitor.homes)
    record_linked(at.serving, at.visitor, f"- {service}")
    return RedirectResponse(f"{at.base}/settings?saved=1", 303)


def _lead(
    request: Request, serving: Serving, service: str, purpose: Purpose, *, subject: str = "",
    to: str = "/", invitation: str = "",
) -> Response:  # fmt: skip
    try:
        begun: Begun = begin(
            serving, service, purpose, address_of_visitor(request),
            subject=subject, to=to, invitation=invitation,
        )  # fmt: skip
    except ServiceRefused as error:
        raise Problem(404, "not_found") from error
    except ServiceUnavailable as error:
        raise _unavailable(error) from error
    title = serving.portal.oidc[service].title
    response = page(request, "log_in/lead.html", url=begun.url, service_title=title, out=False)
    set_cookie(request, response, SERVICE_COOKIE, begun.secret, WAY_S)
    return response


def _log_in(request: Request, serving: Serving, proof: Proof) -> Response:
    settled = settle(serving, proof)
    settings = serving.portal.oidc[proof.service]
    if settled is None:
        reason = "nobody is bound to it"
        record_refused(serving, proof.service, reason, address_of_visitor(request))
        return page(
            request, "log_in/unknown.html", 403, service_title=settings.title, who=settings.who
        )
    return logged_in(request, serving, settled.subject, settled.staff, proof.service, proof.to)


def _refused(request: Request, serving: Serving, service: str, error: ServiceRefused) -> Problem:
    record_refused(serving, service, error.reason, address_of_visitor(request))
    return Problem(403, "service")


def _unavailable(error: ServiceUnavailable) -> Problem:
    log.warning("%s", error)
    return Problem(503, "service_unavailable", {"Retry-After": "60"})
