"""The small building with known answers, as an estate and a source of readings."""

from __future__ import annotations

from dataclasses import replace

from estate.model import Estate, Neighbour
from estate.periods import Period
from tests.support.billing_estate import (
    add_hourly,
    add_register,
    cost,
    device,
    estate,
    flat,
    tenancy,
)
from tests.support.samples import HandMadeSource
from tests.support.six_flats import (
    COUPLING_W_PER_K,
    GAINS_W,
    HEAT_LOSS_W_PER_K,
    OUTDOOR_C,
    PERIOD,
    TEMPERATURE_C,
    heat_kwh,
)

SEASON = Period.parse(PERIOD)


def six_estate() -> tuple[Estate, HandMadeSource]:
    names = list(TEMPERATURE_C)
    own = estate(
        [
            flat(name, heat_loss_w_per_k=HEAT_LOSS_W_PER_K[name], gains_w=GAINS_W)
            for name in names
        ],
        [tenancy(f"t-{name}", name) for name in names],
        [device("out", "outdoor", None)]
        + [device(f"b-{name}", "climate", name) for name in names]
        + [device(f"m-{name}", "heat", name) for name in names],
        [cost(SEASON, "heat", 6_000_000)],
        timezone="UTC",
    )  # fmt: skip
    pairs = [
        Neighbour(flat_a=a, flat_b=b, coupling_w_per_k=value)
        for (a, b), value in COUPLING_W_PER_K.items()
    ]
    source, hours = HandMadeSource(), SEASON.hours(own.building.zone)
    add_hourly(source, "out", "temperature_c", hours, [OUTDOOR_C] * hours.count)
    for name in names:
        add_hourly(source, f"b-{name}", "temperature_c", hours, [TEMPERATURE_C[name]] * hours.count)
        rows = [(hours.start_ms, 0.0), (hours.end_ms, heat_kwh(name))]
        add_register(source, f"m-{name}", "heat_kwh", rows)
    return replace(own, neighbours=tuple(pairs)), source
