"""Suspect hours of boxes: by hand, alone as together, and on simulated homes of every kind."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pytest

from estate.periods import Period
from firmware_sim.scenario import FaultKind
from telemetry.box_checks import Suspicion, suspicions
from telemetry.box_limits import box_limits
from telemetry.climate import HomeClimate, home_climate
from tests.support.simulated_homes import Homes, a_fault

Floats = npt.NDArray[np.float64]
LIMITS = box_limits()
HOURS = 14 * 24
START, END = date(2026, 1, 12), date(2026, 1, 20)
JANUARY = Homes(Period.month("2026-01"))


def ordinary(rows: int = 1) -> tuple[Floats, Floats, Floats]:
    """Give an even fortnight with the noise of sensors; nights and days differ."""
    rng, hours = np.random.default_rng(5), np.arange(HOURS)
    swing = np.sin(hours / 24 * 2 * np.pi)
    shape = (rows, HOURS)
    return (
        21 + 0.5 * swing + rng.normal(0, 0.03, shape),
        40 + 6 * swing + rng.normal(0, 0.4, shape),
        700 + 250 * swing + rng.normal(0, 8, shape),
    )


def found(temperature_c: Floats, humidity_pct: Floats, co2_ppm: Floats) -> dict[str, list[int]]:
    """Give the suspect hours of the first row by reason."""
    everywhere = np.ones(temperature_c.shape, dtype=np.bool_)
    median_c = np.full(temperature_c.shape[1], 21.0)
    reasons = suspicions(temperature_c, humidity_pct, co2_ppm, median_c, everywhere, LIMITS)
    return {
        str(reason): np.flatnonzero(hours[0]).tolist()
        for reason, hours in reasons.items()
        if hours[0].any()
    }


def test_an_ordinary_fortnight_is_not_suspect() -> None:
    assert found(*ordinary()) == {}


def test_what_stands_still_in_all_quantities_is_stuck() -> None:
    climate = ordinary()
    for values in climate:
        values[0, 100:110] = values[0, 100]
    assert found(*climate) == {"flat": list(range(100, 110))}
    climate[2][0, 100:110] += np.arange(10)
    assert found(*climate) == {}


def test_a_peak_in_the_sun_is_suspect_and_a_slow_warm_day_is_not() -> None:
    temperature_c, humidity_pct, co2_ppm = ordinary()
    temperature_c[0, 100:104] += [2, 6, 6, 2]
    assert found(temperature_c, humidity_pct, co2_ppm) == {"sun": [100, 101, 102, 103]}
    temperature_c, humidity_pct, co2_ppm = ordinary()
    temperature_c[0, 96:120] += np.concatenate([np.linspace(0, 8, 12), np.linspace(8, 0, 12)])
    assert found(temperature_c, humidity_pct, co2_ppm) == {}


def test_humidity_that_only_rises_is_a_bag_until_it_falls_at_once() -> None:
    temperature_c, humidity_pct, co2_ppm = ordinary()
    humidity_pct[0, 100:160] = 95 - 55 * np.exp(-np.arange(60) / 24)
    humidity_pct[0, 99], humidity_pct[0, 160] = 41, 45
    assert found(temperature_c, humidity_pct, co2_ppm) == {"bag": list(range(101, 160))}


def test_a_fall_into_fresh_air_is_the_stairwell_and_an_airing_is_not() -> None:
    temperature_c, humidity_pct, co2_ppm = ordinary()
    temperature_c[0, 100:130] -= 5
    co2_ppm[0, 100:130] = 430
    assert found(temperature_c, humidity_pct, co2_ppm) == {"stairwell": list(range(100, 130))}
    temperature_c, humidity_pct, co2_ppm = ordinary()
    temperature_c[0, 100:102] -= 4
    co2_ppm[0, 100:102] = 450
    assert found(temperature_c, humidity_pct, co2_ppm) == {}


def test_far_colder_than_the_homes_in_fresh_air_is_the_stairwell_unless_nobody_lives_there() -> (
    None
):
    temperature_c, humidity_pct, co2_ppm = ordinary()
    temperature_c -= 8
    co2_ppm[:] = 430 + np.arange(HOURS) % 7
    assert found(temperature_c, humidity_pct, co2_ppm) == {"stairwell": list(range(HOURS))}
    empty = np.zeros(temperature_c.shape, dtype=np.bool_)
    reasons = suspicions(temperature_c, humidity_pct, co2_ppm, np.full(HOURS, 21.0), empty, LIMITS)
    assert not reasons[Suspicion.STAIRWELL].any()


def test_carbon_dioxide_that_never_comes_down_is_not_calibrated() -> None:
    temperature_c, humidity_pct, co2_ppm = ordinary()
    co2_ppm += 400
    assert found(temperature_c, humidity_pct, co2_ppm) == {"baseline": list(range(HOURS))}
    co2_ppm[0, 150] = 450
    assert set(found(temperature_c, humidity_pct, co2_ppm)["baseline"]) == set(range(151, HOURS))
    week = [values[:, :100] for values in (temperature_c, humidity_pct, co2_ppm)]
    assert found(*week) == {}


def test_together_as_alone_and_gaps_are_no_suspicion() -> None:
    climate = ordinary(4)
    climate[0][1, 50:54] += 7
    climate[1][2, 100:150] = np.linspace(30, 90, 50)
    for values in climate:
        values[3] = np.nan
    median_c, everywhere = np.full(HOURS, 21.0), np.ones((4, HOURS), dtype=np.bool_)
    together = suspicions(*climate, median_c, everywhere, LIMITS)
    for row in range(4):
        one = slice(row, row + 1)
        temperature_c, humidity_pct, co2_ppm = (values[one] for values in climate)
        alone = suspicions(temperature_c, humidity_pct, co2_ppm, median_c, everywhere[one], LIMITS)
        for reason, hours in alone.items():
            assert np.array_equal(hours[0], together[reason][row])
    assert not any(hours[3].any() for hours in together.values())
    assert together[Suspicion.SUN][1].any()
    assert together[Suspicion.BAG][2].any()


# Simulated homes.


def climate_of(homes: Homes) -> HomeClimate:
    return home_climate(homes, homes.estate, homes.hours)


def test_clean_homes_of_every_persona_are_believed_all_winter() -> None:
    homes = Homes(Period(date(2025, 11, 1), date(2026, 4, 1)))
    suspect = climate_of(homes).suspect
    part = np.any(list(suspect.values()), axis=0).mean(axis=1)
    assert part.max() < 0.01
    assert len(set(homes.households.values())) == 10


@pytest.mark.parametrize(
    ("kind", "reason", "least"),
    [
        (FaultKind.STUCK, Suspicion.FLAT, 1.0),
        (FaultKind.IN_THE_SUN, Suspicion.SUN, 0.2),  # six hours of each day
        (FaultKind.IN_A_BAG, Suspicion.BAG, 0.95),
        (FaultKind.IN_THE_STAIRWELL, Suspicion.STAIRWELL, 1.0),
        (FaultKind.CO2_OFFSET, Suspicion.BASELINE, 1.0),
    ],
)
def test_a_fault_is_found_on_its_days_and_the_other_homes_are_believed(
    kind: FaultKind, reason: Suspicion, least: float
) -> None:
    homes = JANUARY.with_faults([a_fault(kind, "box-0101", START, END)])
    climate = climate_of(homes)
    days = (climate.hours.day_index >= 11) & (climate.hours.day_index < 19)
    own = homes.estate.flat_index["0101"]
    assert climate.suspect[reason][own, days].mean() >= least
    others = np.delete(np.any(list(climate.suspect.values()), axis=0), own, axis=0)
    assert others.mean() < 0.01
    counted = "co2_ppm" if reason is Suspicion.BASELINE else "temperature_c"
    assert np.isnan(climate.values[counted][own][climate.suspect[reason][own]]).all()
