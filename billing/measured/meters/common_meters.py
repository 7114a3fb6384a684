"""Use of common meters: the plant's, the tank's, the main meter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from billing.bill.bill import RegisterUse
from billing.measured.meters.meter_notes import COMMON, MeterNote, note_of
from billing.measured.meters.meter_use import read_common
from billing.measured.meters.reading_checks import ESTIMATED_FROM, reading_findings
from billing.measured.spans import Span
from billing.rules import billing_rules
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from estate.model import DeviceKind, Estate
    from estate.periods import Period
    from telemetry.stores.store import SampleSource


@dataclass(frozen=True)
class CommonMeters:
    """
    The use counted by each common meter of one kind over a period; empty if there is none.

    Attributes
    ----------
    uses : tuple of RegisterUse
    notes : tuple of MeterNote
    """

    uses: tuple[RegisterUse, ...] = ()
    notes: tuple[MeterNote, ...] = ()


@dataclass(frozen=True)
class CommonUse:
    """
    The total use of the common meters of one kind.

    Attributes
    ----------
    use : float or None
        None if unknown. [the register's unit]
    findings : tuple of Finding
    estimated : bool
        Whether some of it is estimated.
    silent : bool
        Whether one of them has no usable readings, so the total is incomplete.
    """

    use: float | None = None
    findings: tuple[Finding, ...] = ()
    estimated: bool = False
    silent: bool = False


def read_common_meters(
    source: SampleSource, estate: Estate, period: Period, kind: DeviceKind
) -> CommonMeters:
    """Read the common meters of one kind."""
    here = [
        device.model_copy(update={"flat": COMMON})
        for device in estate.devices_of_kind(kind)
        if device.flat is None
    ]
    if not here:
        return CommonMeters()
    alone = replace(estate, devices=tuple(here))
    span = Span(COMMON, COMMON, period, resident=False)
    # A common heat meter is at the hot-water tank, which does not depend on the weather.
    by_weather = kind == "main_heat"
    rules = billing_rules(period.start)
    readings, uses = read_common(source, alone, span, kind, rules, by_weather=by_weather)
    return CommonMeters(tuple(uses), tuple(map(note_of, readings)))


def common_use(meters: CommonMeters, period: Period, zone: ZoneInfo) -> CommonUse:
    """Add up what common meters counted, and report anomalies."""
    uses = meters.uses
    use = sum(each.use for each in uses) if uses else np.nan
    known = bool(np.isfinite(use))
    return CommonUse(
        float(use) if known else None,
        tuple(_findings(meters, period, zone)),
        estimated=known and any(each.estimated_hours for each in uses),
        silent=bool(uses) and not known,
    )


def _findings(meters: CommonMeters, period: Period, zone: ZoneInfo) -> Iterator[Finding]:
    """Return findings on common meters."""
    hours = period.hours(zone).count
    for use in meters.uses:
        if np.isnan(use.use):
            message = (
                f"common meter {use.device}: there is no reading in {period}, so the total "
                "of the common meters of its kind is unknown; add its readings, or its last day to "
                "devices.csv"
            )
            yield Finding("billing.register.common_silent", message, {"device": use.device})
        elif use.estimated_hours:
            message = (
                f"common meter {use.device}: {use.estimated_hours} of {hours} hours without a "
                f"register; {ESTIMATED_FROM[use.method]}"
            )
            data = {"device": use.device, "missing_hours": use.estimated_hours, "hours": hours}
            yield Finding("billing.register.estimated", message, {**data, "method": use.method})
    yield from reading_findings(meters.notes, zone)
