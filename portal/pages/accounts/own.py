"""What an accountant may see of ledger and estates: only the buildings they work for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from fastapi import Path

from billing.ledger.store import Ledger
from estate.errors import UsageError
from estate.periods import local_date
from operations.access.record import AccessEvent, Entry, record_access
from operations.visitors.roles import Role
from portal.http.problems import Problem

if TYPE_CHECKING:
    from datetime import date

    from billing.ledger.model import Run
    from estate.model import Building, Estate
    from operations.serving import Serving
    from operations.visitors.roles import Visitor


LARGEST = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=LARGEST)]
"""Of a draft or a run, in an address."""


def own_buildings(serving: Serving, visitor: Visitor) -> list[Building]:
    """Return the buildings that a visitor works for, by name."""
    found = [
        estate.building
        for name, estate in serving.estates().by_building.items()
        if visitor.works_for(name)
    ]
    return sorted(found, key=lambda each: (each.name, each.id))


def estate_of(serving: Serving, building: str) -> Estate:
    """Return a building's estate; raises `Problem` 404 if there is none."""
    estate = serving.estates().by_building.get(building)
    if estate is None:
        raise Problem(404, "not_found")
    return estate


def own_run(serving: Serving, visitor: Visitor, number: int) -> Run:
    """Return a run of a building that a visitor works for; raises `Problem` 404 for others."""
    try:
        run = Ledger(serving.engine).run(number)
    except UsageError as error:
        raise Problem(404, "not_found") from error
    if not visitor.works_for(run.facts.building):
        raise Problem(404, "not_found")
    return run


def currency_of(serving: Serving, building: str) -> str:
    """Return the currency of a building; Denmark's if the building is gone."""
    estate = serving.estates().by_building.get(building)
    return estate.building.currency if estate else "DKK"


def record_look(serving: Serving, visitor: Visitor, run: Run, tenancy: str) -> None:
    """Record that an accountant looked at a statement, for the resident to see."""
    entry = Entry(
        serving.clock(), visitor.name, Role.ACCOUNTANT, AccessEvent.LOOKED, "statement",
        run.facts.building, tenancy,
    )  # fmt: skip
    record_access(serving.engine, entry)


def today_of(serving: Serving, building: str = "") -> date:
    """Return today in a building's time zone, in UTC if there is no building."""
    estate = serving.estates().by_building.get(building)
    return local_date(serving.clock(), estate.building.zone if estate else ZoneInfo("UTC"))
