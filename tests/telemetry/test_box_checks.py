"""Suspect hours of boxes: by hand, alone as together, and on simulated homes of every kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from estate.numbers.arrays import Floats
from estate.periods import Period
from firmware_sim.life.events import EventKind
from firmware_sim.life.scenario import Fault, FaultKind
from telemetry.series.box_checks import Surroundings, Suspicion, suspicions
from telemetry.series.box_limits import box_limits
from telemetry.series.home_climate import HomeClimate, home_climate
from tests.support.simulated_homes import Homes, a_fault

LIMITS = box_limits()
HOURS = 14 * 24
START, END = date(2026, 1, 12), date(2026, 1, 20)
JANUARY = Homes(Period.month("2026-01"))


def ordinary(rows: int = 1) -> tuple[Floats, Floats, Floats]:
    """Return an even fortnight with the noise of sensors; nights and days differ."""
    rng, hours = np.random.default_rng(5), np.arange(HOURS)
    swing = np.sin(hours / 24 * 2 * np.pi)
    shape = (rows, HOURS)
    return (
        21 + 0.5 * swing + rng.normal(0, 0.03, shape),
        40 + 6 * swing + rng.normal(0, 0.4, shape),
        700 + 250 * swing + rng.normal(0, 8, shape),
    )


def surroundings(temperature_c: Floats, *, inhabited: bool) -> Surroundings:
    """Return homes at 21 °C and air of 5 °C and 90 % outdoors, which holds 6.12 g/m³ of water."""
    hours = temperature_c.shape[1]
    return Surroundings(
        np.full(temperature_c.shape, inhabited),
        np.full(hours, 21.0),
        np.full(hours, 5.0),
        np.full(hours, 6.12),
    )


def found(temperature_c: Floats, humidity_pct: Floats, co2_ppm: Floats) -> dict[str, list[int]]:
    """Return the suspect hours of the first row by reason."""
    around = surroundings(temperature_c, inhabited=True)
    reasons = suspicions(temperature_c, humidity_pct, co2_ppm, around, LIMITS)
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


def test_what_is_stuck_is_found_where_half_of_its_messages_are_lost() -> None:
    climate, lost = ordinary(), np.random.default_rng(1).random(HOURS) < 0.5
    for values in climate:
        values[0, 100:130] = values[0, 100]
        values[0, lost] = np.nan
    heard = [hour for hour in range(100, 130) if not lost[hour]]
    assert found(*climate) == {"flat": heard}
    # Without carbon dioxide a coarse thermometer may stand for a night.
    climate[2][:] = np.nan
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


@pytest.mark.parametrize("with_co2", [True, False])
@pytest.mark.parametrize("stays_at", [60, 70, 80])
def test_a_damp_home_is_no_bag(stays_at: float, with_co2: bool) -> None:
    """Humidity climbs for a day and stays, as after a burst pipe or where nobody airs any more."""
    temperature_c, humidity_pct, co2_ppm = ordinary()
    count = humidity_pct.shape[1] - 100
    climb = 40 + (stays_at - 40) * np.minimum(np.arange(count) / 24, 1)
    humidity_pct[0, 100:] = climb + 0.05 * (-1.0) ** np.arange(count)
    if not with_co2:
        co2_ppm[:] = np.nan
    assert "bag" not in found(temperature_c, humidity_pct, co2_ppm)


def test_a_bag_that_is_opened_a_little_ends() -> None:
    temperature_c, humidity_pct, co2_ppm = ordinary()
    filled = 95 - 55 * np.exp(-np.arange(50) / 24)
    humidity_pct[0, 60:110] = filled
    humidity_pct[0, 110:160] = filled[-1] - np.arange(50) * 0.5
    bag = found(temperature_c, humidity_pct, co2_ppm)["bag"]
    assert bag[0] == 61
    assert 110 < bag[-1] < 135


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
    empty = surroundings(temperature_c, inhabited=False)
    reasons = suspicions(temperature_c, humidity_pct, co2_ppm, empty, LIMITS)
    assert not reasons[Suspicion.STAIRWELL].any()


def test_carbon_dioxide_that_never_comes_down_as_far_as_the_water_is_not_calibrated() -> None:
    temperature_c, humidity_pct, co2_ppm = ordinary()
    assert found(temperature_c, humidity_pct, co2_ppm + 400) == {"baseline": list(range(HOURS))}
    few = [values[:, :100] for values in (temperature_c, humidity_pct, co2_ppm + 400)]
    assert found(*few) == {}
    # 2 g/m³ more water in the air: people live there, and hardly air.
    assert found(temperature_c, humidity_pct + 11, co2_ppm + 400) == {}
    # An offset of 1,400 ppm is more than such air holds.
    doubted = found(temperature_c, humidity_pct + 11, co2_ppm + 1400)
    assert doubted == {"baseline": list(range(HOURS))}


def test_whose_water_says_nothing_is_believed() -> None:
    temperature_c, humidity_pct, co2_ppm = ordinary()
    gaps = np.full(humidity_pct.shape, np.nan)
    assert found(temperature_c, gaps, co2_ppm + 400) == {}
    around = surroundings(temperature_c, inhabited=True)
    for unknown in (
        replace(around, outdoor_g_per_m3=np.full(HOURS, np.nan)),
        replace(around, outdoor_c=np.full(HOURS, 15.0)),
    ):
        reasons = suspicions(temperature_c, humidity_pct, co2_ppm + 400, unknown, LIMITS)
        assert not reasons[Suspicion.BASELINE].any()


def test_one_quantity_that_stands_is_doubted_alone_and_gaps_are_passed_over() -> None:
    for place, reason in enumerate(("temperature_still", "humidity_still", "co2_still")):
        climate = ordinary()
        climate[place][0, 100:200] = climate[place][0, 100]
        climate[place][0, 120:140] = np.nan
        expected = [*range(100, 120), *range(140, 200)]
        assert found(*climate) == {reason: expected}
        climate[place][0, 147:] += 0.1
        assert found(*climate) == {reason: list(range(147, 200))}


def test_a_gap_is_no_standing_still() -> None:
    climate = ordinary()
    for values in climate:
        values[0, 100:200] = np.nan
    assert found(*climate) == {}


def test_a_thermometer_alone_that_stands_is_not_judged() -> None:
    gaps = np.full((1, HOURS), np.nan)
    assert found(np.full((1, HOURS), 21.0), gaps, gaps) == {}


def test_fresh_air_that_stands_in_an_empty_home_is_believed() -> None:
    temperature_c, humidity_pct, co2_ppm = ordinary()
    co2_ppm[:] = 400.0
    empty = surroundings(temperature_c, inhabited=False)
    reasons = suspicions(temperature_c, humidity_pct, co2_ppm, empty, LIMITS)
    assert not reasons[Suspicion.CO2_STILL].any()
    assert found(temperature_c, humidity_pct, co2_ppm) == {"co2_still": list(range(HOURS))}


def test_a_thermometer_alone_that_is_nearly_as_cold_as_the_outdoors_is_in_no_home() -> None:
    temperature_c, humidity_pct, co2_ppm = ordinary()
    humidity_pct[:], co2_ppm[:] = np.nan, np.nan
    # A quarter of the way from 5 °C to 21 °C is 9 °C; a home that is not heated stays above.
    temperature_c[0, 100:150] = 8.9
    temperature_c[0, 200:250] = 9.1
    assert found(temperature_c, humidity_pct, co2_ppm) == {"no_home": list(range(100, 150))}
    empty = surroundings(temperature_c, inhabited=False)
    reasons = suspicions(temperature_c, humidity_pct, co2_ppm, empty, LIMITS)
    assert not reasons[Suspicion.NO_HOME].any()
    mild = replace(empty, inhabited=~empty.inhabited, outdoor_c=np.full(HOURS, 11.1))
    reasons = suspicions(temperature_c, humidity_pct, co2_ppm, mild, LIMITS)
    assert not reasons[Suspicion.NO_HOME].any()


def test_temperatures_that_no_home_has() -> None:
    climate = ordinary()
    climate[0][0, 100:103] = 35.0
    climate[0][0, 200:202] = 35.0
    climate[0][0, 300:306] = -1.0
    doubted = found(*climate)
    assert doubted["no_home"] == [100, 101, 102, *range(300, 306)]
    around = surroundings(climate[0], inhabited=False)
    hot = replace(around, outdoor_c=np.full(HOURS, 31.0))
    reasons = suspicions(*climate, hot, LIMITS)
    assert not reasons[Suspicion.NO_HOME].any()


def test_air_full_of_water_is_believed_where_carbon_dioxide_piled_up_too() -> None:
    temperature_c, humidity_pct, co2_ppm = ordinary()
    humidity_pct[0, 100:120] = 98.5 + np.arange(20) % 4 / 10
    assert found(temperature_c, humidity_pct, co2_ppm) == {"saturated": list(range(100, 120))}
    co2_ppm[0, 100:120] += 2000
    assert found(temperature_c, humidity_pct, co2_ppm) == {}


def test_together_as_alone_and_gaps_are_no_suspicion() -> None:
    climate = ordinary(4)
    climate[0][1, 50:54] += 7
    climate[1][2, 100:150] = np.linspace(30, 90, 50)
    for values in climate:
        values[3] = np.nan
    together = suspicions(*climate, surroundings(climate[0], inhabited=True), LIMITS)
    for row in range(4):
        one = slice(row, row + 1)
        temperature_c, humidity_pct, co2_ppm = (values[one] for values in climate)
        around = surroundings(temperature_c, inhabited=True)
        alone = suspicions(temperature_c, humidity_pct, co2_ppm, around, LIMITS)
        for reason, hours in alone.items():
            assert np.array_equal(hours[0], together[reason][row])
    assert not any(hours[3].any() for hours in together.values())
    assert together[Suspicion.SUN][1].any()
    assert together[Suspicion.BAG][2].any()


# Simulated homes.


def suspect_part(homes: Homes) -> Floats:
    """Return the part of the hours that are suspect for any reason, by home."""
    return np.asarray(np.any(list(climate_of(homes).suspect.values()), axis=0).mean(axis=1))


def climate_of(homes: Homes) -> HomeClimate:
    return home_climate(homes, homes.estate, homes.hours)


@pytest.mark.slow
def test_clean_homes_of_every_persona_are_believed_all_winter() -> None:
    homes = Homes(Period(date(2025, 11, 1), date(2026, 4, 1)))
    assert suspect_part(homes).max() < 0.01
    assert len(set(homes.households.values())) == 10


@pytest.mark.slow
@pytest.mark.parametrize("kind", [EventKind.VENTILATION_BLOCKED, EventKind.MOULD_RISK])
def test_the_worst_aired_homes_of_every_persona_are_believed(kind: EventKind) -> None:
    winter = Period(date(2025, 11, 1), date(2026, 4, 1))
    homes = Homes(winter, badly_aired=kind)
    assert suspect_part(homes).max() < 0.01
    climate = climate_of(homes)
    lived_in = [name != "nobody" for name in homes.households.values()]
    assert np.nanmean(climate.values["co2_ppm"][lived_in]) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("offset_ppm", [250.0, 400.0])
def test_every_home_is_told_from_one_whose_sensor_reads_too_high(offset_ppm: float) -> None:
    days = Period(date(2025, 11, 1), date(2026, 4, 1))
    faults = [
        Fault(f"box-{flat.flat}", FaultKind.CO2_OFFSET, days.start, days.end, offset_ppm)
        for flat in JANUARY.estate.flats
    ]
    found = climate_of(Homes(days, tuple(faults))).suspect[Suspicion.BASELINE]
    assert found.mean(axis=1).min() > 0.8


@pytest.mark.slow
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
