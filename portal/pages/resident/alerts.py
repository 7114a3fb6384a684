"""Alerts of a home: mark as seen, say "it was us", report a fault."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from operations.access.limits import count_try
from operations.residents.alerts import (
    ANSWERS,
    HomeAlert,
    acknowledge,
    alert_of,
    alerts_of,
    explain,
    tell_of_fault,
)
from portal.http.problems import Problem
from portal.pages.resident.home import AtHome

router = APIRouter(include_in_schema=False)
Words = Annotated[str, Form(min_length=1, max_length=2000)]


@router.get("/home/{building}/{tenancy}/alerts")
def show_alerts(at: AtHome) -> Response:
    """List the alerts of a home."""
    return at.page("alerts.html", alerts=alerts_of(at.serving, at.home), answers=ANSWERS)


@router.post("/home/{building}/{tenancy}/alerts/{alert}/seen")
def note_seen(at: AtHome, alert: str) -> Response:
    """Note that an alert was seen."""
    acknowledge(at.serving, at.visitor, _own(at, alert))
    return RedirectResponse(f"{at.base}/alerts", 303)


@router.post("/home/{building}/{tenancy}/alerts/{alert}/ours")
def note_ours(at: AtHome, alert: str, answer: Annotated[str, Form()] = "known") -> Response:
    """Note that the residents themselves were the cause."""
    found = _own(at, alert)
    if answer not in ANSWERS:
        raise Problem(422, "input")
    explain(at.serving, at.visitor, found, answer)
    return RedirectResponse(f"{at.base}/alerts", 303)


@router.get("/home/{building}/{tenancy}/fault")
def show_fault(at: AtHome, sent: int | None = None, alert: str = "") -> Response:
    """Ask what is broken."""
    return at.page("fault.html", sent=sent, alert=alert)


@router.post("/home/{building}/{tenancy}/fault")
def report(at: AtHome, text: Words, alert: Annotated[str, Form(max_length=64)] = "") -> Response:
    """Store the report of a fault, and notify staff."""
    count_try(at.serving.engine, "form_of_person", at.visitor.subject, at.serving.clock())
    if alert:
        _own(at, alert)
    number = tell_of_fault(at.serving, at.home, text, alert)
    return RedirectResponse(f"{at.base}/fault?sent={number}", 303)


def _own(at: AtHome, alert: str) -> HomeAlert:
    found = alert_of(at.serving, at.home, alert)
    if found is None:
        raise Problem(404, "not_found")
    return found
