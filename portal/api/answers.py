"""What the answers of the API have in common: pages of lists, ETags, refusals in the document."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from fastapi import Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from portal.http.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import Sequence

JSON = "application/json"
MOST_ROWS, USUAL_ROWS = 500, 100
FURTHEST = 10_000_000
ID = r"^[A-Za-z0-9_:-][A-Za-z0-9._:-]{0,63}$"

Item = TypeVar("Item", bound=BaseModel)
Building = Annotated[str, Path(pattern=ID, description="Id of a building.")]
OneBuilding = Annotated[
    str | None, Query(alias="building", pattern=ID, description="Only of this building.")
]


class ProblemDocument(BaseModel):
    """Why a request is refused (RFC 9457); some refusals have more members, such as findings."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str


REASONS = {
    401: "No token, or one that is none, over or revoked.",
    403: "The token is not for this.",
    404: "There is no such thing, or it is of a building that the token is not for.",
    413: "More bytes than the portal takes at a time.",
    422: "The request is not as described, or the data does not allow it.",
    429: "Tried too often; `Retry-After` says for how long to wait. [s]",
    503: "A store does not answer; nothing is lost.",
}


def refusals(*more: int) -> dict[int | str, dict[str, Any]]:
    """Describe the refusals of a route, those that every route has and some more."""
    return {
        status: {
            "description": REASONS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        }
        for status in sorted({401, 403, 422, 429, 503, *more})
    }


class Listing(BaseModel, Generic[Item]):
    """
    A part of a list.

    Attributes
    ----------
    total : int
        Length of the whole list.
    offset : int
        How many come before this part.
    next : int or None
        The offset of the part after this one; None where this is the last.
    """

    items: list[Item]
    total: int
    offset: int
    next: int | None


class Part(BaseModel):
    """Which part of a list is asked for."""

    limit: int
    offset: int


async def asked_part(
    limit: Annotated[
        int, Query(ge=1, le=MOST_ROWS, description="Most items of the answer.")
    ] = USUAL_ROWS,
    offset: Annotated[int, Query(ge=0, le=FURTHEST, description="How many are left out.")] = 0,
) -> Part:
    """Read which part of a list is asked for."""
    return Part(limit=limit, offset=offset)


AskedPart = Annotated[Part, Depends(asked_part)]


def listing(items: Sequence[Item], part: Part) -> Listing[Item]:
    """Return a part of a list."""
    end = part.offset + part.limit
    return Listing(
        items=list(items[part.offset : end]),
        total=len(items),
        offset=part.offset,
        next=end if end < len(items) else None,
    )


def answer(request: Request, document: BaseModel) -> Response:
    """Return a document with its ETag; 304 where the program has it already."""
    return answer_bytes(request, document.model_dump_json(by_alias=True).encode(), JSON)


def answer_bytes(request: Request, content: bytes, media_type: str) -> Response:
    """Return a file with its ETag; 304 where the program has it already."""
    mark = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": mark, "Cache-Control": "private, no-cache"}
    known = [each.strip() for each in request.headers.get("if-none-match", "").split(",")]
    if mark in known:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The program has it already: `If-None-Match` names its ETag."}
}
