"""Which device measures what, and when each meter or the boxes of each home last sent something."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from alerts.devices.silence import last_heard, last_of
from alerts.life.kinds import kind_rules
from alerts.model import OF_DEVICES
from estate.devices import REGISTER_OF
from estate.periods import DAY_MS, local_date

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from alerts.life.case import Case, Key
    from estate.model import Device, Estate
    from estate.periods import Hours
    from telemetry.stores.store import SampleSource

HOME = ""
"""The device of an alert that a home's boxes raise together."""
BOXES = ("climate", "outdoor")
OF_HOMES = ("temperature_c", "humidity_pct")
"""What alerts of homes are found in; a home is known until the first that it sends stops."""


class Places:
    """
    What measures the same in a home: meters that followed one another, as after a swap.

    Parameters
    ----------
    estate : Estate
    end_ms : int
        End of the days looked at. [ms since 1970, UTC]
    """

    def __init__(self, estate: Estate, end_ms: int) -> None:
        self._placements = estate.placements
        self._last_day = local_date(end_ms - 1, estate.building.zone)
        meters: dict[tuple[str, str], list[Device]] = defaultdict(list)
        for each in sorted(estate.devices, key=lambda each: each.start):
            if each.flat and (quantity := REGISTER_OF.get(each.kind)):
                meters[each.flat, quantity].append(each)
        self._in_turn = {place: own for place, own in meters.items() if _in_turn(own)}

    def of(self, case: Case) -> Key:
        """Return what an alert is about, under the name of the first meter there."""
        meters = self._meters(case)
        return case.key._replace(device=meters[0].device) if meters else case.key

    def now(self, case: Case) -> str:
        """Return the device that measures on the last day what an alert is about."""
        fitted = [each for each in self._meters(case) if each.start <= self._last_day]
        return fitted[-1].device if fitted else case.device

    def gone(self, case: Case) -> bool:
        """Whether an alert is about a device itself, and that was taken away."""
        return (
            case.kind in OF_DEVICES
            and bool(case.device)
            and not any(
                each.end is None or self._last_day < each.end
                for each in self._placements.get(case.device, ())
                if (each.flat or "") == case.flat
            )
        )

    def _meters(self, case: Case) -> list[Device]:
        if case.kind in OF_DEVICES:
            return []
        meters = self._in_turn.get((case.flat, case.evidence.get("quantity", "")), [])
        # A device that the estate does not know was renamed.
        known = {each.device for each in meters}
        return meters if case.device in known or case.device not in self._placements else []


def _in_turn(meters: list[Device]) -> bool:
    """Whether each meter was taken away before the next was fitted."""
    return all(one.end is not None and one.end <= other.start for one, other in pairwise(meters))


def last_readings(
    estate: Estate, source: SampleSource, hours: Hours, wanted: Collection[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """
    Return the time of the last reading in some hours, by flat and device. [ms since 1970, UTC]

    Only the last days are read: as many as the slowest kind takes to end.

    Parameters
    ----------
    estate : Estate
    source : SampleSource
    hours : Hours
    wanted : collection of (str, str)
        Flats and devices; `HOME` for the boxes of a flat.
    """
    longest_ms = max(each.clear_ms for each in kind_rules().values()) + DAY_MS
    start_ms = max(hours.start_ms, hours.end_ms - longest_ms)
    span_ms = (start_ms, hours.end_ms)
    # Where a device was moved, its readings are of its last place.
    latest = {each.device: each for each in sorted(estate.devices, key=lambda each: each.start)}
    placed = {
        name: each
        for name, each in latest.items()
        if each.kind != "unmetered" and (each.flat or "", name) in wanted
    }
    heard = last_heard(source, estate.building.id, placed.values(), *span_ms)
    boxes = {
        name: each.flat
        for name, each in latest.items()
        if each.kind in BOXES and each.flat and (each.flat, HOME) in wanted
    }
    return {
        **{(placed[name].flat or "", name): last_ms for name, last_ms in heard.items()},
        **_of_homes(source, estate.building.id, boxes, span_ms),
    }


def _of_homes(
    source: SampleSource, building: str, boxes: Mapping[str, str], span_ms: tuple[int, int]
) -> dict[tuple[str, str], int]:
    """Return until when homes are known by their boxes, given as box and flat."""
    found: dict[tuple[str, str], int] = {}
    for quantity in OF_HOMES:
        homes: dict[str, int] = {}
        for name, last_ms in last_of(source, building, boxes, quantity, *span_ms).items():
            homes[boxes[name]] = max(last_ms, homes.get(boxes[name], last_ms))
        for flat, last_ms in homes.items():
            found[flat, HOME] = min(last_ms, found.get((flat, HOME), last_ms))
    return found
