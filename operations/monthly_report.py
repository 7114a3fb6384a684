"""
One building over one period, from readings to pages: what `report` and `demo` both do.

Joins the floors below: the bill, the climate, the alerts and the pages of the homes.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from billing.measured.colours import colour_home
from reports.monthly.climate import HomeHours
from reports.print_building import month_pages, write_pages
from telemetry.series.home_climate import home_climate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from alerts.model import Alert
    from billing.bill import Bill
    from estate.model import Estate
    from reports.monthly.climate import Floats
    from reports.print_building import ReportRun
    from telemetry.stores.store import SampleSource


def write_month(
    directory: Path,
    estate: Estate,
    source: SampleSource,
    bill: Bill,
    alerts: Sequence[Alert],
    on_progress: Callable[[int], None] | None = None,
) -> ReportRun:
    """
    Write the page of every tenancy with a resident.

    Parameters
    ----------
    directory : Path
        Where the PDFs go.
    estate : Estate
    source : SampleSource
        For the homes' climate.
    bill : Bill
        The split of the period that the pages are about.
    alerts : sequence of Alert
    on_progress : callable, optional
        Told the number of pages written.
    """
    hours = bill.period.hours(estate.building.zone)
    climate = home_climate(source, estate, hours)
    coloured = partial(_coloured, on=bill.period.start)
    pages = month_pages(estate, bill, climate.values, coloured, alerts)
    return write_pages(directory, pages, on_progress)


def _coloured(values: Mapping[str, Floats], on: date) -> HomeHours:
    found = colour_home(values, on)
    return HomeHours(values, found.colours, found.sides, found.worst)
