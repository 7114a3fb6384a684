"""What all pages of a home share: its address, the other homes, and the reader's role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from estate.periods import local_date, local_time
from operations.residents.clip import reader_of
from operations.wishes.store import read_wish
from portal.access.guard import LoggedIn, OpenInstallation, OwnHome
from portal.http.problems import Problem
from portal.pages.templates import page

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.responses import HTMLResponse

    from estate.model import Estate
    from estate.purposes.table import Reader
    from operations.serving import Serving
    from operations.visitors.roles import Home, Visitor
    from operations.wishes.store import Wish

FIRST_DAY = date(2000, 1, 1)
"""No page goes back further than this."""
TABS = ("", "use", "air", "alerts", "papers", "fault", "settings", "data", "looked")
"""Pages of a home; their words are ``portal.home.tab.NAME``, of the first ``today``."""


@dataclass(frozen=True)
class HomePage:
    """A requested home, and who requests it."""

    request: Request
    serving: Serving
    visitor: Visitor
    home: Home

    @cached_property
    def wish(self) -> Wish:
        """The person's wishes; looked up only by the pages that need them."""
        home = self.home
        return read_wish(self.serving.engine, (home.building, home.tenancy, home.person))

    @property
    def estate(self) -> Estate:
        """The estate of its building; pages show nothing of it but names and contacts."""
        return self.serving.estates().by_building[self.home.building]

    @property
    def reader(self) -> Reader:
        """The role in which it is read."""
        acting = bool(self.visitor.acting_for)
        return reader_of(self.visitor, case_is_open=acting and self.case_is_open)

    @property
    def case_is_open(self) -> bool:
        """Whether the person currently lets staff see their climate."""
        return self.serving.clock() < (self.wish.case_until_ms or 0)

    @property
    def today(self) -> date:
        """The local day."""
        return local_date(self.serving.clock(), self.estate.building.zone)

    def only_themselves(self) -> None:
        """Refuse staff who act for the resident: what opens a home is not theirs to change."""
        if self.visitor.acting_for:
            raise Problem(403, "role")

    def local(self, time_ms: int) -> datetime:
        """Return an instant by the building's clock. [ms since 1970, UTC]"""
        return local_time(time_ms, self.estate.building.zone)

    @property
    def base(self) -> str:
        """The path of the home's first page."""
        return f"/home/{self.home.building}/{self.home.tenancy}"

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401
        """Return a page of the home."""
        flat = self.estate.flats[self.estate.flat_index[self.home.flat]]
        return page(
            self.request, f"home/{template}", status, base=self.base, home=self.home, tabs=TABS,
            address=flat.address, homes=self.visitor.homes, local=self.local, today=self.today,
            building=self.estate.building, **values,
        )  # fmt: skip


async def home_page(
    request: Request, serving: OpenInstallation, visitor: LoggedIn, home: OwnHome
) -> HomePage:
    """Return the home that a route is about."""
    return HomePage(request, serving, visitor, home)


AtHome = Annotated[HomePage, Depends(home_page)]
"""The home of a route, for its pages."""
