"""A home's own data for download, tokens for the resident's programs, and who looked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from estate.periods import Period
from operations.residents.own_data import as_csv, own_document, own_readings
from operations.residents.own_tokens import make_own_token, own_tokens, revoke_own_token
from operations.residents.viewers import viewers_of
from portal.http.problems import Problem
from portal.pages.resident.home import FIRST_DAY, AtHome

router = APIRouter(include_in_schema=False)
USUAL_DAYS, MOST_DAYS = 31, 400


@router.get("/home/{building}/{tenancy}/data")
def show_data(at: AtHome) -> Response:
    """Show how to download a home's data."""
    return _page(at)


@router.get("/home/{building}/{tenancy}/data.csv")
def take_csv(at: AtHome, first: date | None = None, last: date | None = None) -> Response:
    """Return the readings of a home as a readings file."""
    rows = own_readings(at.serving, at.home, _period(at, first, last), at.reader)
    return StreamingResponse(
        as_csv(rows), media_type="text/csv; charset=utf-8", headers=_as_file(at, "csv")
    )


@router.get("/home/{building}/{tenancy}/data.json")
def take_json(at: AtHome, first: date | None = None, last: date | None = None) -> Response:
    """Return the data held about a home as JSON."""
    document = own_document(at.serving, at.home, _period(at, first, last), at.reader)
    return JSONResponse(document, headers=_as_file(at, "json"))


@router.post("/home/{building}/{tenancy}/data/tokens")
def make_token(at: AtHome, name: Annotated[str, Form(max_length=80)] = "") -> Response:
    """Create a token that reads the home's readings, and show it only this once."""
    at.only_themselves()
    return _page(at, secret=make_own_token(at.serving, at.visitor, at.home, name))


@router.post("/home/{building}/{tenancy}/data/tokens/{token}/revoke")
def revoke_token(at: AtHome, token: str) -> Response:
    """Revoke one of the home's tokens."""
    if not revoke_own_token(at.serving, at.visitor, at.home, token):
        raise Problem(404, "not_found")
    return RedirectResponse(f"{at.base}/data", 303)


@router.get("/home/{building}/{tenancy}/looked")
def show_looked(at: AtHome) -> Response:
    """Show who looked at the home."""
    return at.page("looked.html", entries=viewers_of(at.serving, at.home))


def _page(at: AtHome, secret: str = "") -> Response:
    tokens = own_tokens(at.serving, at.visitor, at.home)
    first = max(at.home.start, at.today - timedelta(days=USUAL_DAYS))
    return at.page("data.html", tokens=tokens, secret=secret, first=first, most_days=MOST_DAYS)


def _period(at: AtHome, first: date | None, last: date | None) -> Period:
    last = max(min(last or at.today, at.today), FIRST_DAY)
    first = max(first or last - timedelta(days=USUAL_DAYS), FIRST_DAY)
    if not first <= last <= first + timedelta(days=MOST_DAYS):
        raise Problem(422, "input")
    return Period(first, last + timedelta(days=1))


def _as_file(at: AtHome, ending: str) -> dict[str, str]:
    name = f"fairvarme-{at.home.tenancy}.{ending}".replace(":", "-")
    return {"Content-Disposition": f'attachment; filename="{name}"'}
