"""Device alerts of a building: reads its devices, and returns those that staff should check."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from alerts.devices.faults import (
    OF_SUSPICION,
    Fault,
    Sign,
    low_battery,
    named_by_past,
    no_energy,
    signs_of_hours,
    unplugged,
)
from alerts.devices.limits import device_limits
from alerts.devices.silence import placed_on, silent_since
from alerts.model import SAID, Alert, AlertKind
from estate.periods import DAY_MS, HOUR_MS
from estate.quantities import quantities
from telemetry.series.box_checks import Suspicion
from telemetry.series.box_limits import box_limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from alerts.devices.alarms import Said
    from alerts.devices.limits import DeviceLimits
    from estate.model import Estate
    from estate.numbers.arrays import Bools, Floats, Integers
    from estate.periods import Hours
    from telemetry.series.home_climate import HomeClimate
    from telemetry.stores.store import SampleSource

LATELY_MS = 2 * DAY_MS
LEAST_CO2_PPM = quantities()["co2_ppm"].plausible[0]
ORDER = tuple(Fault)
"""What is named first, where a device has several."""


def device_alerts(
    estate: Estate,
    source: SampleSource,
    climate: HomeClimate,
    own: Hours,
    said: Iterable[Said] = (),
    now_ms: int | None = None,
) -> list[Alert]:
    """
    Find the devices of a building that staff should check.

    Parameters
    ----------
    estate : Estate
    source : SampleSource
    climate : HomeClimate
        Of the period and the days before it.
    own : Hours
        The hours of the judged period, the last ones of `climate`.
    said : iterable of Said, optional
    now_ms : int, optional
        Up to when readings can have come; default: the end of the period. [ms since 1970, UTC]

    Raises
    ------
    StoreUnavailable
    """
    limits = device_limits()
    moment_ms = own.end_ms if now_ms is None else min(now_ms, own.end_ms)
    silent = [
        _silent(estate, each.device, each.flat, last_ms, moment_ms, limits)
        for each, last_ms in silent_since(source, estate, moment_ms, limits)
    ]
    signs: dict[tuple[str, str | None], list[Sign]] = defaultdict(list)
    for place, sign in (
        *_of_hours(estate, climate, limits),
        *_of_samples(estate, source, climate, moment_ms, limits),
        *_of_words(estate, said, moment_ms),
    ):
        signs[place].append(sign)
    faults = [
        _faulty(estate, device, flat, together)
        for (device, flat), found in sorted(signs.items(), key=lambda each: each[0][0])
        for together in _together(found)
    ]
    return [*silent, *faults]


def _silent(
    estate: Estate,
    device: str,
    flat: str | None,
    last_ms: int,
    now_ms: int,
    limits: DeviceLimits,
) -> Alert:
    return Alert(
        building=estate.building.id,
        flat=flat or "",
        kind=AlertKind.DEVICE_SILENT,
        device=device,
        start_ms=last_ms,
        end_ms=now_ms,
        raised_ms=last_ms + round(limits.silent_hours * HOUR_MS),
        evidence={
            "silent_hours": round((now_ms - last_ms) / HOUR_MS),
            "limit_hours": limits.silent_hours,
        },
    )


Placed = tuple[tuple[str, str | None], Sign]
"""Device and flat, and a fault of it."""


def _of_hours(estate: Estate, climate: HomeClimate, limits: DeviceLimits) -> Iterator[Placed]:
    """Yield faults shown by the hours of boxes, and at which hours they have no power."""
    starts_ms, fresh_ppm = climate.hours.starts_ms, box_limits().fresh_air_ppm
    by_fault: dict[tuple[str, str | None, Fault], Bools] = {}
    for each in climate.doubted:
        fault = OF_SUSPICION.get(each.reason)
        if fault is not None:
            key = (each.device, each.flat, fault)
            by_fault[key] = by_fault.get(key, np.False_) | each.hours
    for (device, flat, fault), shown in by_fault.items():
        for sign in signs_of_hours(fault, shown, starts_ms, limits):
            if fault is Fault.NEVER_CALIBRATED and flat is not None:
                co2_ppm = climate.values["co2_ppm"][estate.flat_index[flat]]
                yield (device, flat), named_by_past(sign, co2_ppm, starts_ms, fresh_ppm)
            else:
                yield (device, flat), sign
    for device, heard in climate.heard.items():
        sign_of_habit = unplugged(heard, starts_ms, limits)
        if sign_of_habit is not None:
            yield (device, _flat_of(estate, device)), sign_of_habit


def _flat_of(estate: Estate, device: str) -> str | None:
    """Return where a device is, or was last."""
    return estate.placements[device][-1].flat


def _of_samples(
    estate: Estate, source: SampleSource, climate: HomeClimate, now_ms: int, limits: DeviceLimits
) -> Iterator[Placed]:
    """Yield faults that readings show and hourly means do not."""
    read = _Reader(source, estate.building.id, climate.hours.start_ms, now_ms)
    flats = {each.device: each.flat for each in placed_on(estate, now_ms)}
    for device, (time_ms, volts) in read.lately("battery_v", flats, and_at_first=True).items():
        sign = low_battery(time_ms, volts, limits)
        if sign is not None:
            yield (device, flats[device]), sign
    meters = [each.device for each in estate.devices_of_kind("heat") if each.device in flats]
    standing = [
        device
        for device, (_, energy) in read.lately("heat_kwh", meters).items()
        if not energy.any()
    ]
    energy, volume = (read.all(name, standing) for name in ("heat_kwh", "heat_volume_m3"))
    for device in energy.keys() & volume.keys():
        sign = no_energy(*energy[device], *volume[device], limits)
        if sign is not None:
            yield (device, flats[device]), sign
    low = [
        each.device
        for each in climate.doubts
        if each.reason is Suspicion.IMPLAUSIBLE and each.quantities == ("co2_ppm",)
    ]
    for device, (time_ms, ppm) in read.all("co2_ppm", low).items():
        shown = np.zeros(climate.hours.count, dtype=np.bool_)
        hour = (time_ms[ppm < LEAST_CO2_PPM] - climate.hours.start_ms) // HOUR_MS
        shown[hour[(hour >= 0) & (hour < len(shown))]] = True
        for each in signs_of_hours(Fault.CO2_LOW, shown, climate.hours.starts_ms, limits):
            yield (device, _flat_of(estate, device)), each


class _Reader(NamedTuple):
    """Reads series of some devices, including suspect values, since the device is being judged."""

    source: SampleSource
    building: str
    start_ms: int
    end_ms: int

    def all(self, quantity: str, devices: Iterable[str]) -> dict[str, tuple[Integers, Floats]]:
        """Return times and values of all days, for devices that have any."""
        return self._between(quantity, devices, self.start_ms, self.end_ms)

    def lately(
        self, quantity: str, devices: Iterable[str], *, and_at_first: bool = False
    ) -> dict[str, tuple[Integers, Floats]]:
        """Return those of the last days, preceded by those of the first days if requested."""
        names = list(devices)
        late = self._between(quantity, names, self.end_ms - LATELY_MS, self.end_ms)
        if not and_at_first:
            return late
        early = self._between(quantity, late, self.start_ms, self.start_ms + LATELY_MS)
        return {
            device: (
                np.concatenate([early[device][0], late[device][0]]),
                np.concatenate([early[device][1], late[device][1]]),
            )
            if device in early
            else late[device]
            for device in late
        }

    def _between(
        self, quantity: str, devices: Iterable[str], start_ms: int, end_ms: int
    ) -> dict[str, tuple[Integers, Floats]]:
        names = sorted(set(devices))
        if not names or start_ms >= end_ms:
            return {}
        samples = self.source.samples(self.building, names, quantity, start_ms, end_ms)
        edges = np.searchsorted(samples.device_index, np.arange(len(names) + 1))
        return {
            name: (samples.time_ms[first:last], samples.value[first:last])
            for name, first, last in zip(names, edges[:-1], edges[1:], strict=True)
            if last > first
        }


def _of_words(estate: Estate, said: Iterable[Said], now_ms: int) -> Iterator[Placed]:
    places = {each.device: each for each in placed_on(estate, now_ms)}
    for each in said:
        place = places.get(each.device)
        if each.fault is not None and place is not None and each.is_of(place):
            hours = round((each.last_ms - each.first_ms) / HOUR_MS)
            yield (
                (each.device, place.flat),
                Sign(each.fault, each.first_ms, each.last_ms + 1, each.first_ms, hours, each.word),
            )


def _together(signs: Sequence[Sign]) -> Iterator[list[Sign]]:
    """Yield a device's overlapping faults together, since staff go there once."""
    together: list[Sign] = []
    end_ms = 0
    for each in sorted(signs, key=lambda sign: sign.start_ms):
        if together and each.start_ms >= end_ms:
            yield together
            together = []
        together.append(each)
        end_ms = max(end_ms, each.end_ms)
    yield together


def _faulty(estate: Estate, device: str, flat: str | None, signs: Sequence[Sign]) -> Alert:
    hours: dict[str, int] = defaultdict(int)
    for each in sorted(signs, key=lambda sign: ORDER.index(sign.fault)):
        hours[str(each.fault)] += each.hours
    return Alert(
        building=estate.building.id,
        flat=flat or "",
        kind=AlertKind.DEVICE_FAULT,
        device=device,
        start_ms=min(each.start_ms for each in signs),
        end_ms=max(each.end_ms for each in signs),
        raised_ms=min(each.raised_ms for each in signs),
        evidence={"fault": next(iter(hours)), "fault_hours": dict(hours)} | _words(signs),
    )


def _words(signs: Iterable[Sign]) -> dict[str, str]:
    """Return the device's own words; none if something else was found too."""
    words = [each.word for each in signs]
    return {SAID: " ".join(words)} if all(words) else {}
