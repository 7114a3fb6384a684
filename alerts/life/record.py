"""Records the findings of a run in the known alerts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.life.follow import Seen, follow
from alerts.life.kinds import life_limits
from alerts.life.last_readings import HOME, Places, last_readings
from alerts.life.relations import WHOLE_BUILDING, grouped, inhibited
from alerts.life.tenancies import parts_of
from alerts.model import AlertKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from alerts.coverage import Coverage
    from alerts.life.case import Case, Change
    from alerts.life.store import AlertStore
    from alerts.model import Alert
    from alerts.run import Checked
    from estate.model import Estate
    from estate.periods import Period
    from telemetry.stores.store import SampleSource


def record(
    store: AlertStore,
    estate: Estate,
    source: SampleSource,
    checked: Checked,
    period: Period,
    now_ms: int,
    kinds: Collection[AlertKind] = frozenset(AlertKind),
) -> list[Case]:
    """
    Record the findings of a run in a building's alerts; doing it again changes nothing.

    Parameters
    ----------
    store : AlertStore
    estate : Estate
    source : SampleSource
        Whose readings were checked: an alert ends once it has been silent there for long enough.
    checked : Checked
        Of `period`.
    period : Period
    now_ms : int
        [ms since 1970, UTC]
    kinds : collection of AlertKind, optional
        The kinds that the run looked for; the others are left unchanged.

    Returns
    -------
    list of Case
        The building's alerts.

    Raises
    ------
    StoreUnavailable
    """
    limits, hours = life_limits(), period.hours(estate.building.zone)
    alerts: list[Alert] = [*checked.alerts, *grouped(estate, checked.alerts, limits)]
    found = parts_of(estate, alerts)
    places = Places(estate, hours.end_ms)
    going_on = {
        (case.flat, places.now(case)) for case in store.list(estate.building.id, only_open=True)
    }
    wanted = going_on | {(each.flat, each.device or HOME) for each in alerts}
    lasts = last_readings(estate, source, hours, wanted)
    known_ms = _Known(checked.coverage, lasts, places, hours.end_ms, limits.new_meter_ms)
    seen = Seen(hours.start_ms, hours.end_ms, known_ms, places.of, places.gone)

    def change(known: list[Case]) -> tuple[Iterable[Case], list[Change]]:
        own = [each for each in known if each.kind in kinds]
        followed = follow(own, found, seen, limits, now_ms)
        cases = [*(each for each in known if each.kind not in kinds), *followed.cases.values()]
        explained = inhibited(estate, cases)
        now = [
            replace(each, inhibited_by=explained.get(each.id, "")) if each.open else each
            for each in cases
        ]
        before = {each.id: each for each in known}
        return [each for each in now if before.get(each.id) != each], followed.changes

    store.update(estate.building.id, change)
    return store.list(estate.building.id)


class _Known:
    """Until when a run has data on what an alert is about."""

    def __init__(
        self,
        covered: Iterable[Coverage],
        lasts: Mapping[tuple[str, str], int],
        places: Places,
        end_ms: int,
        new_meter_ms: int,
    ) -> None:
        self._not_judged = [
            (each.check.split()[0], {name for names in each.not_judged.values() for name in names})
            for each in covered
        ]
        self._lasts, self._places = lasts, places
        self._end_ms, self._new_meter_ms = end_ms, new_meter_ms
        self._any = max(lasts.values(), default=None)

    def __call__(self, case: Case) -> int | None:
        if case.flat == WHOLE_BUILDING and not case.device:
            return self._any
        if self._places.gone(case):
            return self._end_ms
        device = self._places.now(case)
        name = device or case.flat
        if any(check == case.kind and name in names for check, names in self._not_judged):
            return None
        last_ms = self._lasts.get((case.flat, device))
        if last_ms is None or device == case.device:
            return last_ms
        # A new meter says nothing of a leak for a day or two; that is no all-clear.
        return last_ms - self._new_meter_ms
