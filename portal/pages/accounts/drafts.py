"""A bill before approval: made, viewed, then approved or discarded."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from billing.ledger.correction import reasons
from billing.ledger.store import Ledger
from estate.errors import DataError, UsageError
from estate.findings import allow, disqualifications, finding_kinds
from estate.periods import Period
from operations.access.programs import record_read
from operations.accounts.making import begin, look
from operations.accounts.preview import Asked, preview
from operations.ledger.approval import approve, discard
from operations.ledger.runs import list_runs
from portal.access.guard import LoggedIn, OpenInstallation
from portal.http.problems import Problem
from portal.pages.accounts.own import (
    LARGEST,
    Number,
    currency_of,
    estate_of,
    own_buildings,
    today_of,
)
from portal.pages.templates import page

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from estate.findings import Finding
    from operations.accounts.preview import Preview
    from operations.serving import Serving
    from operations.visitors.roles import Visitor

router = APIRouter(include_in_schema=False)

PATIENCE_SECONDS = 10.0
"""A bill that is made so soon is shown at once; of another a page says that it is being made."""

Day = Annotated[date, Form()]
Names = Annotated[list[str], Form()]


@router.get("/accounts")
def show_accounts(request: Request, visitor: LoggedIn, serving: OpenInstallation) -> Response:
    """Show drafts and approved bills of the buildings of an accountant."""
    listed = list_runs(serving.settings)
    return page(
        request,
        "accounts/accounts.html",
        buildings=own_buildings(serving, visitor),
        names=serving.estates().names,
        drafts=[each for each in listed.drafts if visitor.works_for(each.facts.building)],
        runs=[pair for pair in reversed(listed.runs) if visitor.works_for(pair[0].facts.building)],
    )


@router.get("/accounts/{building}/bill")
def show_form(
    request: Request,
    building: str,
    serving: OpenInstallation,
    corrects: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
) -> Response:
    """Ask for the days that a bill is to cover."""
    return _form(request, serving, building, corrects=corrects)


@router.post("/accounts/{building}/bill")
def make_bill(
    request: Request,
    building: str,
    visitor: LoggedIn,
    serving: OpenInstallation,
    period_start: Day,
    period_end: Day,
    allowed: Names = [],  # noqa: B006  read and never changed
    corrects: Annotated[int | None, Form(ge=1, le=LARGEST)] = None,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Compute a bill and keep it as a draft."""
    estate_of(serving, building)
    may = {each.name for each in finding_kinds().values() if each.allow}
    if period_end <= period_start or not may.issuperset(allowed):
        return _form(request, serving, building, 422, corrects=corrects, wrong_days=True)
    asked = Asked(
        building, Period(period_start, period_end), tuple(sorted(allowed)), corrects, reason,
        today_of(serving, building),
    )  # fmt: skip
    name = begin(serving.shared, serving.settings, asked, visitor.name)
    return _became(request, serving, building, name, PATIENCE_SECONDS)


@router.get("/accounts/{building}/bill/making/{making}")
def show_making(
    request: Request, building: str, making: str, serving: OpenInstallation
) -> Response:
    """Show the outcome of a bill that takes a while."""
    return _became(request, serving, building, making, 0.0)


def _became(
    request: Request, serving: Serving, building: str, name: str, patience_seconds: float
) -> Response:
    """Redirect to the draft, say why there is none, or ask for patience."""
    making = look(serving.shared, name, patience_seconds)
    if making is None or making.building != building:
        raise Problem(404, "not_found")
    path = f"/accounts/{building}/bill/making/{name}"
    if making.state == "failed":
        raise Problem(503, "unavailable", {"Retry-After": "30"})
    if making.state == "done":
        return RedirectResponse(f"/accounts/drafts/{making.number}", 303)
    if making.state == "refused":
        return _form(
            request, serving, building, 409 if making.refusal else 422, corrects=making.corrects,
            findings=making.findings, refused=making.refusal,
            period=Period(date.fromisoformat(making.start), date.fromisoformat(making.end)),
        )  # fmt: skip
    if request.url.path != path:
        return RedirectResponse(path, 303)
    named = serving.estates().names[building]
    return page(request, "accounts/making.html", name=named, again=path)


