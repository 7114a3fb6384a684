"""The pages for operations: homes to visit, devices, lag, buildings, addresses."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response

from alerts.devices.limits import device_limits
from correspondence.catalogue import catalogue
from operations.access.programs import record_read
from operations.staff.addresses import missing_addresses
from operations.staff.devices import DeviceState
from operations.staff.figures import read_figures
from portal.access.guard import LoggedIn, OpenInstallation
from portal.http.problems import Problem
from portal.pages.accounts.own import today_of
from portal.pages.staff.looked import overview_of
from portal.pages.staff.times import Times
from portal.pages.templates import language_of, page

if TYPE_CHECKING:
    from operations.serving import Serving
    from operations.staff.month import MonthFigures
    from operations.visitors.roles import Visitor

router = APIRouter(include_in_schema=False)

SHOWN_DAYS = 400
"""Months of buildings are shown for so long. [d]"""
NOT_OK = frozenset(DeviceState) - {DeviceState.OK}


@router.get("/operations")
def show_visits(request: Request, visitor: LoggedIn, serving: OpenInstallation) -> Response:
    """Show which homes to visit, in walking order, and why."""
    found = overview_of(request, serving)
    own = [each for each in found.visits if visitor.works_for(each.building)]
    record_read(serving, visitor, "all_visits", *(each.building for each in own))
    return page(
        request,
        "staff/visits.html",
        visits=own,
        lags=[each for each in found.lags if visitor.works_for(each.building)],
        made_ms=found.made_ms,
        silent_hours=round(device_limits().silent_hours),
        times=_times(request, serving),
    )


@router.get("/operations/devices")
def show_devices(
    request: Request, visitor: LoggedIn, serving: OpenInstallation, state: str = ""
) -> Response:
    """Show the devices that are silent or suspect, or those in one state."""
    if state and state not in set(DeviceState):
        raise Problem(422, "input")
    own = [
        each for each in overview_of(request, serving).devices if visitor.works_for(each.building)
    ]
    wanted = {state} if state else NOT_OK
    shown = [each for each in own if each.state in wanted]
    record_read(serving, visitor, "all_devices", *(each.building for each in shown if each.flat))
    return page(
        request,
        "staff/devices.html",
        devices=shown,
        counts={each: sum(row.state is each for row in own) for each in DeviceState},
        state=state,
        times=_times(request, serving),
    )


@router.get("/operations/buildings")
def show_buildings(request: Request, visitor: LoggedIn, serving: OpenInstallation) -> Response:
    """Show buildings by their heat per degree-day and square metre."""
    months = _months(serving, visitor)
    # A month too warm to be judged is shown only if there is no other.
    told = [each for each in months if each.wh_per_m2_degree_day is not None]
    newest = {each.building: each for each in [*months, *told]}
    ordered = sorted(newest.values(), key=lambda each: -(each.wh_per_m2_degree_day or 0.0))
    return page(request, "staff/buildings.html", months=ordered, times=_times(request, serving))


@router.get("/operations/addresses")
def show_addresses(request: Request, visitor: LoggedIn, serving: OpenInstallation) -> Response:
    """Show the tenancies to which nothing can be delivered."""
    found = [
        row
        for name, estate in sorted(serving.estates().by_building.items())
        if visitor.works_for(name)
        for row in missing_addresses(estate, serving.clock())
    ]
    record_read(serving, visitor, "all_addresses", *(each.building for each in found))
    return page(request, "staff/addresses.html", rows=found, times=_times(request, serving))


def _months(serving: Serving, visitor: Visitor) -> list[MonthFigures]:
    since = today_of(serving) - timedelta(days=SHOWN_DAYS)
    found = read_figures(serving.engine, visitor.buildings, since)
    return [each for each in found if visitor.works_for(each.building)]


def _times(request: Request, serving: Serving) -> Times:
    return Times(serving, catalogue(language_of(request)))
