"""Alerts out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from alerts.life.kinds import kind_rules
from alerts.life.store import AlertStore
from operations.access.programs import record_read
from operations.alerts.listed import listed
from portal.access.guard import LoggedIn, OpenInstallation
from portal.api.answers import (
    NOT_MODIFIED,
    AskedPart,
    Listing,
    OneBuilding,
    answer,
    listing,
    refusals,
)

if TYPE_CHECKING:
    from operations.alerts.listed import Listed

router = APIRouter(prefix="/api/v1", tags=["Alerts"])


class AlertDocument(BaseModel):
    """
    Something that is wrong, and where it stands.

    Attributes
    ----------
    since, until : str
        By the building's clock, with its offset.
    evidence : dict
        Numbers with the unit in their names; none of an alert that a home's climate tells, for
        temperature, humidity and CO2 are the resident's alone.
    """

    id: str
    building: str
    flat: str
    address: str
    tenancy: str
    kind: str
    dangerous: bool
    device: str | None
    state: str
    since: str
    until: str
    inhibited_by: str | None
    label: str | None
    title: str
    to_do: str
    evidence: dict[str, Any]


@router.get("/alerts", response_model=Listing[AlertDocument], responses=refusals() | NOT_MODIFIED)
def list_alerts(
    request: Request,
    visitor: LoggedIn,
    serving: OpenInstallation,
    part: AskedPart,
    building: OneBuilding = None,
    *,
    closed: Annotated[bool, Query(description="Those that are over, too.")] = False,
) -> Response:
    """List alerts by home, kind and start, those that are open unless all are asked for."""
    cases = AlertStore(serving.engine).list(building, only_open=not closed)
    own = [each for each in cases if visitor.works_for(each.building)]
    for name in sorted({each.building for each in own}):
        record_read(serving, visitor, "all_alerts", name)
    told = listed(own, serving.estates().by_building)
    return answer(request, listing([_document(each) for each in told], part))


def _document(told: Listed) -> AlertDocument:
    rules, row = kind_rules()[told.case.kind], told.as_dict()
    if rules.climate:
        row["evidence"] = {}
    fields = {name: row[name] for name in AlertDocument.model_fields if name in row}
    return AlertDocument.model_validate(fields | {"dangerous": rules.dangerous})
