"""Months and years of a home, as graphs above a table of their numbers."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from starlette.responses import Response

from estate.periods import Period
from operations.residents.air import month_of_air
from operations.residents.use import months_of, use_between, used_of_goal
from portal.http.problems import Problem
from portal.pages.graphs import bars
from portal.pages.resident.home import FIRST_DAY, AtHome

router = APIRouter(include_in_schema=False)


@router.get("/home/{building}/{tenancy}/use")
def show_use(at: AtHome, year: int | None = None) -> Response:
    """Show a year's use by month, next to the year before."""
    last = at.today.year
    year = min(max(year or last, FIRST_DAY.year), last)
    now = use_between(at.serving, at.home, months_of(year), at.reader)
    before = use_between(at.serving, at.home, months_of(year - 1), at.reader)
    graphs = [
        (quantity, rows, before[quantity], bars(rows, before[quantity]))
        for quantity, rows in now.items()
    ]
    return at.page(
        "use.html",
        year=year,
        years=range(max(at.home.start.year, FIRST_DAY.year), last + 1),
        graphs=graphs,
        goal_kwh=at.wish.goal_kwh,
        used_kwh=used_of_goal(at.serving, at.home, at.wish, at.reader, year),
    )


@router.get("/home/{building}/{tenancy}/air")
def show_air(at: AtHome, month: str = "") -> Response:
    """Show the air of a month: how often it was good, and day by day."""
    period = Period.month(month or f"{at.today:%Y-%m}")
    if not FIRST_DAY <= period.start <= at.today:
        raise Problem(422, "input")
    return at.page(
        "air.html",
        period=period,
        found=month_of_air(at.serving, at.home, period, at.reader),
        before=_month_before(period.start),
        after=period.end if period.end <= at.today else None,
    )


def _month_before(day: date) -> date:
    return (day.replace(day=1) - date.resolution).replace(day=1)
