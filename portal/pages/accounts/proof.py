"""The proof of an amount: statement, share, registers, daily sums."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from billing.ledger.store import Ledger
from estate.errors import UsageError
from operations.access.programs import record_read
from operations.ledger.documents import read_documents
from operations.ledger.proof import proof
from portal.access.guard import LoggedIn, OpenInstallation
from portal.http.problems import Problem
from portal.pages.accounts.own import Number, currency_of, own_run, record_look
from portal.pages.templates import page

router = APIRouter(include_in_schema=False)


@router.get("/accounts/runs/{number}/statements/{tenancy}")
def show_statement(
    request: Request, number: Number, tenancy: str, visitor: LoggedIn, serving: OpenInstallation
) -> Response:
    """Show what one tenancy pays, with a link to the proof of each amount."""
    run = own_run(serving, visitor, number)
    statements = read_documents(Ledger(serving.engine), run).statements.statements
    statement = next((each for each in statements if each.tenancy == tenancy), None)
    if statement is None:
        raise Problem(404, "not_found")
    record_look(serving, visitor, run, tenancy)
    return page(
        request,
        "accounts/statement.html",
        run=run,
        statement=statement,
        currency=currency_of(serving, run.facts.building),
    )


@router.get("/accounts/runs/{number}/statements/{tenancy}/proof")
def show_proof(
    request: Request,
    number: Number,
    tenancy: str,
    visitor: LoggedIn,
    serving: OpenInstallation,
    item: str = "",
    component: str = "",
) -> Response:
    """Show how one amount was computed."""
    run = own_run(serving, visitor, number)
    try:
        found = proof(serving.settings, number, tenancy, item, component)
    except UsageError as error:
        raise Problem(404, "not_found") from error
    record_look(serving, visitor, run, tenancy)
    # The page also shows everybody else's parts.
    record_read(serving, visitor, "all_statements", run.facts.building)
    return page(
        request,
        "accounts/proof.html",
        run=run,
        proof=found,
        currency=currency_of(serving, run.facts.building),
    )
