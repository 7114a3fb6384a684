"""What meters that stand in no home counted: the plant's, the tank's, the main meter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from billing.meter_checks import COMMON, common_findings
from billing.meter_use import read_common
from billing.rules import billing_rules
from billing.tenancies import Span

if TYPE_CHECKING:
    from estate.findings import Finding
    from estate.model import DeviceKind, Estate
    from estate.periods import Period
    from telemetry.store import SampleSource


@dataclass(frozen=True)
class CommonUse:
    """What the common meters of one kind counted over a period; None where nothing tells."""

    use: float | None = None
    findings: tuple[Finding, ...] = ()


def common_use(source: SampleSource, estate: Estate, period: Period, kind: DeviceKind) -> CommonUse:
    """Read the common meters of one kind."""
    here = [
        device.model_copy(update={"flat": COMMON})
        for device in estate.devices_of_kind(kind)
        if device.flat is None
    ]
    if not here:
        return CommonUse()
    alone = replace(estate, devices=tuple(here))
    span = Span(COMMON, COMMON, period, resident=False)
    # A common heat meter stands at the hot-water tank, which does not follow the weather.
    by_weather = kind == "main_heat"
    rules = billing_rules(period.start)
    readings, uses = read_common(source, alone, span, kind, rules, by_weather=by_weather)
    findings = tuple(common_findings(readings, uses, period, estate.building.zone))
    use = sum(each.use for each in uses) if uses else np.nan
    return CommonUse(use if np.isfinite(use) else None, findings)
