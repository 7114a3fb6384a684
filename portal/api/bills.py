"""Approved bills out."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel
from starlette.responses import Response

from billing.bill.documents import StatementsDocument
from billing.ledger.model import STATEMENTS
from billing.ledger.store import Ledger
from operations.access.programs import record_read
from portal.access.guard import LoggedIn, OpenInstallation
from portal.api.answers import (
    JSON,
    NOT_MODIFIED,
    AskedPart,
    Listing,
    OneBuilding,
    answer,
    answer_bytes,
    listing,
    refusals,
)
from portal.http.problems import Problem

if TYPE_CHECKING:
    from billing.ledger.model import Run
    from billing.ledger.states import Standing
    from operations.serving import Serving
    from operations.visitors.roles import Visitor

router = APIRouter(prefix="/api/v1", tags=["Bills"])

LARGEST_RUN = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=LARGEST_RUN, description="Number of a run.")]
CSV = "text/csv; charset=utf-8"
BILL = "bill.csv"


class RunSummary(BaseModel):
    """
    An approved bill.

    Attributes
    ----------
    total_ore : int
        What was divided, the landlord's own share included. [øre]
    corrects : int or None
        The run in whose place it stands.
    statements : dict of str to str
        Where the statement of each tenancy stands.
    digest : str
        SHA-256 of its entry in the ledger, which holds all entries before it.
    """

    run: int
    building: str
    period_start: date
    period_end: date
    """Exclusive."""
    scheme: str
    total_ore: int
    issued: date
    deadline: date | None
    corrects: int | None
    reason: str | None
    state: str
    statements: dict[str, str]
    digest: str

    @classmethod
    def of(cls, run: Run, standing: Standing) -> RunSummary:
        """Report a run, and where it stands."""
        facts = run.facts
        return cls(
            run=run.number,
            building=facts.building,
            period_start=facts.period_start,
            period_end=facts.period_end,
            scheme=facts.scheme,
            total_ore=facts.total_ore,
            issued=facts.issued,
            deadline=facts.deadline,
            corrects=facts.corrects,
            reason=facts.reason,
            state=str(standing.state),
            statements={name: str(state) for name, state in standing.statements.items()},
            digest=run.digest,
        )


@router.get("/runs", response_model=Listing[RunSummary], responses=refusals() | NOT_MODIFIED)
def list_runs(
    request: Request,
    visitor: LoggedIn,
    serving: OpenInstallation,
    part: AskedPart,
    building: OneBuilding = None,
) -> Response:
    """List approved bills in the order of their approval."""
    ledger = Ledger(serving.engine)
    own = [each for each in ledger.runs(building) if visitor.works_for(each.facts.building)]
    page = listing([_Numbered(run=each.number) for each in own], part)
    wanted = {each.run for each in page.items}
    shown = [RunSummary.of(each, ledger.standing(each)) for each in own if each.number in wanted]
    return answer(
        request,
        Listing[RunSummary](items=shown, total=page.total, offset=page.offset, next=page.next),
    )


@router.get("/runs/{number}", response_model=RunSummary, responses=refusals(404) | NOT_MODIFIED)
def show_run(
    request: Request, number: Number, visitor: LoggedIn, serving: OpenInstallation
) -> Response:
    """Return an approved bill, and where each of its statements stands."""
    run = _own_run(serving, visitor, number)
    return answer(request, RunSummary.of(run, Ledger(serving.engine).standing(run)))


@router.get(
    "/runs/{number}/statements",
    response_model=StatementsDocument,
    responses=refusals(404) | NOT_MODIFIED,
)
def show_statements(
    request: Request, number: Number, visitor: LoggedIn, serving: OpenInstallation
) -> Response:
    """Return what each tenancy pays, with all evidence, as it was approved."""
    run = _own_run(serving, visitor, number)
    record_read(serving, visitor, "all_statements", run.facts.building)
    content = Ledger(serving.engine).documents(run, STATEMENTS)[STATEMENTS]
    return answer_bytes(request, content, JSON)


@router.get(
    "/runs/{number}/bill.csv",
    response_class=Response,
    responses=refusals(404)
    | NOT_MODIFIED
    | {200: {"description": "bill.csv", "content": {CSV: {"schema": {"type": "string"}}}}},
)
def show_bill(
    request: Request, number: Number, visitor: LoggedIn, serving: OpenInstallation
) -> Response:
    """Return the rows of a bill, which recompute it, as they were approved."""
    run = _own_run(serving, visitor, number)
    record_read(serving, visitor, "all_statements", run.facts.building)
    content = Ledger(serving.engine).documents(run, BILL)[BILL]
    return answer_bytes(request, content, CSV)


class _Numbered(BaseModel):
    run: int


def _own_run(serving: Serving, visitor: Visitor, number: int) -> Run:
    runs = (each for each in Ledger(serving.engine).runs() if each.number == number)
    run = next(runs, None)
    if run is None or not visitor.works_for(run.facts.building):
        raise Problem(404, "not_found")
    return run
