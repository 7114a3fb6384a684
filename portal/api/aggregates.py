"""Sums of buildings out, which name nobody."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from operations.staff.figures import read_figures
from operations.staff.month import MonthFigures
from portal.access.guard import OpenInstallation
from portal.api.answers import (
    NOT_MODIFIED,
    AskedPart,
    Building,
    Listing,
    answer,
    listing,
    refusals,
)

router = APIRouter(prefix="/api/v1", tags=["Aggregates"])


@router.get(
    "/buildings/{building}/months",
    response_model=Listing[MonthFigures],
    responses=refusals(404) | NOT_MODIFIED,
)
def list_months(
    request: Request, building: Building, serving: OpenInstallation, part: AskedPart
) -> Response:
    """List the months of a building: heat, weather, cost and climate, of five homes or more."""
    return answer(request, listing(read_figures(serving.engine, [building]), part))
