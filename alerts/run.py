"""Runs all checks of one building over one period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from alerts.detect import Outdoor
from alerts.devices.alarms import with_alarms
from alerts.devices.check import device_alerts
from alerts.heating.homes import no_heat_alerts
from alerts.homes import mould_alerts
from alerts.meters import meter_alerts
from alerts.rules import rules
from estate.periods import Period
from telemetry.series.home_climate import home_climate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.coverage import Coverage
    from alerts.devices.alarms import Said
    from alerts.model import Alert
    from estate.model import Estate
    from estate.periods import Hours
    from telemetry.series.home_climate import HomeClimate
    from telemetry.stores.store import SampleSource


@dataclass(frozen=True)
class Checked:
    """
    Alerts and coverage of a building's checks.

    Attributes
    ----------
    alerts : list of Alert
        Alerts that overlap the period, sorted by flat, kind, device and start.
    coverage : list of Coverage
        One per check.
    """

    alerts: list[Alert]
    coverage: list[Coverage]


def find_alerts(
    estate: Estate, source: SampleSource, period: Period, climate: HomeClimate | None = None
) -> list[Alert]:
    """Return the alerts of a building's homes in a period, leaving out those about devices."""
    return _of_homes(estate, source, period, climate).checked.alerts


def looked_at(period: Period) -> Period:
    """Return the days that a check of a period reads: its own, and those before it."""
    first_day = period.start - timedelta(days=rules(period.start).history_days)
    return Period(first_day, period.end)


def outdoor_of(climate: HomeClimate) -> Outdoor | None:
    """Return the outdoor temperature of a climate, None if it has none."""
    outdoor_c = climate.outdoor["temperature_c"]
    known = np.isfinite(outdoor_c)
    return Outdoor(climate.hours.starts_ms[known], outdoor_c[known]) if known.any() else None


def check_building(
    estate: Estate,
    source: SampleSource,
    period: Period,
    climate: HomeClimate | None = None,
    said: Iterable[Said] = (),
    now_ms: int | None = None,
) -> Checked:
    """
    Find the alerts of a building in a period.

    The days before the period are read too, as far as available: mould depends on past weeks, and
    the usual use on the days before. Without them the mould index starts at 0.

    Parameters
    ----------
    estate : Estate
    source : SampleSource
    period : Period
    climate : HomeClimate, optional
        Of the days that are `looked_at`, if already read.
    said : iterable of Said, optional
        What devices reported about themselves.
    now_ms : int, optional
        Up to when readings can have come; default: the end of the period. [ms since 1970, UTC]

    Returns
    -------
    Checked

    Raises
    ------
    StoreUnavailable
    """
    homes = _of_homes(estate, source, period, climate)
    told, moment_ms = list(said), homes.own.end_ms if now_ms is None else now_ms
    devices = device_alerts(estate, source, homes.climate, homes.own, told, now_ms)
    by_all = with_alarms(estate, homes.checked.alerts, told, moment_ms)
    alerts = _within([*by_all, *devices], homes.own)
    return Checked(sorted(alerts, key=_place), homes.checked.coverage)


class _Homes(NamedTuple):
    """The data and findings of a check of a building's homes."""

    checked: Checked
    climate: HomeClimate
    own: Hours


def _of_homes(
    estate: Estate, source: SampleSource, period: Period, climate: HomeClimate | None
) -> _Homes:
    limits, zone = rules(period.start), estate.building.zone
    hours, own = looked_at(period).hours(zone), period.hours(zone)
    climate = climate or home_climate(source, estate, hours)
    outdoor = outdoor_of(climate)
    meters, of_meters = meter_alerts(estate, source, hours, own, limits, outdoor)
    homes, of_homes = mould_alerts(estate, climate, own, limits)
    cold, of_cold = no_heat_alerts(estate, source, climate, own, limits)
    alerts = sorted(_within([*meters, *homes, *cold], own), key=_place)
    return _Homes(Checked(alerts, [*of_meters, of_homes, *of_cold]), climate, own)


def alerts_within(alerts: Iterable[Alert], estate: Estate, period: Period) -> list[Alert]:
    """Return the alerts that overlap a period, in the order of `Checked`."""
    return sorted(_within(alerts, period.hours(estate.building.zone)), key=_place)


def _within(alerts: Iterable[Alert], own: Hours) -> list[Alert]:
    return [
        alert for alert in alerts if alert.start_ms < own.end_ms and alert.end_ms > own.start_ms
    ]


def _place(alert: Alert) -> tuple[str, str, str, int]:
    return alert.flat, alert.kind, alert.device or "", alert.start_ms
