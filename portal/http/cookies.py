"""The cookies: session, form token, log-ins under way, language. None is read by a script."""

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
    Let a browser keep a value, and send it to this host alone.

    Parameters
    ----------
    request : Request
    response : Response
    name, value : str
    seconds : int, optional
        Else until the browser ends.
    """
    response.set_cookie(
        _full_name(request, name), value, max_age=seconds, path="/", secure=_secure(request),
        httponly=True, samesite="lax",
    )  # fmt: skip


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Let a browser forget a value."""
    response.delete_cookie(
        _full_name(request, name), path="/", secure=_secure(request), httponly=True, samesite="lax"
    )


def _secure(request: Request) -> bool:
    return cast("Serving", request.app.state.serving).portal.secure


def _full_name(request: Request, name: str) -> str:
    # Under this prefix no other host of the domain can set it.
    return f"__Host-{name}" if _secure(request) else name
