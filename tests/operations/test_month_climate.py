"""Bill, pages and alerts of one run read the climate once, and see what each would have read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from alerts.run import find_alerts, looked_at
from estate.periods import Period
from operations.bill_building import bill_building
from operations.monthly_report import month_climate
from telemetry.readings import Samples
from telemetry.series.home_climate import HomeClimate, home_climate
from telemetry.stores.store import SampleSource
from tests.support.golden_bills import CASES, MONTH

BOXES = ("temperature_c", "humidity_pct", "co2_ppm")


@dataclass
class Counting:
    """A source that counts how often each series is read over days of the period."""

    source: SampleSource
    period: Period
    reads: Counter[tuple[str, str]] = field(default_factory=Counter)

    def samples(
        self, building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
    ) -> Samples:
        own = self.period.hours(CASES["dk-climate-month"]().estate.building.zone)
        if start_ms < own.end_ms and end_ms > own.start_ms:
            self.reads.update((device, quantity) for device in devices)
        return self.source.samples(building, devices, quantity, start_ms, end_ms)


def same(one: HomeClimate, other: HomeClimate) -> bool:
    arrays: list[tuple[Any, Any]] = [(one.values[name], other.values[name]) for name in one.values]
    arrays += [(one.outdoor[name], other.outdoor[name]) for name in one.outdoor]
    arrays += [(one.suspect[name], other.suspect[name]) for name in one.suspect]
    equal = all(np.array_equal(a, b, equal_nan=a.dtype == float) for a, b in arrays)
    lists = (one.doubts, one.glitches) == (other.doubts, other.glitches)
    return equal and lists and one.hours == other.hours


def test_each_window_is_what_it_would_be_alone() -> None:
    case = CASES["odd-devices-month"]()
    zone = case.estate.building.zone
    climate = month_climate(case.estate, case.source, MONTH)
    own = home_climate(case.source, case.estate, MONTH.hours(zone))
    before = home_climate(case.source, case.estate, looked_at(MONTH).hours(zone))
    assert own.doubts
    assert before.glitches
    assert same(climate.own, own)
    assert same(climate.looked_at, before)


@pytest.mark.slow
def test_a_run_reads_each_series_of_the_climate_once() -> None:
    case = CASES["dk-climate-month"]()
    source = Counting(case.source, MONTH)
    climate = month_climate(case.estate, source, MONTH)
    bill = bill_building(
        case.estate, source, MONTH, allowed=case.allowed, issued=case.issued, climate=climate.own
    )
    found = find_alerts(case.estate, source, MONTH, climate.looked_at)
    read = {series: count for series, count in source.reads.items() if series[1] in BOXES}
    assert len(read) == 6 * len(BOXES) + 2
    assert set(read.values()) == {1}
    alone = bill_building(case.estate, case.source, MONTH, allowed=case.allowed, issued=case.issued)
    assert bill == alone
    assert found == find_alerts(case.estate, case.source, MONTH)
