"""Water and electricity of a home, judged by what the home's other meters counted."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from alerts.detect import Meters, detect
from alerts.detectors.limits import limits
from alerts.model import AlertKind
from estate.numbers.arrays import Floats
from estate.periods import HOUR_MS
from tests.support.metered_days import day_of, days_of_water, hourly, names, register_samples

DAYS, BEGIN, METERS = 120, 100, 20
HOT, COLD, ELECTRICITY = "hot_water_m3", "cold_water_m3", "electricity_kwh"


def spikes(
    use: dict[str, Floats],
    *,
    together: bool = True,
    last_day: int = DAYS,
    cold_from_day: int = 0,
) -> list[tuple[str, str, float]]:
    """Return register, meter and day of raising of spikes in homes of two water meters."""
    meters = []
    for quantity, days in use.items():
        samples = register_samples(hourly(days) / (1 if quantity == ELECTRICITY else 1000))
        day = (samples.time_ms - samples.time_ms[0]) / (24 * HOUR_MS)
        samples = samples.keep((day <= last_day) & (day >= (quantity == COLD) * cold_from_day))
        devices = [f"{quantity}/{name}" for name in names(len(days))]
        meters.append(Meters(quantity, devices, samples, names(len(days)) if together else ()))
    return [
        (device.split("/")[0], device.split("/")[1], day_of(each.raised_ms))
        for device, each in detect(meters, ZoneInfo("UTC"), limits())
        if each.kind == AlertKind.SPIKE
    ]


def homes(seed: int, apart: float = 0.15) -> dict[str, Floats]:
    """Return hot and cold water that go together but for a part."""
    rng = np.random.default_rng(seed)
    lived = days_of_water(DAYS, METERS, seed)
    return {
        quantity: size * lived * np.exp(apart * rng.standard_normal(lived.shape))
        for quantity, size in ((HOT, 0.6), (COLD, 1.0))
    }


def with_electricity(use: dict[str, Floats], seed: int) -> dict[str, Floats]:
    """Add electricity of which half follows the water, but for a part."""
    rng = np.random.default_rng(seed)
    followed = use[COLD] / np.median(use[COLD], axis=1, keepdims=True)
    kwh = 8 * (0.5 + 0.5 * followed) * np.exp(0.15 * rng.standard_normal(followed.shape))
    return {**use, ELECTRICITY: kwh}


def within(found: list[tuple[str, str, float]], quantity: str, days: float) -> int:
    return len({name for what, name, at in found if what == quantity and 0 < at - BEGIN <= days})


@pytest.mark.slow
@pytest.mark.parametrize("quantity", [HOT, COLD])
def test_more_of_one_water_than_the_other_says_is_told_sooner(quantity: str) -> None:
    use = homes(seed=1)
    use[quantity][:, BEGIN : BEGIN + 7] *= 3
    paired, alone = (within(spikes(use, together=each), quantity, 4.2) for each in (True, False))
    assert paired >= 0.9 * METERS
    assert paired > alone


@pytest.mark.slow
def test_guests_that_raise_everything_are_told_less_often() -> None:
    use = homes(seed=2)
    for days in use.values():
        days[:, BEGIN : BEGIN + 5] *= 2.2
    use = with_electricity(use, seed=2)
    paired, alone = (len(spikes(use, together=each)) for each in (True, False))
    assert paired < alone / 3


@pytest.mark.slow
def test_all_water_that_rises_beside_calm_electricity_is_told_sooner() -> None:
    calm = homes(seed=8)
    use = with_electricity(calm, seed=8)
    for quantity in (HOT, COLD):
        use[quantity] = calm[quantity].copy()
        use[quantity][:, BEGIN : BEGIN + 7] *= 3
    without = {quantity: use[quantity] for quantity in (HOT, COLD)}
    paired, water_alone = (within(spikes(each), COLD, 4.2) for each in (use, without))
    assert paired >= 0.9 * METERS
    assert paired > water_alone


@pytest.mark.slow
def test_electricity_that_the_water_does_not_explain_is_told() -> None:
    use = with_electricity(homes(seed=9), seed=9)
    use[ELECTRICITY][:, BEGIN : BEGIN + 7] *= 3
    assert within(spikes(use), ELECTRICITY, 4.2) >= 0.9 * METERS
    assert not within(spikes(use), HOT, 4.2) + within(spikes(use), COLD, 4.2)


@pytest.mark.slow
def test_very_much_more_of_both_is_told() -> None:
    use = homes(seed=3)
    for days in use.values():
        days[:, BEGIN : BEGIN + 7] *= 6
    assert within(spikes(use), HOT, 4.2) >= 0.9 * METERS


@pytest.mark.slow
def test_a_meter_that_joins_later_changes_nothing_raised_before() -> None:
    use = homes(seed=4)
    for days in use.values():
        days[:, 60:67] *= 5
    before = [each for each in spikes(use, cold_from_day=70) if each[2] <= 70]
    assert before
    assert before == [each for each in spikes({HOT: use[HOT]}) if each[2] <= 70]


@pytest.mark.slow
def test_a_cut_changes_nothing_raised_before() -> None:
    use = homes(seed=5)
    use[HOT][:5, BEGIN : BEGIN + 7] *= 3
    for days in use.values():
        days[5:10, 60:67] *= 5
    whole = spikes(use)
    for day in [14, 62, 63, 64, 65, 80, *range(BEGIN, BEGIN + 8)]:
        assert spikes(use, last_day=day) == [each for each in whole if each[2] <= day], day


@pytest.mark.slow
def test_the_size_of_a_home_changes_nothing_but_the_floor() -> None:
    use = homes(seed=6)
    use[HOT][:, BEGIN : BEGIN + 7] *= 4
    twice = {quantity: 2 * days for quantity, days in use.items()}
    assert spikes(use) == spikes(twice)


@pytest.mark.slow
def test_without_the_other_for_some_days_the_own_past_decides() -> None:
    use = homes(seed=7)
    use[HOT][:, BEGIN : BEGIN + 7] *= 8
    assert within(spikes({**use, COLD: use[COLD][:, : BEGIN - 1]}), HOT, 4.2) >= 0.9 * METERS
