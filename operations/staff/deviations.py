"""Differences from the same month a year before, for description in words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from operations.staff.limits import staff_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from operations.staff.month import MonthFigures

Subject = Literal["heat", "hot_water", "cost", "climate"]


class Deviation(NamedTuple):
    """
    A difference from the same month a year before.

    Attributes
    ----------
    subject : str
        ``heat`` is compared per degree-day, so that the weather is not the cause.
    higher : bool
        Of the climate: more hours were good.
    change : float
        Relative; of the climate the difference of two shares of all hours. [1]
    now, before : float
        [kWh/(K d)], [m³], [øre], [%]
    """

    subject: Subject
    higher: bool
    change: float
    now: float
    before: float


def deviations(month: MonthFigures, before: MonthFigures | None) -> list[Deviation]:
    """
    Compare a month with the same one a year before; small differences are left out.

    Examples
    --------
    >>> from datetime import date
    >>> from operations.staff.month import MonthFigures
    >>> now, before = (
    ...     MonthFigures(building="b", month=date(year, 1, 1), homes=9, area_m2=700, cost_ore=ore)
    ...     for year, ore in ((2026, 120_000), (2025, 100_000))
    ... )
    >>> [(each.subject, each.higher, round(each.change, 3)) for each in deviations(now, before)]
    [('cost', True, 0.2)]
    """
    if before is None:
        return []
    least = staff_limits().much_change
    found = []
    for subject, value in _SUBJECTS.items():
        now, then = value(month), value(before)
        if now is None or not then:
            continue
        change = now / then - 1
        if abs(change) >= least:
            found.append(Deviation(subject, change > 0, change, now, then))
    if month.climate and before.climate:
        now, then = month.climate.good_pct, before.climate.good_pct
        if abs(now - then) >= least * 100:
            found.append(Deviation("climate", now > then, (now - then) / 100, now, then))
    return found


def year_before(month: MonthFigures, months: Iterable[MonthFigures]) -> MonthFigures | None:
    """Return the same month of the year before; None if there is none."""
    day = month.month.replace(year=month.month.year - 1)
    own = (each for each in months if each.building == month.building and each.month == day)
    return next(own, None)


_SUBJECTS: dict[Subject, Callable[[MonthFigures], float | None]] = {
    "heat": lambda month: month.kwh_per_degree_day,
    "hot_water": lambda month: month.hot_water_m3,
    "cost": lambda month: month.cost_ore,
}
