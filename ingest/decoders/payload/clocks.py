"""
Selects one of several times in a message: gateway, network server and device each have a clock.

A clock that was never set shows the year 1, 1970, 1980 or 2000, and one that runs fast shows the
future. The first time in the format's order that is neither counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.decoders.payload.model import DecodeOptions
from ingest.decoders.payload.outcomes import Decoded, Refused, Reject
from ingest.decoders.payload.parsing import parse_time
from ingest.reasons import Reason
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


# Plain int: IntFlag is slow.
ARRIVAL_TIME = int(Quality.ARRIVAL_TIME)


def first_plausible(
    stated: Iterable[object], arrival_ms: int, options: DecodeOptions
) -> int | None:
    """
    Return the first plausible time, None if there is none.

    Parameters
    ----------
    stated : iterable of object
        As the payload writes them.
    arrival_ms : int
        [ms since 1970, UTC]
    options : DecodeOptions
    """
    return next(_plausible(stated, arrival_ms, options), None)


def heard_time(
    stated: Iterable[object], arrival_ms: int, options: DecodeOptions, latest_behind_ms: int
) -> tuple[int, Quality]:
    """
    Return when a network received an uplink: by its own clocks, else the arrival.

    Parameters
    ----------
    stated : iterable of object
        As the payload writes them.
    arrival_ms : int
        [ms since 1970, UTC]
    options : DecodeOptions
    latest_behind_ms : int
        A clock that is further behind another one is wrong. [ms]
    """
    times = list(_plausible(stated, arrival_ms, options))
    if not times:
        return arrival_ms, Quality.ARRIVAL_TIME
    oldest_ms = max(times) - latest_behind_ms
    return next(time_ms for time_ms in times if time_ms >= oldest_ms), Quality.GOOD


def reject_untimed_differences(found: Decoded) -> None:
    """Reject differing values without a time: at the time of arrival only one would remain."""
    untimed = [each for each in found.measurements if each.quality & ARRIVAL_TIME]
    if len(untimed) < 2:
        return
    values: dict[tuple[str, str, int], set[float]] = {}
    for each in untimed:
        values.setdefault(each[:3], set()).add(each.value)
    several = {key: len(different) for key, different in values.items() if len(different) > 1}
    for (device, quantity, _), number in sorted(several.items()):
        detail = f"{number} values without a time"
        found.rejects.append(Reject(Reason.QUANTITY_AMBIGUOUS, detail, device, quantity))
    found.measurements[:] = [
        each
        for each in found.measurements
        if not (each.quality & ARRIVAL_TIME and each[:3] in several)
    ]


def _plausible(stated: Iterable[object], arrival_ms: int, options: DecodeOptions) -> Iterator[int]:
    bounds = options.limits
    for each in stated:
        try:
            time_ms = parse_time(each, options, arrival_ms)
        except Refused:
            continue
        if bounds.earliest_ms <= time_ms <= arrival_ms + bounds.ahead_ms:
            yield time_ms


def values_at(document: object, path: str) -> Iterator[Any]:
    """Yield the values at a path of names joined by points; in every entry of a list."""
    name, _, rest = path.partition(".")
    for each in document if isinstance(document, list) else [document]:
        if isinstance(each, dict) and each.get(name) is not None:
            yield from values_at(each[name], rest) if rest else [each[name]]
