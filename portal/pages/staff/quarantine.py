"""Quarantined messages: why, and processing them again once the cause is fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from correspondence.catalogue import catalogue
from ingest.quarantine.store import Quarantine, Selection
from ingest.reasons import Reason, reason_texts
from operations.intake.requeue import requeue_quarantine
from portal.access.guard import LoggedIn, OpenInstallation
from portal.http.problems import Problem
from portal.pages.staff.times import Times
from portal.pages.templates import language_of, page

if TYPE_CHECKING:
    from ingest.quarantine.requeue import Requeued

router = APIRouter(include_in_schema=False)

MOST_ROWS = 100


@router.get("/operations/quarantine")
def show_quarantine(request: Request, visitor: LoggedIn, serving: OpenInstallation) -> Response:
    """Show the quarantine, the latest first and without payloads."""
    return _page(request, visitor, serving)


@router.post("/operations/quarantine/replay")
def replay(
    request: Request,
    visitor: LoggedIn,
    serving: OpenInstallation,
    reason: Annotated[str, Form(max_length=64)],
) -> Response:
    """Process again what is quarantined for a reason; what fails again stays."""
    if reason not in set(Reason):
        raise Problem(422, "input")
    if visitor.buildings is not None:
        raise Problem(403, "role")
    done = requeue_quarantine(serving.settings, Selection(reason=reason))
    return _page(request, visitor, serving, done)


def _page(
    request: Request,
    visitor: LoggedIn,
    serving: OpenInstallation,
    done: Requeued | None = None,
) -> Response:
    # A message may be from any building: only staff of all buildings see which devices sent it.
    everywhere = visitor.buildings is None
    quarantine = Quarantine(serving.engine)
    return page(
        request,
        "staff/quarantine.html",
        everywhere=everywhere,
        counts=quarantine.counts() if everywhere else {},
        rows=quarantine.list_rows(MOST_ROWS) if everywhere else [],
        texts={str(name): text for name, text in reason_texts().items()},
        done=done,
        times=Times(serving, catalogue(language_of(request))),
    )
