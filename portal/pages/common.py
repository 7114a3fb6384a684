"""Pages for everybody: the first page, health, style sheet, manifest, language."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from correspondence.catalogue import languages
from estate.errors import StoreUnavailable
from operations.database import ask_database
from portal.access.guard import Anybody, OpenInstallation
from portal.http.cookies import LANGUAGE_COOKIE, LONGEST_S, set_cookie
from portal.http.problems import Problem
from portal.http.redirects import local_path
from portal.http.static import KEPT_BY_BROWSERS, KEPT_FOR_GOOD, static_file
from portal.pages.menu import start_of

router = APIRouter(include_in_schema=False)

MANIFEST = {
    "name": "Fairvarme",
    "short_name": "Fairvarme",
    "start_url": "/home",
    "display": "standalone",
    "background_color": "#f5f7f6",
    "theme_color": "#0b5a4a",
    "icons": [{"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
}


@router.get("/")
def show_start(visitor: Anybody) -> Response:
    """Redirect a visitor to their start page."""
    return RedirectResponse(start_of(visitor) if visitor else "/log-in", 303)


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Whether the process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(serving: OpenInstallation) -> Response:
    """Whether the database answers, so that requests can be sent here."""
    try:
        ask_database(serving.engine)
    except StoreUnavailable:
        return JSONResponse({"status": "unavailable"}, 503)
    return JSONResponse({"status": "ok"})


@router.get("/manifest.webmanifest")
def show_manifest() -> Response:
    """Return what a telephone needs to list the portal among its apps."""
    return JSONResponse(
        MANIFEST,
        headers={"Cache-Control": KEPT_BY_BROWSERS},
        media_type="application/manifest+json",
    )


@router.get("/static/{name}")
def show_static(name: str, request: Request, v: str = "") -> Response:
    """Return one of our static files."""
    file = static_file(name)
    if file is None:
        raise Problem(404, "not_found")
    kept = KEPT_FOR_GOOD if v == file.mark else KEPT_BY_BROWSERS
    headers = {"Cache-Control": kept, "ETag": f'"{file.mark}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


@router.post("/language")
def choose_language(
    request: Request, language: Annotated[str, Form()], back: Annotated[str, Form()] = "/"
) -> Response:
    """Show the pages in another language from now on."""
    if language not in languages():
        raise Problem(422, "input")
    response = RedirectResponse(local_path(back), 303)
    set_cookie(request, response, LANGUAGE_COOKIE, language, LONGEST_S)
    return response
