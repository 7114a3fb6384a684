"""Creates the portal's application: every route is guarded, every response has its headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.trustedhost import TrustedHostMiddleware

from portal.access.guard import guard
from portal.access.table import access_table
from portal.api import ROUTERS as API_ROUTERS
from portal.http.headers import SecurityHeaders
from portal.http.sizes import BoundedBody
from portal.pages import acting, answer, common, log_in, passkeys, services
from portal.pages.accounts import ROUTERS as ACCOUNTS
from portal.pages.refusals import answer_problems
from portal.pages.resident import address, alerts, data, months, papers, settings, today
from portal.pages.staff import ROUTERS as STAFF_PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Lifespan

    from operations.serving import Serving

ROUTERS = (
    common.router, log_in.router, services.router, passkeys.router, answer.router, today.router,
    months.router, papers.router, alerts.router, settings.router, address.router, data.router,
    acting.router, *API_ROUTERS, *ACCOUNTS, *STAFF_PAGES,
)  # fmt: skip


def create_app(serving: Serving, lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """
    Return the portal of an open installation.

    Parameters
    ----------
    serving : Serving
    lifespan : callable, optional
        What starts and stops with it.

    Raises
    ------
    ValueError
        If a route has no row in the access table.
    """
    app = FastAPI(
        title="Fairvarme", docs_url=None, redoc_url=None, openapi_url=None,
        dependencies=[Depends(guard)], lifespan=lifespan,
    )  # fmt: skip
    app.state.serving = serving
    for router in ROUTERS:
        app.include_router(router)
    _require_rows()
    answer_problems(app)
    portal = serving.portal
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[portal.host_name], www_redirect=False)
    app.add_middleware(BoundedBody)
    app.add_middleware(SecurityHeaders, secure=portal.secure)
    return app


def routes() -> Iterator[str]:
    """Yield every route as the access table names it, such as ``GET /home``."""
    for router in ROUTERS:
        for route in router.routes:
            # Anything else would bypass the guard.
            if not isinstance(route, APIRoute):
                raise TypeError(f"{route} is no route of a page; write it as one")
            yield from (f"{method} {route.path_format}" for method in sorted(route.methods or ()))


def _require_rows() -> None:
    without = [name for name in routes() if name not in access_table()]
    if without:
        raise ValueError(f"no row in portal/access for {', '.join(without)}; write who may ask")
