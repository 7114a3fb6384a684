"""The OpenAPI document of the API, and a page that shows it: no script, nothing from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse, Response

from portal.access.guard import Anybody
from portal.api.answers import ProblemDocument
from portal.pages.templates import page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

router = APIRouter(include_in_schema=False)

VERSION = "1"
DESCRIPTION = (
    "Master data and costs in; bills, alerts, sums of buildings and consumption out; readings to "
    "the resident alone. Send a token as `Authorization: Bearer TOKEN`; `fairvarme token add` "
    "makes one. Amounts are whole øre, times are ISO 8601, a period's last day is exclusive."
)
BEARER = {"type": "http", "scheme": "bearer"}
NAMES = ("parameters", "requestBody", "responses")


@router.get("/api/v1/openapi.json")
def show_document(request: Request) -> Response:
    """Return the OpenAPI document."""
    return JSONResponse(document(request.app))


@router.get("/docs")
def show_docs(request: Request, _visitor: Anybody) -> Response:
    """Show the document as a page."""
    whole = document(request.app)
    return page(request, "api/docs.html", info=whole["info"], routes=list(_routes(whole)))


def document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of an application, which is made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title="Fairvarme", version=VERSION, description=DESCRIPTION, routes=app.routes
        )
        schemas = made["components"]["schemas"]
        schemas["ProblemDocument"] = ProblemDocument.model_json_schema()
        made["components"]["securitySchemes"] = {"token": BEARER}
        made["security"] = [{"token": []}]
        app.openapi_schema = made
    return app.openapi_schema


def _routes(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each operation as the page shows it."""
    for path, methods in whole["paths"].items():
        for method, each in methods.items():
            yield {
                "method": method.upper(),
                "path": path,
                "tag": each["tags"][0],
                "id": each["operationId"],
                "description": each.get("description", ""),
                "parameters": each.get("parameters", []),
                "body": _schema_name(each.get("requestBody", {})),
                "responses": each["responses"],
            }


def _schema_name(body: dict[str, Any]) -> str:
    for content in body.get("content", {}).values():
        schema = content.get("schema", {})
        reference = schema.get("$ref") or schema.get("items", {}).get("$ref", "")
        return str(reference).rpartition("/")[2]
    return ""
