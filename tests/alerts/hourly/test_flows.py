"""What is told from hour to hour is what a whole run says, whatever came when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.hourly.checkpoint import (
    Checkpoint,
    as_bytes,
    from_bytes,
    make_checkpoint,
    water_since,
)
from alerts.hourly.state import Unfit
from alerts.meters import meter_alerts
from alerts.model import Alert, AlertKind
from alerts.rules import rules
from alerts.run import looked_at
from estate.periods import HOUR_MS, Period, local_date
from telemetry.stores.late import LATE_MS
from tests.support import estates as make
from tests.support.samples import HandMadeSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from estate.model import Estate

DAYS = 40
START = date(2026, 1, 5)
DAY_MS = 24 * HOUR_MS
FLATS = tuple(f"f{number}" for number in range(8))
HOURLY = frozenset({AlertKind.LEAK, AlertKind.BURST})


def house() -> Estate:
    """Homes with both waters; one changes hands, one changes its meter, one has no meter of hot."""
    devices = [
        make.device(f"{kind}-{flat}", kind, flat)
        for flat in FLATS
        for kind in ("cold_water", "hot_water")
        if (kind, flat) not in {("hot_water", "f7"), ("cold_water", "f3")}
    ]
    swap = START + timedelta(25)
    devices += [
        make.device("cold_water-f3", "cold_water", "f3", end=swap),
        make.device("new-f3", "cold_water", "f3", start=swap),
    ]
    tenancies = [make.tenancy(f"{flat}-1", flat) for flat in FLATS if flat != "f2"]
    moved = START + timedelta(28)
    tenancies += [
        make.tenancy("f2-1", "f2", end=moved), make.tenancy("f2-2", "f2", start=moved),
    ]  # fmt: skip
    return make.estate([make.flat(each) for each in FLATS], tenancies, devices)


ESTATE = house()
ZONE = ESTATE.building.zone
FIRST_MS = Period(START, START + timedelta(1)).hours(ZONE).start_ms


@dataclass
class Arriving:
    """Readings with the time at which each is there."""

    rows: dict[tuple[str, str], list[tuple[int, float, int, int]]] = field(default_factory=dict)

    def at(self, now_ms: int) -> HandMadeSource:
        """Return what had come by an instant; of one time what came last."""
        there: dict[tuple[str, str], list[tuple[int, float, int]]] = {}
        for key, rows in self.rows.items():
            by_time = {
                row[0]: row[:3] for row in sorted(rows, key=lambda row: row[3]) if row[3] <= now_ms
            }
            there[key] = sorted(by_time.values())
        return HandMadeSource(there)

    def late(self, since_ms: int, now_ms: int) -> list[tuple[str, str, int]]:
        """Return what a store says of readings that came late."""
        return [
            (device, quantity, row[0])
            for (device, quantity), rows in self.rows.items()
            for row in rows
            if since_ms <= row[3] <= now_ms and row[3] - row[0] > LATE_MS
        ]


def unruly(seed: int) -> Arriving:
    """Weeks with leaks, bursts, lost and late telegrams, corrections and meters of tens."""
    rng = np.random.default_rng(seed)
    arriving = Arriving()
    hours = DAYS * 24
    for device in ESTATE.devices:
        awake = (np.arange(hours) % 24 >= 6) & (np.arange(hours) % 24 < 23)
        use = rng.exponential(9, hours) * awake * (rng.random(hours) < 0.8)
        if rng.random() < 0.5:
            first = int(rng.integers(20 * 24, hours - 72))
            use[first : first + int(rng.integers(24, 96))] += rng.choice([9.0, 18.0, 60.0])
        if rng.random() < 0.4:
            first = int(rng.integers(24 * 24, hours - 5))
            use[first : first + 3] += rng.choice([500.0, 700.0, 1700.0])
        pulse = rng.choice([1.0, 10.0])
        value = np.floor(np.cumsum(use) / pulse) * pulse / 1000 + 100
        kept = rng.random(hours) < rng.choice([1.0, 0.95, 0.5])
        rows = []
        for hour in np.flatnonzero(kept).tolist():
            time_ms = FIRST_MS + (hour + 1) * HOUR_MS + int(rng.integers(0, 300_000))
            arrival_ms = time_ms + int(rng.exponential(20_000))
            if rng.random() < 0.004:
                arrival_ms += int(rng.integers(1, 30)) * HOUR_MS
            rows.append((time_ms, float(value[hour]), 0, arrival_ms))
            if rng.random() < 0.0005:
                wrong = (time_ms, 0.0, 0, arrival_ms)
                right = (time_ms, float(value[hour]), 0, arrival_ms + 50 * HOUR_MS)
                rows[-1:] = [wrong, right]
            if rng.random() < 0.01:
                rows.append((time_ms + 600_000, float(value[hour]), 0, arrival_ms + 600_000))
        quantity = "hot_water_m3" if device.kind == "hot_water" else "cold_water_m3"
        arriving.rows[device.device, quantity] = rows
    return arriving


def period_at(now_ms: int) -> Period:
    tomorrow = local_date(now_ms, ZONE) + timedelta(days=1)
    return Period(tomorrow - timedelta(days=15), tomorrow)


def whole_run(source: HandMadeSource, period: Period) -> list[Alert]:
    hours, own, limits = looked_at(period).hours(ZONE), period.hours(ZONE), rules(period.start)
    found, _ = meter_alerts(ESTATE, source, hours, own, limits)
    return in_order([each for each in found if each.kind in HOURLY])


def in_order(alerts: Sequence[Alert]) -> list[Alert]:
    return sorted(alerts, key=lambda each: (each.flat, each.device or "", each.kind, each.start_ms))


def hour_by_hour(
    checkpoint: Checkpoint, arriving: Arriving, now_ms: int
) -> tuple[list[Alert], list[Alert]] | None:
    """Return what both ways say of the same days; None where the checkpoint is made anew."""
    late = arriving.late(checkpoint.made_ms - HOUR_MS, now_ms)
    if checkpoint.outdated_by(ESTATE, late):
        return None
    period = Period(checkpoint.start, period_at(now_ms).end)
    source = arriving.at(now_ms)
    found = water_since(ESTATE, source, from_bytes(as_bytes(checkpoint)), period)
    return in_order(found), whole_run(source, period)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_every_few_hours_of_two_days_it_says_what_a_whole_run_says(seed: int) -> None:
    arriving = unruly(seed)
    compared = found_any = 0
    for day in (26, 29, 34):
        made_ms = FIRST_MS + day * DAY_MS + 4 * HOUR_MS
        checkpoint = make_checkpoint(ESTATE, arriving.at(made_ms), period_at(made_ms), made_ms)
        for hour in (0, 1, 2, 7, 19, 23):
            both = hour_by_hour(checkpoint, arriving, made_ms + hour * HOUR_MS)
            if both is not None:
                assert both[0] == both[1]
                compared += 1
                found_any += bool(both[0])
    assert compared
    assert found_any


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(100, 10_000), day=st.integers(20, DAYS - 3), hour=st.integers(0, 23),
    later=st.integers(0, 30),
)  # fmt: skip
def test_whenever_it_was_kept_and_however_much_later_it_is_looked_at(
    seed: int, day: int, hour: int, later: int
) -> None:
    arriving = unruly(seed)
    made_ms = FIRST_MS + day * DAY_MS + hour * HOUR_MS
    checkpoint = make_checkpoint(ESTATE, arriving.at(made_ms), period_at(made_ms), made_ms)
    both = hour_by_hour(checkpoint, arriving, made_ms + later * HOUR_MS)
    if both is not None:
        assert both[0] == both[1]


def test_reading_that_came_late_into_what_is_kept_is_noticed_and_one_after_it_is_not() -> None:
    arriving = unruly(1)
    made_ms = FIRST_MS + 30 * DAY_MS
    checkpoint = make_checkpoint(ESTATE, arriving.at(made_ms), period_at(made_ms), made_ms)
    flows = checkpoint.flows["cold_water"]
    resume_ms = int(flows.resume_ms.max())
    assert resume_ms <= made_ms
    key = "cold_water-f0", "cold_water_m3"
    assert checkpoint.outdated_by(ESTATE, [(*key, FIRST_MS)])
    assert not checkpoint.outdated_by(ESTATE, [(*key, made_ms)])
    assert not checkpoint.outdated_by(ESTATE, [("cold_water-f0", "hot_water_m3", FIRST_MS)])
    assert not checkpoint.outdated_by(ESTATE, [("elsewhere", "cold_water_m3", FIRST_MS)])


def test_what_is_of_another_house_or_broken_is_not_taken() -> None:
    arriving = unruly(1)
    made_ms = FIRST_MS + 30 * DAY_MS
    checkpoint = make_checkpoint(ESTATE, arriving.at(made_ms), period_at(made_ms), made_ms)
    assert checkpoint.fits(house())
    moved = make.estate(
        [make.flat(each) for each in FLATS], [make.tenancy("f0-9", "f0")], ESTATE.devices
    )
    assert not checkpoint.fits(moved)
    data = as_bytes(checkpoint)
    for broken in (b"", b"nothing", data[: len(data) // 2]):
        with pytest.raises(Unfit):
            from_bytes(broken)
