"""One meter between two edges: read, interpolated, extended, broken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.measured.meters.register_use import Count, Gaps, ImpossibleUse, Register, count_between
from billing.measured.spans import degree_day_progress
from estate.periods import HOUR_MS, day_start_ms
from telemetry.series.registers.register_breaks import Step, register_steps

ZONE = ZoneInfo("Europe/Copenhagen")
GAPS = Gaps(exact_hours=1.5, near_hours=36, known_part=0.25)
DAY = 24


def by_time(time_ms: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return time_ms / HOUR_MS


def count(
    readings: Sequence[tuple[float, float]],
    start: float = 0,
    end: float = 10 * DAY,
    stay: tuple[float, float] = (-1000, 1000),
) -> Count:
    """Readings as (hour, register), an edge at an hour each."""
    time_ms = np.array([round(hour * HOUR_MS) for hour, _ in readings], dtype=np.int64)
    value = np.array([register for _, register in readings], dtype=np.float64)
    steps = register_steps(time_ms, value, 30, 4)
    register = Register.of(time_ms, value, steps, by_time)
    edges = (round(start * HOUR_MS), round(end * HOUR_MS))
    days = (round(stay[0] * HOUR_MS), round(stay[1] * HOUR_MS))
    return count_between(register, edges, days, by_time, GAPS)


def told(found: Count) -> list[float]:
    """Return use, and hours interpolated, broken and outside."""
    return [found.use, found.interpolated_hours, found.broken_hours, found.outside_hours]


def test_registers_at_both_edges_are_measured_whatever_lies_between() -> None:
    found = count([(0, 100), (240, 340)])
    assert told(found) == pytest.approx([240, 0, 0, 0])
    assert (found.start_register, found.end_register) == (100, 340)
    assert (found.along, found.outside_along) == (240, 0)


def test_a_daily_reading_beside_the_edge_is_interpolated_and_told() -> None:
    found = count([(-6, 100), (18, 124), (234, 340), (258, 364)])
    assert told(found) == pytest.approx([240, 18 + 6, 0, 0])
    assert (found.start_register, found.end_register) == (106, 346)
    assert found.unread == ()


def test_however_far_apart_real_readings_are_nothing_between_them_is_an_estimate() -> None:
    found = count([(-100, 0), (68, 168), (240, 340)])
    assert told(found) == pytest.approx([240, 68, 0, 0])
    assert [(each.edge_ms, each.gap_hours) for each in found.unread] == [(0, 168)]


def test_a_monthly_reading_in_the_morning_of_the_first_is_one_near_the_edge() -> None:
    found = count([(-300, 0), (6, 306), (246, 546), (500, 800)])
    assert told(found) == pytest.approx([240, 6 + 234, 0, 0])
    assert found.unread == ()
    assert [each.edge_ms for each in count([(-300, 0), (19, 319), (240, 540)]).unread] == [0]


def test_one_gap_over_both_edges_counts_once() -> None:
    found = count([(-100, 0), (340, 440)])
    assert told(found) == pytest.approx([240, 240, 0, 0])
    assert [each.edge_ms / HOUR_MS for each in found.unread] == [0, 240]


def test_what_lies_outside_of_the_readings_is_left_to_whoever_estimates() -> None:
    found = count([(0, 0), (150, 150)])
    assert told(found) == pytest.approx([150, 0, 0, 90])
    assert (found.along, found.outside_along) == (150, 90)
    assert np.isnan(found.end_register)
    for readings in ([], [(100, 5)]):
        found = count(readings)
        assert told(found) == pytest.approx([0, 0, 0, 240])
        assert (found.along, found.outside_along) == (0, 240)
        assert np.isnan([found.start_register, found.end_register]).all()


def test_what_a_meter_counted_elsewhere_is_not_counted() -> None:
    found = count([(-10, 0), (0, 10), (240, 250)], stay=(40, 200))
    assert told(found) == pytest.approx([160, 160, 0, 80])
    assert np.isnan([found.start_register, found.end_register]).all()


def test_rollover_and_reset_are_counted_on() -> None:
    rolled = count([(0, 99_900), (100, 99_999), (101, 1), (240, 120)])
    assert told(rolled) == pytest.approx([99 + 2 + 119, 0, 0, 0])
    reset = count([(0, 5_000), (100, 5_100), (101, 2), (240, 142)])
    assert told(reset) == pytest.approx([100 + 2 + 140, 0, 0, 0])
    assert [each.kind for each in (*rolled.breaks, *reset.breaks)] == [Step.ROLLED_OVER, Step.RESET]


@pytest.mark.parametrize("after", [95.0, 60_000.0])
def test_set_back_or_swapped_without_a_word_takes_the_meter_s_own_rate(after: float) -> None:
    found = count([(0, 0), (100, 100), (104, after), (240, after + 136)])
    assert told(found) == pytest.approx([240, 0, 4, 0])
    (broken,) = found.breaks
    assert (broken.kind, broken.before, broken.after) == (Step.BROKEN, 100, after)


def test_a_break_outside_the_edges_is_none_of_theirs() -> None:
    found = count([(-20, 700), (-10, 100), (0, 110), (240, 350), (250, 90)])
    assert told(found) == pytest.approx([240, 0, 0, 0])
    assert found.breaks == ()


def test_more_than_the_register_rose_is_refused() -> None:
    time_ms, value = np.array([0, 240 * HOUR_MS]), np.array([100.0, 340.0])
    steps = register_steps(time_ms, value, 30, 4)
    wrong = Register(time_ms, value, by_time(time_ms), np.array([0.0, 270.0]), steps)
    with pytest.raises(ImpossibleUse, match="more than the register rose"):
        count_between(wrong, (0, 240 * HOUR_MS), (0, 240 * HOUR_MS), by_time, GAPS)


def test_heat_across_the_edge_goes_by_degree_days() -> None:
    """33 kWh over 31 December and 1 January are 16 and 17: 160 and 170 per mille, 31 days each."""
    noon = 12 * HOUR_MS
    time_ms = np.array(
        [day_start_ms(date(2025, 12, 31), ZONE), day_start_ms(date(2026, 1, 2), ZONE)]
    )
    progress = degree_day_progress(int(time_ms[0]), int(time_ms[1]), ZONE)
    edges = (day_start_ms(date(2026, 1, 1), ZONE), int(time_ms[1]))
    value = np.array([0.0, 33.0])
    register = Register.of(time_ms, value, register_steps(time_ms, value, 30, 4), progress)
    stay = (0, int(time_ms[1]))
    found = count_between(register, edges, stay, progress, GAPS)
    assert [found.start_register, found.use] == pytest.approx([16, 17])
    half = count_between(register, (edges[0] + noon, edges[1]), stay, progress, GAPS)
    assert half.use == pytest.approx(8.5)


@given(
    st.lists(st.floats(0, 25), min_size=30, max_size=30),
    st.lists(st.integers(0, 29), max_size=20),
    st.integers(1, 28),
)
def test_two_tenancies_add_up_to_the_flat(
    uses: Sequence[float], lost: Sequence[int], change: int
) -> None:
    """Whichever readings are lost between the first and the last."""
    registers = np.cumsum(uses)
    readings = [
        (hour, float(registers[hour])) for hour in range(30) if hour not in set(lost) - {0, 29}
    ]
    whole = count(readings, 0, 29)
    parts = [count(readings, 0, change), count(readings, change, 29)]
    assert whole.use == pytest.approx(registers[-1] - registers[0])
    assert sum(part.use for part in parts) == pytest.approx(whole.use)
