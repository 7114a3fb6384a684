"""Buildings' months: summed up from the store once over, and kept without their readings."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from billing.ledger.store import Ledger
from billing.measured.meters.common_meters import read_common_meters
from estate.database.engine import answering
from estate.database.upsert import upsert
from estate.errors import DataError
from estate.periods import Period, local_date
from operations.clock import now_ms
from operations.monthly_bill import last_account, month_bill
from operations.staff.month import MonthFigures, month_figures
from operations.staff.tables import BuildingMonth
from operations.wiring import opened_database, opened_store, readable_estates
from telemetry.series.home_climate import home_climate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from sqlalchemy import Engine

    from estate.model import Estate
    from operations.settings import Settings
    from telemetry.stores.store import SampleSource


def keep_figures(
    settings: Settings,
    buildings: Sequence[str] = (),
    months: Sequence[Period] = (),
    tracked: Callable[[Sequence[Estate]], Iterable[Estate]] = iter,
    clock: Callable[[], int] = now_ms,
) -> list[MonthFigures]:
    """
    Compute the figures of months, and store them in place of earlier ones.

    Parameters
    ----------
    settings : Settings
    buildings : sequence of str, optional
        All of the installation where none is named.
    months : sequence of Period, optional
        Default: the last one that is over.
    tracked : callable, optional
        Wraps the iteration over buildings, such as in a progress bar.
    clock : callable, optional
        [ms since 1970, UTC]

    Raises
    ------
    DataError
        If an estate is not in order, or a building has no scheme for a month; reported at the end,
        once the figures of the others are stored.
    StoreUnavailable
        What was stored until then stays; doing all of it again is harmless.
    """
    made: list[MonthFigures] = []
    estates, findings = readable_estates(settings, buildings)
    with opened_store(settings) as store, opened_database(settings) as engine:
        for estate in tracked(estates):
            for month in months or [last_month(estate, clock())]:
                try:
                    made.append(_figures(engine, store, estate, month))
                except DataError as error:
                    findings += error.findings
                    continue
                _keep(engine, made[-1], clock())
    if findings:
        raise DataError(findings)
    return made


def last_month(estate: Estate, moment_ms: int) -> Period:
    """Return the last month that is over in a building's time zone. [ms since 1970, UTC]"""
    first = local_date(moment_ms, estate.building.zone).replace(day=1)
    return Period((first - timedelta(days=1)).replace(day=1), first)


def read_figures(
    engine: Engine, buildings: Collection[str] | None = None, since: date = date.min
) -> list[MonthFigures]:
    """Return stored figures by building and month: of some buildings, or all, from a month on."""
    query = select(BuildingMonth.figures).order_by(BuildingMonth.building, BuildingMonth.month)
    query = query.where(BuildingMonth.month >= f"{since:%Y-%m}")
    if buildings is not None:
        query = query.where(BuildingMonth.building.in_(sorted(buildings)))
    with answering(engine) as session:
        return [MonthFigures.model_validate(each) for each in session.scalars(query)]


def _figures(engine: Engine, store: SampleSource, estate: Estate, month: Period) -> MonthFigures:
    climate = home_climate(store, estate, month.hours(estate.building.zone))
    account = last_account(Ledger(engine), estate.building.id, month.start)
    told = month_bill(estate, store, month, account, climate)
    main = read_common_meters(store, estate, month, "main_heat")
    return month_figures(
        estate, month, climate, told.bill, main, cost_estimated=told.priced_by is not None
    )


def _keep(engine: Engine, figures: MonthFigures, made_ms: int) -> None:
    row = {
        "building": figures.building,
        "month": f"{figures.month:%Y-%m}",
        "made_ms": made_ms,
        "figures": figures.model_dump(mode="json"),
    }
    with answering(engine) as session:
        upsert(session, BuildingMonth, [row], lambda new: {
            "made_ms": new.made_ms, "figures": new.figures,
        })  # fmt: skip
