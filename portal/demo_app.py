"""
The demo's page: results of the run, with links to the reports. Served on this machine only.

It has no log-in, because the demo's residents are simulated; real homes get their own pages.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FunctionLoader
from starlette.middleware.trustedhost import TrustedHostMiddleware

from billing.bill.read import read_statements
from correspondence.catalogue import catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.middleware.base import RequestResponseEndpoint
    from starlette.requests import Request
    from starlette.responses import Response

    from billing.bill.documents import StatementDocument

# Prevents DNS rebinding: another site cannot reach the demo by pointing its name to 127.0.0.1.
LOCAL_HOSTS = ["127.0.0.1", "localhost"]
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class DemoFiles:
    """The files of one demo run."""

    directory: Path

    def summary(self) -> dict[str, Any]:
        """Read ``summary.json``."""
        data: dict[str, Any] = json.loads((self.directory / "summary.json").read_text("utf-8"))
        return data

    def statements(self) -> tuple[StatementDocument, ...]:
        """Read the statements of the bill."""
        return read_statements(self.directory / "bill" / "statements.json").statements

    def reports(self) -> dict[str, Path]:
        """Return the report file of each tenancy."""
        return {path.stem: path for path in sorted((self.directory / "reports").glob("*.pdf"))}


def create_demo_app(directory: Path) -> FastAPI:
    """Create the web application that shows the demo run in `directory`."""
    files = DemoFiles(directory)
    page, words = _templates().get_template("demo.html"), catalogue("da")
    app = FastAPI(title="Fairvarme demo", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOCAL_HOSTS)

    @app.middleware("http")
    async def add_security_headers(
        request: Request, call_next: RequestResponseEndpoint
    ) -> Response:
        response = await call_next(request)
        response.headers.update(SECURITY_HEADERS)
        return response

    @app.get("/", response_class=HTMLResponse)
    def show_run() -> str:
        return page.render(
            summary=files.summary(),
            statements=files.statements(),
            reports=files.reports(),
            words=words,
        )

    @app.get("/reports/{tenancy}.pdf")
    def show_report(tenancy: str) -> FileResponse:
        # Looked up among existing files: the name in the URL never becomes a path.
        found = files.reports().get(tenancy)
        if found is None:
            raise HTTPException(404, "there is no report of that tenancy in this run")
        return FileResponse(found, media_type="application/pdf")

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    return app


def _templates() -> Environment:
    folder = resources.files("portal").joinpath("templates")

    def load(name: str) -> str:
        return folder.joinpath(name).read_text("utf-8")

    return Environment(loader=FunctionLoader(load), autoescape=True)
