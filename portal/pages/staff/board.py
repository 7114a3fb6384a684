"""The board's page: months of a building in plain pictures and words, without any names."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from operations.staff.deviations import deviations, year_before
from operations.staff.figures import read_figures
from portal.access.guard import LoggedIn, OpenInstallation
from portal.pages.accounts.own import own_buildings, today_of
from portal.pages.templates import page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from estate.model import Building
    from operations.staff.deviations import Deviation
    from operations.staff.month import MonthFigures

router = APIRouter(include_in_schema=False)

COMPARED_DAYS = 800
"""Two years and some days: each month of the last year, and the same one before it. [d]"""
SHOWN_MONTHS = 12
HEIGHT, BAR, GAP = 120, 28, 12
"""Of a picture. [px]"""


class Bar(NamedTuple):
    """A month in a picture; `height` is 0 if unknown. [px]"""

    month: date
    value: float | None
    x: int
    height: int


class Shown(NamedTuple):
    """A building: its months, the pictures of them, and what differs from the year before."""

    building: Building
    name: str
    months: list[MonthFigures]
    costs: list[Bar]
    heat: list[Bar]
    climate: list[Bar]
    told: list[tuple[MonthFigures, Deviation]]


@router.get("/board")
def show_board(request: Request, visitor: LoggedIn, serving: OpenInstallation) -> Response:
    """Show cost, heat and climate of the last year, building by building."""
    since = today_of(serving) - timedelta(days=COMPARED_DAYS)
    every = read_figures(serving.engine, visitor.buildings, since)
    names = serving.estates().names
    shown = [_shown(each, names[each.id], every) for each in own_buildings(serving, visitor)]
    return page(
        request, "staff/board.html", shown=shown, height=HEIGHT, bar=BAR,
        width=SHOWN_MONTHS * (BAR + GAP) + GAP,
    )  # fmt: skip


def _shown(building: Building, name: str, every: Sequence[MonthFigures]) -> Shown:
    own = [each for each in every if each.building == building.id]
    months = own[-SHOWN_MONTHS:]
    return Shown(
        building,
        name,
        months,
        bars(months, lambda month: month.cost_ore),
        bars(months, lambda month: month.kwh_per_degree_day),
        bars(months, lambda month: month.climate.good_pct if month.climate else None),
        [(month, each) for month in months[::-1] for each in _differs(month, own)],
    )


def _differs(month: MonthFigures, own: Sequence[MonthFigures]) -> list[Deviation]:
    return deviations(month, year_before(month, own))


def bars(
    months: Sequence[MonthFigures], value: Callable[[MonthFigures], float | None]
) -> list[Bar]:
    """Return the bars of months, scaled to the tallest; a cost below 0 has none."""
    values = [value(each) for each in months]
    most = max((each for each in values if each is not None), default=0.0)
    return [
        Bar(
            month.month,
            each,
            GAP + number * (BAR + GAP),
            round(HEIGHT * max(each, 0.0) / most) if each is not None and most > 0 else 0,
        )
        for number, (month, each) in enumerate(zip(months, values, strict=True))
    ]
