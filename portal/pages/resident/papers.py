"""Bills and letters of a home, and the link of a mail to one of them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from correspondence.outbox.message import PDF
from operations.residents.papers import (
    bill_pdf,
    bills_of,
    letter_pdf,
    letters_of,
    linked_letter,
    linked_pdf,
)
from portal.access.guard import OpenInstallation
from portal.http.problems import Problem
from portal.pages.resident.home import AtHome
from portal.pages.templates import page

router = APIRouter(include_in_schema=False)


@router.get("/home/{building}/{tenancy}/papers")
def show_papers(at: AtHome) -> Response:
    """List the bills and letters of a home."""
    bills, letters = bills_of(at.serving, at.home), letters_of(at.serving, at.home)
    return at.page("papers.html", bills=bills, letters=letters)


@router.get("/home/{building}/{tenancy}/papers/bills/{run}")
def show_bill(at: AtHome, run: int) -> Response:
    """Print a bill."""
    return _pdf(bill_pdf(at.serving, at.home, run), f"varmeregnskab-{run}.pdf")


@router.get("/home/{building}/{tenancy}/papers/letters/{message}")
def show_letter(at: AtHome, message: str) -> Response:
    """Show a letter."""
    return _pdf(letter_pdf(at.serving, at.home, message), "brev.pdf")


@router.get("/letters/{token}")
def show_linked_letter(request: Request, serving: OpenInstallation, token: str) -> Response:
    """Show the button that opens a letter, which mail scanners do not press."""
    linked = linked_letter(serving, token)
    status = 410 if linked is None else 200
    return page(request, "letter.html", status, token=token, linked=linked)


@router.post("/letters/{token}")
def open_linked_letter(request: Request, serving: OpenInstallation, token: str) -> Response:
    """Show the PDF of a mail's link; the link stays valid."""
    content = linked_pdf(serving, token)
    if content is None:
        return page(request, "letter.html", 410, token=token, linked=None)
    return _pdf(content, "brev.pdf")


def _pdf(content: bytes | None, name: str) -> Response:
    if content is None:
        raise Problem(404, "not_found")
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(content, media_type=PDF, headers=headers)
