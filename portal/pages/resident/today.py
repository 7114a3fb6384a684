"""The resident's first page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from portal.access.guard import LoggedIn
from portal.pages.templates import page

router = APIRouter(include_in_schema=False)


@router.get("/home")
def show_homes(request: Request, visitor: LoggedIn) -> Response:
    """Show the homes of a resident."""
    return page(request, "home/homes.html", homes=visitor.homes)
