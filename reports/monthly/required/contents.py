"""Checks the contents of a month's pages that are required by law. Pure."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml
from pydantic import BaseModel, ConfigDict, Field

from billing.law.table import unions_of
from estate.findings import Finding
from reports.monthly.figures import Payment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.bill.bill import Bill
    from reports.monthly.figures import HomeMonth


class Content(BaseModel):
    """One row of ``contents.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    content: str
    country: str
    start: date = Field(alias="from")
    where: str
    meaning: str
    source: str
    tenures: tuple[str, ...] = ()


@cache
def contents() -> tuple[Content, ...]:
    """Return the contents required by law."""
    text = resources.files("reports.monthly.required").joinpath("contents.yaml").read_text("utf-8")
    return tuple(Content.model_validate(row) for row in yaml.safe_load(text))


def told(month: HomeMonth) -> dict[str, bool]:
    """
    Return, for each required content, whether a page has it.

    A partial month, a first month, and an average that would reveal a neighbour count as present,
    since the page says so in their place.
    """
    beside, building = month.beside, month.building
    short = not month.whole or beside.first_month
    like = short or beside.few_homes or any(use.like_home is not None for use in beside.uses)
    known = {name for uses in (month.metered, *(each.uses for each in month.estimated))
             for name, _ in uses}  # fmt: skip
    return {
        "use": bool(month.metered or month.estimated),
        "price": month.payment is not Payment.UNKNOWN,
        "mix": building.supply is not None,
        "earlier": short or any(use.others for use in beside.uses),
        "contacts": bool(building.contacts),
        "complaint": building.complaint_board is not None,
        "average": like or any("year" in use.others for use in beside.uses),
        "use_kwh": bool(known) and "allocator_units" not in known,
        "own_months": short or any("month" in use.others for use in beside.uses),
        "average_user": like,
    }


def contents_findings(bill: Bill, months: Sequence[HomeMonth]) -> list[Finding]:
    """
    Return one finding for each content required by law that some homes' pages lack.

    Parameters
    ----------
    bill : Bill
        Of the month; its country's law is asked.
    months : sequence of HomeMonth
        All pages of the building.
    """
    if not months:
        return []
    whose, tenure = {bill.country, *unions_of(bill.country)}, months[0].building.tenure
    said = [told(month) for month in months]
    found = []
    for row in contents():
        lacking = sum(not each[row.content] for each in said)
        wanted = row.country in whose and row.start <= bill.period.start
        if lacking and wanted and tenure in (row.tenures or (tenure,)):
            found.append(_finding(row, lacking, len(months)))
    return found


def _finding(row: Content, lacking: int, homes: int) -> Finding:
    message = (
        f"{lacking} of {homes} pages lack contents required by law: {row.meaning} "
        f"({row.source}). Add it by {row.where}"
    )
    data = {"content": row.content, "lacking": lacking, "homes": homes}
    return Finding("reports.law.content", message, data)
