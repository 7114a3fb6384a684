"""What is nobody's in particular: the first page, health, style sheet, manifest, language."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
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
from portal.pages.menu import start_of

router = APIRouter(include_in_schema=False)

STATIC = {
    "portal.css": "text/css; charset=utf-8",
    "portal.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
KEPT_BY_BROWSERS = "public, max-age=3600"
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
    """Lead a visitor to the page that they begin with."""
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
    """Return what a telephone needs to show the portal among its apps."""
    return JSONResponse(
        MANIFEST,
        headers={"Cache-Control": KEPT_BY_BROWSERS},
        media_type="application/manifest+json",
    )


@router.get("/static/{name}")
def show_static(name: str, request: Request) -> Response:
    """Return a file of ours; the name is looked up, and never becomes a path."""
    if name not in STATIC:
        raise Problem(404, "not_found")
    content, mark = _static(name)
    headers = {"Cache-Control": KEPT_BY_BROWSERS, "ETag": mark}
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=STATIC[name], headers=headers)


@cache
def _static(name: str) -> tuple[bytes, str]:
    content = resources.files("portal").joinpath("static", name).read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:16]}"'


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
