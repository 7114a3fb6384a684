"""Writes monthly reports: bill, climate, alerts, then the pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from alerts.run import find_alerts, looked_at
from billing.ledger.store import Ledger
from billing.measured.climate.colours import colour_home
from billing.measured.earlier_uses import Around, degree_days_of, read_earlier_uses
from estate.devices import REGISTER_OF
from estate.errors import DataError
from ingest.remarks import Remarks, word_findings
from operations.monthly_bill import last_account, month_bill
from operations.wiring import opened_database, opened_store, readable_estates
from reports.monthly.climate import HomeHours
from reports.monthly.required.contents import contents_findings
from reports.print_building import month_pages, write_pages
from telemetry.series.home_climate import HomeClimate, home_climates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from sqlalchemy import Engine

    from alerts.model import Alert
    from billing.bill.bill import Bill
    from estate.findings import Finding
    from estate.model import DeviceKind, Estate
    from estate.numbers.arrays import Floats
    from estate.periods import Period
    from operations.settings import Settings
    from reports.monthly.figures import HomeMonth
    from reports.print_building import ReportRun
    from telemetry.stores.store import SampleSource


HOME_KINDS: tuple[DeviceKind, ...] = ("heat", "allocator", "hot_water")
"""Kinds of meters of homes that pages put beside other months."""


@dataclass(frozen=True)
class WrittenReports:
    """Number of reports written, their findings, and why buildings were left out."""

    reports: int
    findings: list[Finding]
    left_out: list[Finding] = field(default_factory=list)


def write_reports(
    directory: Path,
    settings: Settings,
    buildings: Sequence[str],
    period: Period,
    tracked: Callable[[Sequence[Estate]], Iterable[Estate]] = iter,
) -> WrittenReports:
    """
    Write the page of every home of some buildings, from the configured store.

    Parameters
    ----------
    directory : Path
        Output folder, with one folder per building.
    settings : Settings
    buildings : sequence of str
        All of the installation if empty.
    period : Period
    tracked : callable, optional
        Wraps the iteration over buildings, such as in a progress bar.
    """
    estates, left_out = readable_estates(settings, buildings)
    written = 0
    findings: list[Finding] = []
    with opened_store(settings) as store, opened_database(settings) as engine:
        for estate in tracked(estates):
            try:
                run = _write(directory / estate.building.id, estate, store, engine, period)
            except DataError as error:
                # It must not cost another building its pages.
                run = WrittenReports(0, list(error.findings))
            written += run.reports
            findings += run.findings
    return WrittenReports(written, findings, left_out)


def _write(
    directory: Path, estate: Estate, store: SampleSource, engine: Engine, period: Period
) -> WrittenReports:
    month = building_month(estate, store, engine, period)
    run = write_pages(directory, month.homes)
    return WrittenReports(len(run.paths), [*month.findings, *run.findings])


class BuildingMonth(NamedTuple):
    """
    The figures of every home of a building, and findings about them.

    Attributes
    ----------
    homes : list of HomeMonth
        Of every tenancy with a resident.
    findings : list of Finding
    """

    homes: list[HomeMonth]
    findings: list[Finding]


def building_month(
    estate: Estate,
    store: SampleSource,
    engine: Engine,
    period: Period,
    printed_on: date | None = None,
) -> BuildingMonth:
    """
    Gather the known figures of a building's month.

    Raises
    ------
    DataError
        If the building has no scheme for the period.
    StoreUnavailable
    """
    building = estate.building
    climate = month_climate(estate, store, period)
    account = last_account(Ledger(engine), building.id, period.start)
    month = month_bill(estate, store, period, account, climate.own)
    alerts = find_alerts(estate, store, period, climate.looked_at)
    around = read_around(estate, store, month.bill, climate.own)
    homes = home_months(
        estate, climate.own, month.bill, alerts, printed_on, month.priced_by, around
    )
    since_ms = period.hours(building.zone).start_ms
    words = word_findings(Remarks(engine).list_rows(building.id, since_ms=since_ms))
    lacking = contents_findings(month.bill, homes)
    return BuildingMonth(homes, [*month.bill.findings, *lacking, *words])


class MonthClimate(NamedTuple):
    """
    The climate of a building that one run needs.

    Attributes
    ----------
    own : HomeClimate
        Of the period, for its bill and its pages.
    looked_at : HomeClimate
        Including the days before it, for the alerts.
    """

    own: HomeClimate
    looked_at: HomeClimate


def month_climate(estate: Estate, source: SampleSource, period: Period) -> MonthClimate:
    """Read the climate for a period's bill, pages and alerts, fetching each reading once."""
    zone = estate.building.zone
    windows = [period.hours(zone), looked_at(period).hours(zone)]
    return MonthClimate(*home_climates(source, estate, windows))


def write_month(
    directory: Path,
    estate: Estate,
    climate: HomeClimate,
    bill: Bill,
    alerts: Sequence[Alert],
    on_progress: Callable[[int], None] | None = None,
    priced_by: Period | date | None = None,
) -> ReportRun:
    """
    Write the page of every tenancy with a resident.

    Parameters
    ----------
    directory : Path
        Output folder.
    estate : Estate
    climate : HomeClimate
        Of the bill's period.
    bill : Bill
        The bill of the pages' period.
    alerts : sequence of Alert
    on_progress : callable, optional
        Called with the number of pages written.
    priced_by : Period or date, optional
        The account by whose prices the bill is estimated, else the first day of the tariff.
    """
    homes = home_months(estate, climate, bill, alerts, priced_by=priced_by)
    return write_pages(directory, homes, on_progress)


def home_months(
    estate: Estate,
    climate: HomeClimate,
    bill: Bill,
    alerts: Sequence[Alert],
    printed_on: date | None = None,
    priced_by: Period | date | None = None,
    around: Around | None = None,
) -> list[HomeMonth]:
    """Return the figures of every tenancy with a resident; parameters as of `write_month`."""
    coloured = partial(_coloured, on=bill.period.start)
    return month_pages(
        estate, bill, climate.values, coloured, alerts, printed_on, priced_by, around
    )


def read_around(estate: Estate, source: SampleSource, bill: Bill, climate: HomeClimate) -> Around:
    """
    Read the earlier use that a month's pages compare with.

    Parameters
    ----------
    estate : Estate
    source : SampleSource
    bill : Bill
        Of the month; its meters are read.
    climate : HomeClimate
        Of the month.

    Raises
    ------
    StoreUnavailable
    """
    kinds = [kind for kind in HOME_KINDS if REGISTER_OF[kind] in bill.quantities]
    months = read_earlier_uses(source, estate, bill.period, kinds)
    outdoor_c = climate.outdoor["temperature_c"]
    return Around(months, degree_days_of(outdoor_c, estate, bill.period))


def _coloured(values: Mapping[str, Floats], on: date) -> HomeHours:
    found = colour_home(values, on)
    return HomeHours(values, found.colours, found.sides, found.worst)
