"""The cookies: session, form token, log-ins in progress, language. No script can read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from operations.serving import Serving

SESSION_COOKIE, FORM_COOKIE = "fairvarme", "fairvarme-form"
ASKED_COOKIE, LANGUAGE_COOKIE = "fairvarme-asked", "fairvarme-language"
SERVICE_COOKIE, PASSKEY_COOKIE = "fairvarme-service", "fairvarme-passkey"
LONGEST_S = 180 * 24 * 3600


def cookie_of(request: Request, name: str) -> str | None:
    """Return a cookie's value."""
    return request.cookies.get(_full_name(request, name))


def set_cookie(
    request: Request, response: Response, name: str, value: str, seconds: int | None = None
) -> None:
    """
    Set a cookie that the browser sends only to this host.

    Parameters
    ----------
    request : Request
    response : Response
    name, value : str
    seconds : int, optional
        Default: until the browser is closed.
    """
    response.set_cookie(
        _full_name(request, name), value, max_age=seconds, path="/", secure=_secure(request),
        httponly=True, samesite="lax",
    )  # fmt: skip


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Delete a cookie."""
    response.delete_cookie(
        _full_name(request, name), path="/", secure=_secure(request), httponly=True, samesite="lax"
    )


def _secure(request: Request) -> bool:
    return cast("Serving", request.app.state.serving).portal.secure


def _full_name(request: Request, name: str) -> str:
    # With this prefix no other host of the domain can set it.
    return f"__Host-{name}" if _secure(request) else name
