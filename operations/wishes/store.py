"""Stores wishes, and reports of faults."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select, update

from estate.database.engine import answering, looking
from operations.wishes.tables import FaultReport, ResidentWish

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

    PersonKey = tuple[str, str, str]
    """Building, tenancy and person."""


@dataclass(frozen=True)
class Wish:
    """
    A person's wishes; empty or None values are as in the estate.

    Attributes
    ----------
    channels : str
        As persons.csv writes them.
    paper : bool or None
        Reports and bills on paper, for the whole tenancy.
    pdf : str
        ``link`` if mails are to have a link to the PDF rather than the PDF itself.
    goal_kwh : float or None
        Most heat that they want to use in a year. [kWh]
    day_limit_kwh, day_limit_l : float or None
        Daily heat and hot water above which they want to be notified. [kWh, l]
    case_until_ms : int or None
        Until when staff may see their climate for a case. [ms since 1970, UTC]
    """

    language: str = ""
    channels: str = ""
    mail: str = ""
    phone: str = ""
    paper: bool | None = None
    pdf: str = ""
    goal_kwh: float | None = None
    day_limit_kwh: float | None = None
    day_limit_l: float | None = None
    case_until_ms: int | None = None


LINK = "link"
"""How a PDF is wished with a mail: by a link to it."""
NAMES = tuple(each.name for each in fields(Wish))
KEY = ("building", "tenancy", "person")
WISH = select(*(getattr(ResidentWish, name) for name in NAMES)).where(
    *(getattr(ResidentWish, name) == bindparam(name) for name in KEY)
)


def read_wish(engine: Engine, key: PersonKey) -> Wish:
    """Return a person's wishes."""
    with looking(engine) as connection:
        row = connection.execute(WISH, dict(zip(KEY, key, strict=True))).one_or_none()
        return Wish(*row) if row is not None else Wish()


def write_wish(engine: Engine, key: PersonKey, wish: Wish, now_ms: int) -> None:
    """Store a person's wishes."""
    building, tenancy, person = key
    values = {name: getattr(wish, name) for name in NAMES}
    with answering(engine) as session:
        session.merge(
            ResidentWish(
                building=building, tenancy=tenancy, person=person, changed_ms=now_ms, **values
            )
        )


def wishes_of(engine: Engine, building: str) -> Mapping[tuple[str, str], Wish]:
    """Return the wishes of a building's residents, by tenancy and person."""
    query = select(ResidentWish).where(ResidentWish.building == building)
    with answering(engine) as session:
        return {(row.tenancy, row.person): _wish(row) for row in session.scalars(query)}


def wishes_changed(engine: Engine) -> Mapping[str, int]:
    """Return, for each building, when a wish was last changed. [ms since 1970, UTC]"""
    query = select(ResidentWish.building, func.max(ResidentWish.changed_ms))
    with answering(engine) as session:
        return dict(session.execute(query.group_by(ResidentWish.building)).all())


@dataclass(frozen=True)
class Fault:
    """A fault that a resident reported; ``case`` is the alert that it is about, if any."""

    building: str
    tenancy: str
    flat: str
    case: str
    at_ms: int
    text: str
    done_ms: int | None = None
    number: int = 0


def report_fault(engine: Engine, fault: Fault) -> int:
    """Store a report, and return its number."""
    names = [each.name for each in fields(Fault) if each.name != "number"]
    row = FaultReport(**{name: getattr(fault, name) for name in names})
    with answering(engine) as session:
        session.add(row)
        session.flush()
        return row.number


def faults_of(engine: Engine, building: str, *, only_open: bool = True) -> list[Fault]:
    """List the faults that residents of a building reported, the latest first."""
    query = select(FaultReport).where(FaultReport.building == building)
    if only_open:
        query = query.where(FaultReport.done_ms.is_(None))
    names = [each.name for each in fields(Fault)]
    with answering(engine) as session:
        rows = session.scalars(query.order_by(FaultReport.at_ms.desc()))
        return [Fault(**{name: getattr(row, name) for name in names}) for row in rows]


def fault_of(engine: Engine, number: int) -> Fault | None:
    """Return a reported fault; None if there is none with that number."""
    names = [each.name for each in fields(Fault)]
    with answering(engine) as session:
        row = session.get(FaultReport, number)
        return None if row is None else Fault(**{name: getattr(row, name) for name in names})


def close_fault(engine: Engine, number: int, now_ms: int) -> None:
    """Mark a fault as repaired; does nothing if it already is. [ms since 1970, UTC]"""
    open_one = update(FaultReport).where(
        FaultReport.number == number, FaultReport.done_ms.is_(None)
    )
    with answering(engine) as session:
        session.execute(open_one.values(done_ms=now_ms))


def _wish(row: ResidentWish) -> Wish:
    return Wish(**{name: getattr(row, name) for name in NAMES})
