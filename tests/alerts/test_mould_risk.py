"""Spells of damp, cut out of courses that are written down by hand."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.mould.mould import MouldIndex, materials, mould_index, surface_conditions
from alerts.mould.mould_risk import Spell, find_spells
from alerts.rules import rules

DAY = 24


def course_of(index: list[list[float]]) -> MouldIndex:
    """A course that grows in each hour in which its index rises."""
    rows = np.array(index, dtype=np.float64)
    growing = np.diff(rows, axis=-1, prepend=0.0) > 0
    return MouldIndex(rows, growing, np.zeros(len(rows), dtype=np.int64))


def spells_of(
    temperature_c: float, humidity_pct: float, outdoor_c: float, days: int
) -> list[Spell]:
    """The spells of one home under steady air, by the shipped limits."""
    limits = rules()
    surface = surface_conditions(
        np.full((1, days * DAY), temperature_c), humidity_pct, outdoor_c, limits.f_rsi
    )
    material = materials()[limits.material]
    course = mould_index(surface.temperature_c, surface.humidity_pct, material, limits.decline)
    return find_spells(course, course.index >= limits.mould_index)


def at_half(course: MouldIndex) -> list[Spell]:
    return find_spells(course, course.index >= 0.5)


def test_a_spell_ends_with_its_last_growth() -> None:
    found = at_half(course_of([[0, 0.2, 0.5, 0.7, 0.6, 0.4, 0, 0]]))
    assert found == [Spell(row=0, start=1, end=4, raised=3, index_max=0.7)]


def test_spells_apart_are_told_apart_and_small_ones_are_not_told() -> None:
    course = course_of([[0.5, 0, 0.4, 0, 0.6, 0.9], [0, 0, 0, 0, 0.1, 0.2]])
    assert at_half(course) == [
        Spell(row=0, start=0, end=1, raised=1, index_max=0.5),
        Spell(row=0, start=4, end=6, raised=5, index_max=0.9),
    ]


def test_no_homes_have_no_spells() -> None:
    empty = np.empty((0, 5))
    assert at_half(MouldIndex(empty, empty > 0, np.empty(0, dtype=np.int64))) == []


def test_an_ordinary_home_in_a_danish_january_has_none() -> None:
    assert spells_of(21, 40, 1.5, 31) == []
    assert spells_of(21, 50, -5, 31) == []


def test_three_damp_weeks_are_a_risk() -> None:
    (spell,) = spells_of(20.5, 68, 1.5, 21)
    assert (spell.start, spell.end) == (0, 21 * DAY)
    # 14.8 °C and 97.4 %: tm = exp(-0.68 ln 14.8 - 13.9 ln 97.4 + 66.02) = 1.72 weeks, and half of
    # it at 0.578 of the speed takes 0.5 x 7 x 1.72 / 0.578 = 10.4 days.
    assert spell.raised / DAY == pytest.approx(10.4, abs=0.1)


def test_one_damp_day_is_none() -> None:
    assert spells_of(20.5, 75, 1.5, 1) == []


def test_a_cold_flat_with_dry_air_is_none_though_its_walls_are_beyond_80_percent() -> None:
    surface = surface_conditions(9, 62, 1.5, rules().f_rsi)
    assert surface.humidity_pct > 70
    assert spells_of(9, 62, 1.5, 60) == []
    beyond = surface_conditions(6, 70, -1, rules().f_rsi)
    assert beyond.humidity_pct > 80
    assert spells_of(6, 70, -1, 60) == []
