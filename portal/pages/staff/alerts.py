"""Alerts as operations work on them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from alerts.life.kinds import kind_rules
from alerts.life.states import Event
from alerts.life.store import AlertStore
from correspondence.catalogue import catalogue
from estate.errors import UsageError
from operations.access.programs import record_read
from operations.alerts.listed import listed
from portal.access.guard import LoggedIn, OpenInstallation
from portal.http.problems import Problem
from portal.pages.staff.times import Times
from portal.pages.templates import language_of, page

router = APIRouter(include_in_schema=False)

ACTS = {"seen": Event.ACKNOWLEDGED, "work": Event.WORK_BEGAN, "done": Event.ENDED}
AlertId = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]


@router.get("/operations/alerts")
def show_alerts(request: Request, visitor: LoggedIn, serving: OpenInstallation) -> Response:
    """Show the open alerts with their state, the dangerous ones first."""
    cases = [
        each
        for each in AlertStore(serving.engine).list(only_open=True)
        if visitor.works_for(each.building)
    ]
    record_read(serving, visitor, "all_alerts", *(each.building for each in cases))
    cases.sort(key=lambda each: (not kind_rules()[each.kind].dangerous, each.start_ms))
    return page(
        request,
        "staff/alerts.html",
        alerts=listed(cases, serving.estates().by_building),
        dangerous={kind for kind, rules in kind_rules().items() if rules.dangerous},
        acts=ACTS,
        times=Times(serving, catalogue(language_of(request))),
    )


@router.post("/operations/alerts/{alert}/{act}")
def act_on_alert(
    alert: AlertId, act: str, visitor: LoggedIn, serving: OpenInstallation
) -> Response:
    """Apply an act to an alert, in a building that the visitor works for."""
    store = AlertStore(serving.engine)
    try:
        case = store.find(alert)
    except UsageError as error:
        raise Problem(404, "not_found") from error
    if act not in ACTS or not visitor.works_for(case.building):
        raise Problem(404, "not_found")
    try:
        store.act(case.id, ACTS[act], serving.clock(), visitor.name)
    except UsageError as error:
        raise Problem(409, "conflict") from error
    return RedirectResponse("/operations/alerts", 303)
