"""A message's question, answered through its link. Viewing the page answers nothing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from estate.errors import UsageError
from operations.alerts.answers import Linked, answer_by_link, linked
from portal.access.guard import OpenInstallation
from portal.pages.templates import page

router = APIRouter(include_in_schema=False)
Word = Annotated[str, Form(max_length=64)]


@router.get("/answer/{token}")
def show_question(request: Request, serving: OpenInstallation, token: str) -> Response:
    """Show the message's questions about those of its alerts that are still open."""
    opened = _opened(serving, token)
    return page(request, "answer.html", 410 if opened is None else 200, token=token, opened=opened)


@router.post("/answer/{token}")
def take_answer(
    request: Request,
    serving: OpenInstallation,
    token: str,
    alert: Word = "",
    question: Word = "",
    answer: Word = "",
) -> Response:
    """Record an answer; the same link may answer again."""
    try:
        answer_by_link(serving.engine, token, alert, question, answer, serving.clock())
    except UsageError:
        opened = _opened(serving, token)
        status = 410 if opened is None else 422
        return page(request, "answer.html", status, token=token, opened=opened)
    return RedirectResponse(f"/answer/{token}", 303)


def _opened(serving: OpenInstallation, token: str) -> Linked | None:
    try:
        return linked(serving.engine, token, serving.clock())
    except UsageError:
        return None
