"""Relates alerts: many homes on one day become one alert, and one alert explains another."""

from __future__ import annotations

from collections import defaultdict
from math import ceil
from typing import TYPE_CHECKING

from alerts.life.kinds import kind_rules
from alerts.life.states import State
from alerts.model import OF_DEVICES, USED_BY_PEOPLE, Alert, AlertKind
from estate.periods import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from alerts.life.case import Case
    from alerts.life.kinds import LifeLimits
    from estate.model import Estate

LEAST_HOMES = 2
WHOLE_BUILDING = ""
"""The flat of an alert that concerns a building."""


def grouped(estate: Estate, alerts: Iterable[Alert], limits: LifeLimits) -> list[Alert]:
    """
    Return one alert for each time, some hours long, in which one kind was raised in many homes.

    Parameters
    ----------
    estate : Estate
    alerts : iterable of Alert
        Those of its homes.
    limits : LifeLimits
        `group_homes` and `group_share` of all homes define "many".
    """
    rules = kind_rules()
    alike: dict[tuple[AlertKind, str], list[Alert]] = defaultdict(list)
    for alert in alerts:
        if rules[alert.kind].grouped:
            alike[alert.kind, str(alert.evidence.get("quantity", ""))].append(alert)
    many = max(limits.group_homes, limits.group_share * len(estate.flats))
    # All devices of a small building at once point to the gateway too.
    all_of_few = max(LEAST_HOMES, min(many, len(estate.flats)))
    within_ms = round(limits.group_hours * HOUR_MS)
    groups = []
    for (kind, quantity), own in sorted(alike.items()):
        most = all_of_few if kind in OF_DEVICES else many
        by_time = sorted(own, key=lambda each: each.raised_ms)
        groups += [
            _group(estate.building.id, kind, quantity, members, most)
            for members in _together(by_time, most, within_ms)
        ]
    return groups


def _together(alerts: Sequence[Alert], most: float, within_ms: int) -> Iterator[list[Alert]]:
    """Yield groups in which many homes were raised at nearly the same time; overlaps are merged."""
    members: list[Alert] = []
    first = 0
    for last, alert in enumerate(alerts):
        while alerts[first].raised_ms < alert.raised_ms - within_ms:
            first += 1
        near = list(alerts[first : last + 1])
        if len({each.flat for each in near if each.flat}) < most:
            continue
        if members and near[0].raised_ms > members[-1].raised_ms:
            yield members
            members = []
        members += [each for each in near if each not in members]
    if members:
        yield members


def _group(
    building: str, kind: AlertKind, quantity: str, members: Sequence[Alert], most: float
) -> Alert:
    """Return the alert of a building, which lasts as long as it goes on in many homes."""
    flats = sorted({each.flat for each in members})
    ends_ms = sorted(
        max(each.end_ms for each in members if each.flat == flat) for flat in flats if flat
    )
    evidence = {"homes": sum(map(bool, flats)), "flats": flats} | (
        {"quantity": quantity} if quantity else {}
    )
    return Alert(
        building=building,
        flat=WHOLE_BUILDING,
        kind=kind,
        device=None,
        start_ms=min(each.start_ms for each in members),
        end_ms=ends_ms[-ceil(most)],
        raised_ms=max(each.raised_ms for each in members),
        evidence=evidence,
    )


def inhibited(estate: Estate, cases: Sequence[Case]) -> dict[str, str]:
    """
    Return the alerts that another one explains, with the id of that one.

    One of a building explains those of the homes that it counts, but not what goes on in a home
    long after, such as a valve that stays shut when the boiler works again. A leak explains the
    spike of the same meter, and a spike of water or electricity that of another such meter of the
    home that was raised later; a home without heat explains what its neighbours use more.
    """
    beside: dict[str, set[str]] = defaultdict(set)
    for pair in estate.neighbours:
        beside[pair.flat_a].add(pair.flat_b)
        beside[pair.flat_b].add(pair.flat_a)
    causes = [each for each in cases if each.state is not State.WITHDRAWN]
    return {
        case.id: cause.id
        for case in cases
        if case.open
        for cause in causes
        if cause.id != case.id and case.overlaps(cause) and _explains(cause, case, beside)
    }


def _explains(cause: Case, case: Case, beside: dict[str, set[str]]) -> bool:
    if cause.flat == WHOLE_BUILDING:
        counted = cause.kind is case.kind and case.flat in cause.evidence.get("flats", ())
        return counted and case.end_ms <= cause.end_ms + kind_rules()[case.kind].clear_ms
    where = kind_rules()[cause.kind].inhibits.get(case.kind)
    return (
        (where == "meter" and cause.device == case.device and cause.flat == case.flat)
        or (where == "home" and cause.flat == case.flat)
        or (where == "use" and _first_of_use(cause, case))
        or (where == "neighbours" and case.flat in beside[cause.flat])
    )


def _first_of_use(cause: Case, case: Case) -> bool:
    """Whether both concern what people use in one home, and the cause was raised first."""
    of_use = all(each.evidence.get("quantity") in USED_BY_PEOPLE for each in (cause, case))
    first = (cause.raised_ms, cause.id) < (case.raised_ms, case.id)
    return of_use and first and cause.flat == case.flat and cause.tenancy == case.tenancy
