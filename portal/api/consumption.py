"""What homes used, month by month: read only, after bved consumption-data 1.2.1."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel
from starlette.responses import Response

from operations.access.programs import record_read
from operations.exchange.consumption import ConsumptionPeriod, consumption, months_with_meters
from portal.access.guard import LoggedIn, OpenInstallation
from portal.api.answers import NOT_MODIFIED, Building, answer, refusals
from portal.http.problems import Problem

router = APIRouter(prefix="/api/v1/billingunits", tags=["Consumption"])

Month = Annotated[
    str, Path(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="A month, such as 2026-01.")
]


class Periods(BaseModel):
    """The months that there are, the latest first."""

    periods: list[str]


@router.get(
    "/{building}/consumptions/periods",
    response_model=Periods,
    responses=refusals(404) | NOT_MODIFIED,
)
def list_periods(request: Request, building: Building, serving: OpenInstallation) -> Response:
    """List the months that are over and in which homes had meters."""
    estate = serving.estates().by_building.get(building)
    if estate is None:
        raise Problem(404, "not_found")
    return answer(request, Periods(periods=months_with_meters(estate, serving.clock())))


@router.get(
    "/{building}/consumptions/periods/{month}",
    response_model=ConsumptionPeriod,
    responses=refusals(404) | NOT_MODIFIED,
)
def show_period(
    request: Request,
    building: Building,
    month: Month,
    visitor: LoggedIn,
    serving: OpenInstallation,
) -> Response:
    """Return what each home used of heat and hot water in a month."""
    estate, now_ms = serving.estates().by_building.get(building), serving.clock()
    if estate is None or month not in months_with_meters(estate, now_ms):
        raise Problem(404, "not_found")
    record_read(serving, visitor, "all_consumption", building)
    with serving.store() as store:
        return answer(request, consumption(store, estate, month, now_ms))
