"""Small random houses with moves, vacancies, gaps and daily registers, for properties of a bill."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from estate.model import Estate, Tenancy
from estate.periods import HOUR_MS, Period, day_start_ms
from tests.support.estates import add_hourly, cost, device, estate, flat, tenancy
from tests.support.samples import HandMadeSource

PERIODS = (
    Period(date(2026, 3, 27), date(2026, 3, 31)),  # clocks go forward
    Period(date(2026, 10, 23), date(2026, 10, 27)),  # and back
    Period(date(2028, 2, 27), date(2028, 3, 2)),  # a leap February
    Period(date(2025, 12, 30), date(2026, 1, 3)),  # over New Year
    Period(date(2026, 4, 29), date(2026, 5, 3)),  # the season ends
)


@dataclass(frozen=True)
class House:
    """An estate, its readings, and the period of its bill."""

    estate: Estate
    source: HandMadeSource
    period: Period

    def with_tenancies(self, tenancies: list[Tenancy]) -> House:
        return replace(self, estate=replace(self.estate, tenancies=tuple(tenancies)))


@st.composite
def houses(draw: st.DrawFn, largest_gap: int = 30) -> House:
    """Draw a house of two to four flats; each home is measured in some hours at least."""
    period = draw(st.sampled_from(PERIODS))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    names = [str(number + 1) for number in range(draw(st.integers(2, 4)))]
    flats = [
        flat(
            name, float(rng.integers(30, 120)), gains_w=float(rng.integers(0, 300)),
            heat_loss_w_per_k=float(rng.integers(60, 150)),
        )
        for name in names
    ]  # fmt: skip
    own = estate(
        flats,
        [each for name in names for each in draw(tenancies_of(name, period))],
        [device("out", "outdoor", None)]
        + [device(f"b{name}", "climate", name) for name in names]
        + [device(f"m{name}", "heat", name) for name in names],
        [cost(period, "heat", draw(st.integers(-10**7, 10**7).filter(bool)))],
    )  # fmt: skip
    source, hours = HandMadeSource(), period.hours(own.building.zone)
    phase = np.arange(hours.count) / 24 * 2 * np.pi
    outdoor = rng.uniform(-5, 12) + 3 * np.sin(phase - 2) + rng.normal(0, 0.3, hours.count)
    add_hourly(source, "out", "temperature_c", hours, gappy(outdoor, rng, largest_gap))
    for name in names:
        indoor = rng.uniform(15, 25) + rng.uniform(0, 1.2) * np.sin(phase)
        indoor += rng.normal(0, 0.05, hours.count)
        add_hourly(source, f"b{name}", "temperature_c", hours, gappy(indoor, rng, largest_gap))
        days = [period.start + timedelta(number) for number in range(-1, period.days + 2)]
        start = rng.integers(0, 12)
        times = [day_start_ms(day, own.building.zone) + int(start) * HOUR_MS for day in days]
        registers = 500 + np.cumsum(rng.uniform(0, 40, len(times)))
        source.rows[f"m{name}", "heat_kwh"] = [
            (time_ms, value, 0) for time_ms, value in zip(times, registers.tolist(), strict=True)
        ]
    return House(own, source, period)


@st.composite
def tenancies_of(draw: st.DrawFn, name: str, period: Period) -> list[Tenancy]:
    """Draw one tenancy, a move with or without empty days, or an empty flat."""
    first, second = sorted(draw(st.tuples(st.integers(1, 3), st.integers(1, 3))))
    out, back = (period.start + timedelta(day) for day in (first, second))
    return draw(
        st.sampled_from(
            [
                [tenancy(f"{name}a", name)],
                [tenancy(f"{name}a", name, end=out), tenancy(f"{name}b", name, start=back)],
                [tenancy(f"{name}b", name, start=back)],
                [],
            ]
        )
    )


def gappy(
    values: npt.NDArray[np.float64], rng: np.random.Generator, largest: int
) -> list[float | None]:
    """Leave one gap of some hours and a few single ones."""
    found: list[float | None] = values.tolist()
    start = int(rng.integers(0, len(found)))
    for hour in range(start, min(start + int(rng.integers(0, largest + 1)), len(found))):
        found[hour] = None
    for hour in rng.integers(0, len(found), 3).tolist():
        found[hour] = None
    return found
