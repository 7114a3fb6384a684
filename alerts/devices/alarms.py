"""
Leaks and bursts that meters report themselves, by their own status codes. Pure.

A meter sees every second, and a run only sees readings; if both report the same, it is one event.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from alerts.devices.silence import placed_on
from alerts.model import SAID, Alert, AlertKind
from estate.devices import REGISTER_OF

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from alerts.devices.faults import Fault
    from estate.model import Device, Estate


class Said(NamedTuple):
    """
    A report by a device, or by the worker about it, that is significant by itself.

    Attributes
    ----------
    kind : AlertKind
    fault : Fault or None
        Of `AlertKind.DEVICE_FAULT`.
    first_ms, last_ms : int
        When it was first and last reported without a break. [ms since 1970, UTC]
    word : str
        Empty for a complaint of the worker.
    meters : tuple of str
        Kinds of devices for which it is reported; empty for all.
    common : bool
        Whether it is also reported for a meter of a whole building.
    """

    device: str
    kind: AlertKind
    fault: Fault | None
    first_ms: int
    last_ms: int
    word: str = ""
    meters: tuple[str, ...] = ()
    common: bool = True

    def is_of(self, place: Device) -> bool:
        """Whether it applies to such a device."""
        return (not self.meters or place.kind in self.meters) and (
            self.common or place.flat is not None
        )


def with_alarms(
    estate: Estate, alerts: Sequence[Alert], said: Iterable[Said], now_ms: int
) -> list[Alert]:
    """
    Add what meters report themselves to alerts: merged where both overlap, otherwise separate.

    Parameters
    ----------
    estate : Estate
    alerts : sequence of Alert
        Those detected from readings.
    said : iterable of Said
        Device faults among them are left out.
    now_ms : int
        [ms since 1970, UTC]
    """
    found = list(alerts)
    places = {each.device: each for each in placed_on(estate, now_ms)}
    for each in said:
        place = places.get(each.device)
        if each.kind is AlertKind.DEVICE_FAULT or place is None or not each.is_of(place):
            continue
        alarm = _alarm(estate, place, each)
        same = next((n for n, known in enumerate(found) if _is_same(known, alarm)), None)
        if same is None:
            found.append(alarm)
        else:
            found[same] = _both(found[same], alarm)
    return found


def _alarm(estate: Estate, place: Device, said: Said) -> Alert:
    return Alert(
        building=estate.building.id,
        flat=place.flat or "",
        kind=said.kind,
        device=place.device,
        start_ms=said.first_ms,
        end_ms=said.last_ms + 1,
        raised_ms=said.first_ms,
        evidence={"quantity": REGISTER_OF[place.kind], SAID: said.word},
    )


def _is_same(known: Alert, alarm: Alert) -> bool:
    about = (known.kind, known.flat, known.device) == (alarm.kind, alarm.flat, alarm.device)
    return about and known.start_ms < alarm.end_ms and alarm.start_ms < known.end_ms


def _both(counted: Alert, alarm: Alert) -> Alert:
    return replace(
        counted,
        start_ms=min(counted.start_ms, alarm.start_ms),
        end_ms=max(counted.end_ms, alarm.end_ms),
        raised_ms=min(counted.raised_ms, alarm.raised_ms),
        evidence={**counted.evidence, SAID: alarm.evidence[SAID]},
    )
