"""An approved bill: shown, served, exported; a correction starts here."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from billing.ledger.model import Channel
from estate.errors import UsageError
from operations.access.programs import record_read
from operations.exchange.export_account import StoredRun, export_account
from operations.ledger.runs import serve, show_run
from portal.access.guard import LoggedIn, OpenInstallation
from portal.http.problems import Problem
from portal.pages.accounts.own import Number, currency_of, own_run, today_of
from portal.pages.templates import page

router = APIRouter(include_in_schema=False)

CHANNELS: tuple[Channel, ...] = ("letter", "digital", "mail", "portal", "hand")
PROFILES = ("xlsx", "csv", "balances-xlsx", "balances-csv")
"""Those that ask nothing more of the accountant; others by `fairvarme export`."""
MEDIA = {".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
TEXT = "text/csv; charset=utf-8"


@router.get("/accounts/runs/{number}")
def show_one_run(
    request: Request, number: Number, visitor: LoggedIn, serving: OpenInstallation
) -> Response:
    """Show an approved bill, the state of its statements, and what can be done."""
    return _page(request, serving, visitor, number)


@router.post("/accounts/runs/{number}/serve")
def serve_run(
    request: Request,
    number: Number,
    visitor: LoggedIn,
    serving: OpenInstallation,
    day: Annotated[date, Form()],
    channel: Annotated[Channel, Form()],
) -> Response:
    """Record that all waiting statements were served."""
    own_run(serving, visitor, number)
    try:
        serve(serving.settings, number, day, channel, (), visitor.name)
    except UsageError as error:
        return _page(request, serving, visitor, number, 409, refused=str(error))
    return RedirectResponse(f"/accounts/runs/{number}", 303)


@router.get("/accounts/runs/{number}/export")
def export_run(
    number: Number, visitor: LoggedIn, serving: OpenInstallation, profile: str = PROFILES[0]
) -> Response:
    """Return the amounts of a bill as a file."""
    run = own_run(serving, visitor, number)
    if profile not in PROFILES:
        raise Problem(422, "input")
    record_read(serving, visitor, "all_statements", run.facts.building)
    with TemporaryDirectory() as directory:
        source = StoredRun(number, serving.settings)
        written = export_account(source, profile, Path(directory)).path
        content, name = written.read_bytes(), written.name
    return Response(
        content,
        media_type=MEDIA.get(written.suffix, TEXT),
        headers={"Content-Disposition": f'attachment; filename="run-{number}-{name}"'},
    )


def _page(
    request: Request,
    serving: OpenInstallation,
    visitor: LoggedIn,
    number: Number,
    status: int = 200,
    refused: str = "",
) -> Response:
    run = own_run(serving, visitor, number)
    record_read(serving, visitor, "all_statements", run.facts.building)
    shown = show_run(serving.settings, number)
    waiting = [name for name, state in shown.standing.statements.items() if state == "approved"]
    return page(
        request,
        "accounts/run.html",
        status,
        shown=shown,
        run=run,
        waiting=waiting,
        channels=CHANNELS,
        profiles=PROFILES,
        currency=currency_of(serving, run.facts.building),
        refused=refused,
        today=today_of(serving, run.facts.building),
    )
