"""A resident's own readings out, to the resident alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from estate.periods import Period
from estate.quantities import quantities
from operations.access.programs import record_read
from operations.readings.own_readings import own_readings
from portal.access.guard import LoggedIn, OpenInstallation
from portal.api.answers import NOT_MODIFIED, Listing, answer, listing, refusals
from portal.api.answers import Part as Asked
from portal.http.problems import Problem

router = APIRouter(prefix="/api/v1/me", tags=["My home"])

QUANTITIES = sorted(quantities())
Quantity = Annotated[
    str, Query(pattern=f"^({'|'.join(QUANTITIES)})$", json_schema_extra={"enum": [*QUANTITIES]})
]
LONGEST_DAYS = 366
MOST_READINGS = 50_000
ID = r"^[A-Za-z0-9._:-]{1,64}$"


class HomeDocument(BaseModel):
    """A home of the resident's, and the days that are theirs; the last one exclusive."""

    building: str
    tenancy: str
    flat: str
    start: date
    end: date | None


class ReadingDocument(BaseModel):
    """A reading; one that is suspect is treated as missing."""

    time: datetime
    device: str
    quantity: str
    value: float
    suspect: bool


class Readings(BaseModel):
    """Readings by device and time; `more` where there were too many for one answer."""

    readings: list[ReadingDocument]
    more: bool


@router.get("/homes", response_model=Listing[HomeDocument], responses=refusals() | NOT_MODIFIED)
def list_homes(request: Request, visitor: LoggedIn) -> Response:
    """List the homes whose readings the token reads."""
    found = [
        HomeDocument(
            building=each.building, tenancy=each.tenancy, flat=each.flat,
            start=each.start, end=each.end,
        )
        for each in visitor.homes
    ]  # fmt: skip
    return answer(request, listing(found, Asked(limit=len(found) or 1, offset=0)))


@router.get("/readings", response_model=Readings, responses=refusals(404) | NOT_MODIFIED)
def list_readings(
    request: Request,
    visitor: LoggedIn,
    serving: OpenInstallation,
    building: Annotated[str, Query(pattern=ID)],
    tenancy: Annotated[str, Query(pattern=ID)],
    quantity: Quantity,
    start: Annotated[date, Query(alias="from", description="First local day.")],
    end: Annotated[
        date | None, Query(alias="to", description="Exclusive. [default: one day]")
    ] = None,
) -> Response:
    """Return the readings of a home of one's own, of one's own days alone."""
    home = visitor.home(building, tenancy)
    estate = serving.estates().by_building.get(building)
    if home is None or estate is None:
        raise Problem(404, "not_found")
    period = _period(start, end)
    record_read(serving, visitor, "readings", building, tenancy=tenancy)
    with serving.store() as store:
        found = own_readings(store, estate, home, period, quantity)
        rows = list(islice(found, MOST_READINGS + 1))
    return answer(
        request,
        Readings(
            readings=[ReadingDocument(**each._asdict()) for each in rows[:MOST_READINGS]],
            more=len(rows) > MOST_READINGS,
        ),
    )


def _period(start: date, end: date | None) -> Period:
    last = end or min(start, date.max - timedelta(days=1)) + timedelta(days=1)
    if not start < last <= date(9999, 1, 1) or (last - start).days > LONGEST_DAYS:
        reason = f"write the days as from and to, to exclusive, at most {LONGEST_DAYS}"
        raise Problem(422, "input", reason=reason)
    return Period(start, last)
