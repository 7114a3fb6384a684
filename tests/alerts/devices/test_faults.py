"""What values tell of a device, by cases that are written down by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from alerts.devices.alarms import Said
from alerts.devices.faults import (
    Fault,
    low_battery,
    named_by_past,
    no_energy,
    signs_of_hours,
    unplugged,
)
from alerts.devices.limits import device_limits
from alerts.life.kinds import kind_rules, life_limits
from alerts.life.relations import grouped
from alerts.model import OF_DEVICES, Alert, AlertKind
from alerts.run import check_building
from correspondence.catalogue import catalogue, languages
from estate.numbers.arrays import Bools
from estate.periods import HOUR_MS, Period
from tests.support.alert_homes import (
    FLATS,
    HOURS,
    JANUARY,
    an_estate,
    day_hours,
    ordinary_homes,
)  # fmt: skip

LIMITS = device_limits()
DAYS = 30
STARTS_MS = np.arange(DAYS * 24, dtype=np.int64) * HOUR_MS


def shown(*hours: int) -> Bools:
    flags = np.zeros(DAYS * 24, dtype=np.bool_)
    flags[list(hours)] = True
    return flags


def of_devices(alerts: list[Alert]) -> list[tuple[str, str, str]]:
    return [
        (each.kind, each.device or "", each.evidence.get("fault", ""))
        for each in alerts
        if each.kind in OF_DEVICES
    ]


def test_one_afternoon_of_sun_is_no_fault_and_three_are() -> None:
    two, three = shown(12, 13, 36, 37), shown(12, 36, 37, 60)
    assert list(signs_of_hours(Fault.SUN, two, STARTS_MS, LIMITS)) == []
    (sign,) = signs_of_hours(Fault.SUN, three, STARTS_MS, LIMITS)
    assert (sign.start_ms, sign.end_ms, sign.raised_ms) == (
        12 * HOUR_MS,
        61 * HOUR_MS,
        61 * HOUR_MS,
    )
    assert sign.hours == 4


def test_signs_far_apart_are_two_faults_and_too_few_are_none() -> None:
    hours = [*range(30), *range(400, 430)]
    first, second = signs_of_hours(Fault.MOVED, shown(*hours), STARTS_MS, LIMITS)
    assert (first.end_ms, second.start_ms) == (30 * HOUR_MS, 400 * HOUR_MS)
    assert list(signs_of_hours(Fault.MOVED, shown(*range(23)), STARTS_MS, LIMITS)) == []
    assert list(signs_of_hours(Fault.MOVED, shown(), STARTS_MS, LIMITS)) == []


def test_a_sensor_that_knew_fresh_air_has_drifted_and_one_that_never_did_was_not_calibrated() -> (
    None
):
    (sign,) = signs_of_hours(Fault.NEVER_CALIBRATED, shown(*range(300, 500)), STARTS_MS, LIMITS)
    co2 = np.full(DAYS * 24, 900.0)
    assert named_by_past(sign, co2, STARTS_MS, 500).fault is Fault.NEVER_CALIBRATED
    co2[100] = 430
    assert named_by_past(sign, co2, STARTS_MS, 500).fault is Fault.DRIFTING
    assert named_by_past(sign, co2 * np.nan, STARTS_MS, 500).fault is Fault.NEVER_CALIBRATED


def test_the_same_hours_of_most_days_are_a_habit_and_lost_radio_is_none() -> None:
    known = np.ones((DAYS, 24), dtype=np.bool_)
    known[:, 23] = known[:, :6] = False
    sign = unplugged(known.ravel(), STARTS_MS, LIMITS)
    assert sign is not None
    assert (sign.fault, sign.hours) == (Fault.UNPLUGGED, 7 * LIMITS.unplugged_days)
    lost = np.random.default_rng(1).random((DAYS, 24)) > 0.5
    for none in (lost, np.ones((DAYS, 24), dtype=np.bool_), np.zeros((DAYS, 24), dtype=np.bool_)):
        assert unplugged(none.ravel(), STARTS_MS, LIMITS) is None
    few = np.ones((DAYS, 24), dtype=np.bool_)
    few[-5:, :6] = False
    assert unplugged(few.ravel(), STARTS_MS, LIMITS) is None


@pytest.mark.parametrize("every", [2, 3, 4])
def test_a_box_that_sends_every_few_hours_is_not_unplugged_in_between(every: int) -> None:
    known = np.zeros((DAYS, 24), dtype=np.bool_)
    known[:, ::every] = True
    assert unplugged(known.ravel(), STARTS_MS, LIMITS) is None
    known[:, 22:] = known[:, :7] = False
    sign = unplugged(known.ravel(), STARTS_MS, LIMITS)
    assert (sign is None) == (known.any(axis=0).sum() < LIMITS.plugged_hours)


@pytest.mark.parametrize(
    ("volts", "low"),
    [
        ([3.6] * 20 + [3.1] * 4, True),
        ([3.6] * 20 + [3.1, 3.6, 3.1, 3.1], False),
        ([3.6] * 20 + [3.5] * 4, False),
        ([2.5] * 20, True),
        ([2.9] * 20, False),
        ([2.5], False),
        ([], False),
    ],
)
def test_a_battery_is_low_by_itself_or_for_what_it_was(volts: list[float], low: bool) -> None:
    times = np.arange(len(volts), dtype=np.int64)
    assert (low_battery(times, np.array(volts), LIMITS) is not None) == low


def test_energy_at_nought_is_a_fault_only_while_water_flows() -> None:
    times = np.arange(10, dtype=np.int64) * HOUR_MS
    zero, flow, still = np.zeros(10), np.linspace(100, 110, 10), np.full(10, 100.0)
    assert no_energy(times, zero, times, flow, LIMITS) is not None
    assert no_energy(times, zero, times, still, LIMITS) is None
    assert no_energy(times, zero + 5, times, flow, LIMITS) is None
    assert no_energy(times[:0], zero[:0], times, flow, LIMITS) is None


def test_a_box_that_fell_silent_is_told_and_one_that_was_never_heard_is_not() -> None:
    homes = ordinary_homes()
    homes.temperature_c["f2"][20 * 24 :] = np.nan
    homes.humidity_pct["f2"][20 * 24 :] = np.nan
    homes.temperature_c["f3"][:] = np.nan
    homes.humidity_pct["f3"][:] = np.nan
    found = check_building(an_estate(), homes.source(), JANUARY).alerts
    (silent,) = [each for each in found if each.kind is AlertKind.DEVICE_SILENT]
    assert (silent.device, silent.flat) == ("box-f2", "f2")
    assert silent.start_ms == HOURS.start_ms + 20 * 24 * HOUR_MS - HOUR_MS // 2
    assert silent.raised_ms == silent.start_ms + 26 * HOUR_MS
    assert silent.end_ms == HOURS.end_ms


@pytest.mark.slow
def test_how_long_it_is_silent_goes_by_the_clock() -> None:
    homes = ordinary_homes()
    source, later = homes.source(), Period(date(2026, 1, 20), date(2026, 2, 3))
    hour_after, day_after = (HOURS.end_ms + hours * HOUR_MS for hours in (20, 30))
    early = check_building(an_estate(), source, later, now_ms=hour_after).alerts
    assert of_devices(early) == []
    late = check_building(an_estate(), source, later, now_ms=day_after).alerts
    assert {each.kind for each in late} == {AlertKind.DEVICE_SILENT}
    # All of a gateway's devices are one alert.
    (group,) = grouped(an_estate(), late, life_limits())
    assert group.evidence["homes"] == len(FLATS)


def test_what_a_device_says_of_itself_is_told_with_what_it_shows() -> None:
    homes = ordinary_homes()
    for day in range(10, 25):
        homes.temperature_c["f4"][day * 24 + 12 : day * 24 + 15] += 6
    said = [
        Said(
            "box-f4",
            AlertKind.DEVICE_FAULT,
            Fault.BATTERY,
            HOURS.start_ms + 12 * 24 * HOUR_MS,
            HOURS.end_ms,
        ),
        Said("elsewhere", AlertKind.DEVICE_FAULT, Fault.CLOCK, 0, HOURS.end_ms),
    ]
    checked = check_building(an_estate(), homes.source(), JANUARY, said=said)
    (fault,) = [each for each in checked.alerts if each.kind is AlertKind.DEVICE_FAULT]
    assert fault.device == "box-f4"
    assert list(fault.evidence["fault_hours"]) == ["battery", "sun"]
    assert fault.evidence["fault"] == "battery"


def test_ordinary_homes_have_sound_devices() -> None:
    checked = check_building(an_estate(), ordinary_homes().source(), JANUARY)
    assert of_devices(checked.alerts) == []
    empty = replace(an_estate(), devices=())
    assert of_devices(check_building(empty, ordinary_homes().source(), JANUARY).alerts) == []


def test_a_box_without_power_every_night_is_found_in_its_readings() -> None:
    homes = ordinary_homes()
    for day in range(31):
        homes.temperature_c["f6"][day_hours(day, day + 1)][:7] = np.nan
        homes.humidity_pct["f6"][day_hours(day, day + 1)][:7] = np.nan
    checked = check_building(an_estate(), homes.source(), JANUARY)
    assert of_devices(checked.alerts) == [("device_fault", "box-f6", "unplugged")]


def test_staff_alone_hear_of_devices_and_in_words_for_each_fault() -> None:
    assert {kind_rules()[each].audience for each in OF_DEVICES} == {"staff"}
    for language in languages():
        words = catalogue(language)
        for fault in Fault:
            assert f"fault.{fault}" in words
            assert f"message.device_fault.check.{fault}" in words
