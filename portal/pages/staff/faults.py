"""Faults reported by residents."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from correspondence.catalogue import catalogue
from operations.access.programs import record_read
from operations.staff.devices import address_of
from operations.wishes.store import close_fault, fault_of, faults_of
from portal.access.guard import LoggedIn, OpenInstallation
from portal.http.problems import Problem
from portal.pages.accounts.own import Number
from portal.pages.staff.times import Times
from portal.pages.templates import language_of, page

router = APIRouter(include_in_schema=False)


@router.get("/operations/faults")
def show_faults(request: Request, visitor: LoggedIn, serving: OpenInstallation) -> Response:
    """Show the open faults, the latest of each building first."""
    found = [
        (each, address_of(estate, each.flat))
        for name, estate in sorted(serving.estates().by_building.items())
        if visitor.works_for(name)
        for each in faults_of(serving.engine, name)
    ]
    record_read(serving, visitor, "all_faults", *(each.building for each, _ in found))
    return page(
        request,
        "staff/faults.html",
        faults=found,
        times=Times(serving, catalogue(language_of(request))),
    )


@router.post("/operations/faults/{number}/done")
def end_fault(number: Number, visitor: LoggedIn, serving: OpenInstallation) -> Response:
    """Record that a fault is repaired, in a building that the visitor works for."""
    fault = fault_of(serving.engine, number)
    if fault is None or not visitor.works_for(fault.building):
        raise Problem(404, "not_found")
    close_fault(serving.engine, number, serving.clock())
    return RedirectResponse("/operations/faults", 303)
