"""Refusals: a page for people, problem+json (RFC 9457) for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

API = "/api/"
MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """
    Why a request is refused.

    Attributes
    ----------
    status : int
        HTTP status.
    name : str
        Its words are ``portal.problem.NAME`` and ``portal.problem.NAME.do`` of the catalogue.
    headers : mapping of str to str
    detail : mapping of str to object
        Additional members for programs.
    """

    def __init__(
        self,
        status: int,
        name: str,
        headers: Mapping[str, str] | None = None,
        **detail: object,
    ) -> None:
        self.status = status
        self.name = name
        self.headers = dict(headers or {})
        self.detail = detail
        super().__init__(f"{status} {name}")


def asked_by_program(request: Request) -> bool:
    """Whether a request wants JSON rather than a page."""
    wanted = request.headers.get("accept", "")
    return request.url.path.startswith(API) or ("json" in wanted and "html" not in wanted)


def problem_document(problem: Problem, title: str, remedy: str) -> JSONResponse:
    """Return a refusal for a program."""
    document = {
        "type": f"urn:fairvarme:problem:{problem.name}",
        "title": title,
        "status": problem.status,
        "detail": remedy,
        **problem.detail,
    }
    return JSONResponse(
        document, status_code=problem.status, headers=problem.headers, media_type=MEDIA_TYPE
    )
