"""The alerts of one building over one period, from its readings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.homes import mould_alerts
from alerts.meters import meter_alerts
from alerts.rules import rules
from estate.periods import Period

if TYPE_CHECKING:
    from alerts.model import Alert
    from estate.model import Estate
    from telemetry.store import SampleSource


def find_alerts(estate: Estate, source: SampleSource, period: Period) -> list[Alert]:
    """
    Find what residents and staff of a building must know of a period.

    The days before the period are read too, as far as they are there: mould remembers weeks, and
    the usual use comes from the days before. Without them the mould index starts at 0.

    Parameters
    ----------
    estate : Estate
    source : SampleSource
    period : Period

    Returns
    -------
    list of Alert
        Those that share an instant with the period, by flat, kind, device and start.

    Raises
    ------
    DataError
        Where a flat names a material that is no class.
    StoreUnavailable
    """
    limits, zone = rules(), estate.building.zone
    first_day = period.start - timedelta(days=limits.history_days)
    hours, own = Period(first_day, period.end).hours(zone), period.hours(zone)
    found = meter_alerts(estate, source, hours, limits)
    found += mould_alerts(estate, source, hours, limits)
    within = [
        alert for alert in found if alert.start_ms < own.end_ms and alert.end_ms > own.start_ms
    ]
    return sorted(within, key=lambda each: (each.flat, each.kind, each.device or "", each.start_ms))
