from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from estate.periods import Period
from reports.monthly.climate import (
    ClimateRules,
    Shade,
    Side,
    climate_month,
    day_shades,
    quantity_month,
)
from tests.support.report_homes import HOURS, JANUARY, ZONE, a_climate, home_hours

RULES = ClimateRules(
    colour_hours=3, measured_hours=12, often_share=0.2, often_hours=1, known_share=0.5
)
JANUARY_DAYS = JANUARY.hours(ZONE).day_index
NAN = float("nan")


def one_day(codes: list[int]) -> Shade:
    """The shade of a single day that holds these colours and is not measured otherwise."""
    worst = np.full(24, -1, dtype=np.int8)
    worst[: len(codes)] = codes
    return day_shades(worst, np.zeros(24, dtype=np.int64), RULES)[0]


@pytest.mark.parametrize(
    ("codes", "shade"),
    [
        ([0] * 24, Shade.GREEN),
        ([0] * 22 + [2] * 2, Shade.GREEN),
        ([0] * 21 + [2] * 3, Shade.RED),
        ([0] * 21 + [1, 2, 2], Shade.YELLOW),
        ([0] * 12, Shade.GREEN),
        ([0] * 11, Shade.UNMEASURED),
        ([2] * 3, Shade.RED),
        ([], Shade.UNMEASURED),
    ],
)
def test_a_day_takes_the_worst_shade_that_lasted(codes: list[int], shade: Shade) -> None:
    assert one_day(codes) is shade


def test_counts_and_mean_agree_with_a_plain_loop() -> None:
    climate = a_climate(seed=7, humidity_pct=52)
    row = quantity_month(climate, "humidity_pct", RULES)
    names = {0: Shade.GREEN, 1: Shade.YELLOW, 2: Shade.RED, -1: Shade.UNMEASURED}
    counts = dict.fromkeys(Shade, 0)
    total = 0.0
    for value, code in zip(
        climate.values["humidity_pct"], climate.colours["humidity_pct"], strict=True
    ):
        counts[names[int(code)]] += 1
        total += value
    assert dict(row.hours) == counts
    assert row.mean == pytest.approx(total / HOURS)
    assert counts[Shade.YELLOW] > 0


def test_days_agree_with_a_plain_loop() -> None:
    random = np.random.default_rng(3)
    worst = random.choice([-1, 0, 1, 2], p=[0.2, 0.6, 0.1, 0.1], size=HOURS).astype(np.int8)
    expected = []
    for day in range(31):
        codes = [int(code) for code in worst[day * 24 : day * 24 + 24]]
        shade = Shade.GREEN if sum(code >= 0 for code in codes) >= 12 else Shade.UNMEASURED
        shade = Shade.YELLOW if sum(code >= 1 for code in codes) >= 3 else shade
        shade = Shade.RED if sum(code == 2 for code in codes) >= 3 else shade
        expected.append(shade)
    assert list(day_shades(worst, JANUARY_DAYS, RULES)) == expected


@pytest.mark.parametrize(("month", "hours"), [("2026-03", 743), ("2026-10", 745)])
def test_a_month_with_a_clock_change_has_all_its_days(month: str, hours: int) -> None:
    axis = Period.month(month).hours(ZONE)
    climate = home_hours(temperature_c=np.full(axis.count, 20.0))
    found = climate_month(climate, axis.day_index, RULES)
    assert found.hours == hours
    assert found.days == (Shade.GREEN,) * 31


def test_a_home_without_any_reading_is_not_measured() -> None:
    row = quantity_month(home_hours(temperature_c=np.full(24, NAN)), "temperature_c", RULES)
    assert row.mean is None
    assert row.hours[Shade.UNMEASURED] == 24
    assert row.often is None


@pytest.mark.parametrize(
    ("temperature_c", "often"),
    [
        ([17.0] * 5 + [20.0] * 19, Side.LOW),
        ([17.0] * 4 + [20.0] * 20, None),
        ([23.0] * 5 + [20.0] * 19, Side.HIGH),
        ([23.0] * 3 + [20.0] * 12 + [NAN] * 9, Side.HIGH),
        ([20.0] * 24, None),
    ],
)
def test_often_means_a_fifth_of_the_measured_hours(
    temperature_c: list[float], often: Side | None
) -> None:
    climate = home_hours(temperature_c=np.array(temperature_c))
    assert quantity_month(climate, "temperature_c", RULES).often is often


def test_hours_that_are_not_kept_count_as_not_measured() -> None:
    kept = JANUARY_DAYS >= 10
    found = climate_month(a_climate().only(kept), JANUARY_DAYS, RULES)
    assert found.measured_hours == HOURS - 240
    assert found.days[:10] == (Shade.UNMEASURED,) * 10
    assert all(row.hours[Shade.UNMEASURED] == 240 for row in found.quantities)


def test_a_period_starts_its_days_at_zero() -> None:
    axis = Period(date(2026, 1, 16), date(2026, 2, 1)).hours(ZONE)
    assert axis.day_index[0] == 0
    assert axis.days == 16
