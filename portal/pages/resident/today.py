"""The resident's first page: the current air, what is going on, what to do."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from correspondence.contacts import QUESTION, contact_for
from operations.residents.air import advice, latest_air
from operations.residents.alerts import alerts_of
from operations.residents.use import above_limits
from portal.access.guard import LoggedIn, OpenInstallation
from portal.pages.resident.home import AtHome
from portal.pages.templates import page

router = APIRouter(include_in_schema=False)


@router.get("/home")
def show_homes(request: Request, serving: OpenInstallation, visitor: LoggedIn) -> Response:
    """Show a resident's homes; redirect to the home if there is only one."""
    if len(visitor.homes) == 1:
        (home,) = visitor.homes
        return RedirectResponse(f"/home/{home.building}/{home.tenancy}", 303)
    estates = serving.estates().by_building
    homes = [
        (each, estates[each.building].flats[estates[each.building].flat_index[each.flat]].address)
        for each in visitor.homes
    ]
    return page(request, "home/homes.html", homes=homes)


@router.get("/home/{building}/{tenancy}")
def show_today(at: AtHome) -> Response:
    """Show the current air, what is going on, and what to do."""
    open_alerts = [each for each in alerts_of(at.serving, at.home) if each.case.open]
    told = {each.case.kind for each in open_alerts}
    return at.page(
        "today.html",
        rooms=latest_air(at.serving, at.home, at.reader),
        alerts=open_alerts,
        advice=advice(at.serving, at.home, at.reader, told),
        above=above_limits(at.serving, at.home, at.wish, at.reader),
        contact=contact_for(QUESTION, at.estate.building.contacts),
        over=at.home.end is not None and at.home.end <= at.today,
    )
