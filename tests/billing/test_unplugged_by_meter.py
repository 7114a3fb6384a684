"""A box that is unplugged all month: what the home's heat meter tells, read to the end or not."""

from __future__ import annotations

import numpy as np
import pytest

from billing.bill.bill import Bill
from billing.schemes import Scheme
from estate.periods import HOUR_MS, Period
from operations.bill_building import bill_building
from tests.support.estates import (
    add_hourly,
    add_register,
    building,
    cost,
    device,
    estate,
    flat,
    tenancy,
)
from tests.support.samples import HandMadeSource

JANUARY = Period.month("2026-01")
WARM, OTHERS = "1", {"2": 21.0, "3": 20.5, "4": 21.5, "5": 19.5}
HEAT_LOSS_W_PER_K, GAINS_W, OUTDOOR_C = 60.0, 150.0, 4.0
RULES = Scheme.model_validate(
    {
        "id": "test", "valid_from": "2020-01-01", "source": "made for this test",
        "items": {"heat": [{"key": "degree_hours", "fraction": 1.0}]},
    }
)  # fmt: skip


def warm_home_pays(*, unplugged: bool, last_hours: int = 0) -> int:
    """Bill a home of 24.5 °C whose heat meter was last read some hours before the month's end."""
    hours, source = JANUARY.hours(building().zone), HandMadeSource()
    wave = 0.4 * np.sin(2 * np.pi * np.arange(hours.count) / 24)
    noise = np.random.default_rng(1).normal(0, 0.1, hours.count)
    homes = {WARM: 24.5, **OTHERS}
    for name, mean_c in homes.items():
        if not (unplugged and name == WARM):
            values = (mean_c + wave + noise).round(2).tolist()
            add_hourly(source, f"b{name}", "temperature_c", hours, values)
        watts = HEAT_LOSS_W_PER_K * (mean_c - OUTDOOR_C) - GAINS_W
        end_ms = hours.end_ms - last_hours * HOUR_MS
        counted = watts * (end_ms - hours.start_ms) / HOUR_MS / 1000
        readings = [(hours.start_ms, 0.0), (end_ms, counted)]
        add_register(source, f"h{name}", "heat_kwh", readings)
    add_hourly(source, "out", "temperature_c", hours, (OUTDOOR_C + 2 * wave + noise).tolist())
    own = estate(
        [flat(name, heat_loss_w_per_k=HEAT_LOSS_W_PER_K, gains_w=GAINS_W) for name in homes],
        [tenancy(f"{name}a", name) for name in homes],
        [
            device("out", "outdoor", None),
            *(device(f"b{name}", "climate", name) for name in homes),
            *(device(f"h{name}", "heat", name) for name in homes),
        ],
        [cost(JANUARY, "heat", 1_000_000)],
    )
    return _of_warm_home(bill_building(own, source, JANUARY, RULES))


def _of_warm_home(bill: Bill) -> int:
    return next(each.total_ore for each in bill.statements if each.flat == WARM)


@pytest.mark.parametrize("last_hours", [0, 1, 240])
def test_leaving_it_unplugged_gains_nothing(last_hours: int) -> None:
    honest = warm_home_pays(unplugged=False, last_hours=last_hours)
    assert warm_home_pays(unplugged=True, last_hours=last_hours) > 0.99 * honest