@router.get("/accounts/drafts/{number}")
def show_draft(
    request: Request, number: Number, visitor: LoggedIn, serving: OpenInstallation
) -> Response:
    """Show a bill, compared with last year's."""
    shown = _own_draft(serving, visitor, number)
    building = shown.draft.facts.building
    record_read(serving, visitor, "all_statements", building)
    return page(
        request, "accounts/draft.html", shown=shown, currency=currency_of(serving, building)
    )


@router.post("/accounts/drafts/{number}/approve")
def approve_draft(
    request: Request,
    number: Number,
    visitor: LoggedIn,
    serving: OpenInstallation,
    allowed: Names = [],  # noqa: B006  read and never changed
) -> Response:
    """Approve a draft for good; if two people do, the second one is informed."""
    facts = _own_draft(serving, visitor, number).draft.facts
    try:
        run = approve(serving.settings, number, visitor.name, allowed).run
    except DataError as error:
        return _stopped(request, serving, number, facts.building, error.findings, allowed)
    except UsageError:
        return _refused(request, serving, facts.building)
    return RedirectResponse(f"/accounts/runs/{run.number}", 303)


@router.post("/accounts/drafts/{number}/discard")
def discard_draft(number: Number, visitor: LoggedIn, serving: OpenInstallation) -> Response:
    """Discard a draft."""
    _own_draft(serving, visitor, number)
    discard(serving.settings, number)
    return RedirectResponse("/accounts", 303)


def _own_draft(serving: Serving, visitor: Visitor, number: Number) -> Preview:
    ledger = Ledger(serving.engine)
    try:
        draft, _ = ledger.read_draft(number)
        if not visitor.works_for(draft.facts.building):
            raise Problem(404, "not_found")
        return preview(serving.settings, number)
    except UsageError as error:
        # Approved or discarded in the meantime, by this person or another.
        raise Problem(404, "no_draft") from error


def _stopped(
    request: Request,
    serving: Serving,
    number: int,
    building: str,
    findings: Sequence[Finding],
    allowed: Collection[str],
) -> Response:
    """Show what stops a draft, and a button that allows it where that is possible."""
    names = {each.name for each in disqualifications(findings)}
    allowable: set[str] = set()
    if not disqualifications(allow(findings, names)):
        # What was allowed before stays so: another check may have stopped the draft then.
        allowable = names | (set(allowed) & finding_kinds().keys())
    return _refused(request, serving, building, findings, sorted(allowable), number)


def _refused(
    request: Request,
    serving: Serving,
    building: str,
    findings: Sequence[Finding] = (),
    allowable: Sequence[str] = (),
    number: int | None = None,
) -> Response:
    runs = Ledger(serving.engine).runs(building)
    return page(
        request, "accounts/refused.html", 409,
        runs=runs[::-1], findings=findings, allowable=allowable, number=number,
    )  # fmt: skip


def _form(
    request: Request,
    serving: Serving,
    building: str,
    status: int = 200,
    *,
    corrects: int | None = None,
    findings: Sequence[Finding] = (),
    refused: str = "",
    wrong_days: bool = False,
    period: Period | None = None,
) -> Response:
    estate, kinds = estate_of(serving, building), finding_kinds()
    may = sorted({each.name for each in findings if kinds[each.name].allow})
    corrected = next(
        (each for each in Ledger(serving.engine).runs(building) if each.number == corrects), None
    )
    if corrects is not None and corrected is None:
        raise Problem(404, "not_found")
    if corrected is not None:
        period = Period(corrected.facts.period_start, corrected.facts.period_end)
    last = today_of(serving, building).year - 1
    return page(
        request,
        "accounts/bill.html",
        status,
        building=estate.building,
        name=serving.estates().names[building],
        period=period or Period(date(last, 1, 1), date(last + 1, 1, 1)),
        corrected=corrected,
        reasons=[each.code for each in reasons().values() if not each.remedy],
        findings=findings,
        may_allow=may,
        refused=refused,
        wrong_days=wrong_days,
    )
