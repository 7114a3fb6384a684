"""Entering costs: one amount in a form, or many in a file."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import Response

from estate.errors import DataError, UsageError
from operations.accounts.costs_in import take_costs
from operations.settings import IN_DATABASE
from portal.access.guard import LoggedIn, OpenInstallation
from portal.pages.accounts.own import estate_of
from portal.pages.templates import language_of, page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from estate.database.importing import Imported
    from estate.findings import Finding
    from operations.serving import Serving
    from operations.visitors.roles import Visitor

router = APIRouter(include_in_schema=False)

Cell = Annotated[str, Form(max_length=64)]
COLUMNS = ("period_start", "period_end", "item", "kind", "amount", "received")
DELIMITERS = {"da": ";", "de": ";"}
"""Of a file with decimal commas, which is how Danes and Germans write an amount."""
ITEMS = ("heat", "hot_water", "cold_water", "electricity")
KINDS = ("energy", "fixed", "rebate", "inspection", "information", "carried_over")


@router.get("/accounts/{building}/costs")
def show_costs(request: Request, building: str, serving: OpenInstallation) -> Response:
    """Show the costs of a building, with a form and a place for a file."""
    return _page(request, serving, building)


@router.post("/accounts/{building}/costs")
def add_cost(
    request: Request,
    building: str,
    visitor: LoggedIn,
    serving: OpenInstallation,
    period_start: Cell,
    period_end: Cell,
    item: Cell,
    amount: Cell,
    kind: Cell = "energy",
    received: Cell = "",
) -> Response:
    """Add one amount."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=DELIMITERS.get(language_of(request), ","))
    writer.writerows([COLUMNS, (period_start, period_end, item, kind, amount.strip(), received)])
    content = text.getvalue().encode()
    return _taken(request, serving, visitor, building, content, "portal")


@router.post("/accounts/{building}/costs/file")
def add_file(
    request: Request,
    building: str,
    visitor: LoggedIn,
    serving: OpenInstallation,
    file: Annotated[UploadFile, File()],
) -> Response:
    """Add the amounts of a file."""
    content, name = file.file.read(), file.filename or "costs.csv"
    return _taken(request, serving, visitor, building, content, name[:200])


def _taken(
    request: Request,
    serving: Serving,
    visitor: Visitor,
    building: str,
    content: bytes,
    source: str,
) -> Response:
    try:
        done = take_costs(serving.settings, building, content, visitor.name, source)
    except DataError as error:
        return _page(request, serving, building, 422, findings=error.findings)
    except UsageError as error:
        return _page(request, serving, building, 409, refused=str(error))
    serving.look_again()
    return _page(request, serving, building, done=done, findings=done.findings)


def _page(
    request: Request,
    serving: Serving,
    building: str,
    status: int = 200,
    *,
    done: Imported | None = None,
    findings: Sequence[Finding] = (),
    refused: str = "",
) -> Response:
    estate = estate_of(serving, building)
    costs = sorted(estate.costs, key=lambda each: (each.period_start, each.item), reverse=True)
    return page(
        request,
        "accounts/costs.html",
        status,
        building=estate.building,
        name=serving.estates().names[building],
        costs=costs,
        in_database=serving.settings.estates == IN_DATABASE,
        done=done,
        findings=findings,
        refused=refused,
        items=ITEMS,
        kinds=KINDS,
    )
