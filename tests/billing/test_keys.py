"""The keys: hand-worked cases, plain loops as a second implementation, gaps and properties."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from billing import keys
from estate.numbers.arrays import Floats

HOURS = 48
DAYS = np.repeat([0, 1], 24)
finite = st.floats(-30, 40, allow_nan=False, width=32)
climates = arrays.arrays(np.float64, (3, HOURS), elements=finite)
outdoors = arrays.arrays(np.float64, (HOURS,), elements=finite)
masks = arrays.arrays(np.bool_, (3, HOURS))
AREA = np.array([50.0, 70.0, 91.5])
LOSS = np.array([60.0, 95.0, 125.0])
GAINS = np.array([200.0, 280.0, 0.0])


def all_hours(rows: int = 3) -> npt.NDArray[np.bool_]:
    return np.ones((rows, HOURS), dtype=np.bool_)


def test_degree_hours_by_hand() -> None:
    temperature = np.array([[21.0, 20.0, 3.0]])
    found = keys.degree_hours(
        np.array([70.0]), temperature, np.array([4.5, 4.5, 4.5]), np.ones((1, 3), dtype=np.bool_)
    )
    # 16.5 and 15.5 K; the third hour is colder than outdoors and counts nothing.
    assert found.tolist() == [70 * (16.5 + 15.5)]


def test_own_heat_loss_is_summed_by_day() -> None:
    """A warm hour of a day makes up for a cold one; a warm day does not for another day."""
    temperature = np.full((1, HOURS), 20.0)
    outdoor = np.where(DAYS == 0, 10.0, 30.0)
    found = keys.own_heat_loss(
        np.array([100.0]), np.array([250.0]), temperature, outdoor, all_hours(1), DAYS
    )
    assert found.tolist() == [24 * (100 * 10 - 250) / 1000]


def test_position_factors_of_the_small_building() -> None:
    """Flats G1, M1, T1: 0.7937, 1 and 0.7195 at 20 °C and 4.5 °C outdoors."""
    needs = keys.position_needs(
        np.array([115.0, 95.0, 125.0]), np.full(3, 280.0), np.full(3, 70.0), 20.0, 4.5
    )
    assert keys.position_factors(needs) == pytest.approx([0.7937, 1.0, 0.7195], abs=5e-5)


def test_position_needs_of_a_new_building_at_the_design_condition() -> None:
    """0.42, 0.46 and 0.55 W/(m² K) over 32 K; DS 418 takes no gains off."""
    area = np.full(3, 80.0)
    needs = keys.position_needs(area * [0.42, 0.46, 0.55], np.zeros(3), area, 20.0, -12.0)
    assert needs == pytest.approx([13.44, 14.72, 17.6])
    assert keys.position_factors(needs) == pytest.approx([1, 42 / 46, 42 / 55])


def test_a_flat_that_needs_no_heat_is_the_least_exposed_and_lowers_nobody_s_factor() -> None:
    found = keys.position_factors(np.array([-2.0, 0.0, 20.0, 40.0, np.nan]))
    assert found[:4].tolist() == [1.0, 1.0, 1.0, 0.5]
    assert np.isnan(found[4])
    assert np.isnan(keys.position_factors(np.full(2, np.nan))).all()
    assert keys.position_factors(np.array([-1.0, -2.0])).tolist() == [1.0, 1.0]


BANDS = np.array([1.0, 1.5, 2.0])
colours = arrays.arrays(np.int8, (3, HOURS), elements=st.integers(-1, 2))


def test_climate_bands_by_hand() -> None:
    worst = np.array([[0, 1, 2, 0]], dtype=np.int8)
    own = np.array([[True, True, True, False]])
    assert keys.climate_bands(np.array([80.0]), worst, BANDS, own).tolist() == [80 * 4.5 / 4]


@given(colours, masks, st.booleans())
def test_climate_bands_equal_plain_loops(
    worst: npt.NDArray[np.int8], counted: npt.NDArray[np.bool_], estimate: bool
) -> None:
    expected = []
    for row in range(3):
        total = 0.0
        for hour in range(HOURS):
            if counted[row, hour]:
                code = int(worst[row, hour])
                gap = 1.25 if estimate else float("nan")
                total += gap if code < 0 else float(BANDS[code])
        expected.append(float(AREA[row]) * total / HOURS)
    gaps = ((worst < 0) & counted).sum(axis=1) * 1.25
    found = keys.climate_bands(AREA, worst, BANDS, counted, gaps if estimate else None)
    assert found == pytest.approx(expected, nan_ok=True)


@pytest.mark.slow
@given(climates, outdoors, masks, colours)
def test_rows_together_equal_each_row_alone(
    temperature: Floats, outdoor: Floats, counted: npt.NDArray[np.bool_],
    worst: npt.NDArray[np.int8],
) -> None:  # fmt: skip
    """Every key of arrays; position factors compare the flats and have no row alone."""
    air = np.abs(temperature) / 10

    def weights(rows: slice) -> list[Floats]:
        t, own = temperature[rows], counted[rows]
        return [
            keys.degree_hours(AREA[rows], t, outdoor, own),
            keys.base_temperature(AREA[rows], t, own, 16.0),
            keys.own_heat_loss(LOSS[rows], GAINS[rows], t, outdoor, own, DAYS),
            keys.own_heat_loss(LOSS[rows], GAINS[rows], t, outdoor, own, DAYS, air[rows]),
            keys.climate_bands(AREA[rows], worst[rows], BANDS, own),
        ]

    together = weights(slice(None))
    for row in range(3):
        for found, alone in zip(together, weights(slice(row, row + 1)), strict=True):
            assert found[row] == pytest.approx(alone[0], nan_ok=True)


def test_position_factors_equal_each_flat_beside_the_least_need() -> None:
    loss, area = np.array([115.0, 95.0, 125.0]), np.array([70.0, 60.0, 80.0])
    needs = [(h * 15.5 - 280) / a for h, a in zip(loss.tolist(), area.tolist(), strict=True)]
    found = keys.position_factors(keys.position_needs(loss, np.full(3, 280.0), area, 20.0, 4.5))
    assert found.tolist() == pytest.approx([min(needs) / need for need in needs])


@given(climates, outdoors, masks)
def test_equal_plain_loops(
    temperature: Floats, outdoor: Floats, counted: npt.NDArray[np.bool_]
) -> None:
    degree, base, own = [0.0] * 3, [0.0] * 3, [0.0] * 3
    for row in range(3):
        by_day = {0: 0.0, 1: 0.0}
        for hour in range(HOURS):
            if not counted[row, hour]:
                continue
            t, outside = float(temperature[row, hour]), float(outdoor[hour])
            degree[row] += float(AREA[row]) * max(t - outside, 0.0)
            base[row] += float(AREA[row]) * max(t - 16.0, 0.0)
            by_day[hour // 24] += float(LOSS[row]) * (t - outside) - float(GAINS[row])
        own[row] = sum(max(wh, 0.0) for wh in by_day.values()) / 1000
    assert keys.degree_hours(AREA, temperature, outdoor, counted) == pytest.approx(degree)
    assert keys.base_temperature(AREA, temperature, counted, 16.0) == pytest.approx(base)
    found = keys.own_heat_loss(LOSS, GAINS, temperature, outdoor, counted, DAYS)
    assert found == pytest.approx(own, abs=1e-9)


@given(climates, outdoors, masks)
def test_days_of_two_tenancies_add_up_to_the_flat(
    temperature: Floats, outdoor: Floats, first: npt.NDArray[np.bool_]
) -> None:
    """Whole days, as tenancies have them."""
    first = np.where(DAYS == 0, first[:, :1], ~first[:, :1])
    whole = keys.own_heat_loss(LOSS, GAINS, temperature, outdoor, all_hours(), DAYS)
    parts = [
        keys.own_heat_loss(LOSS, GAINS, temperature, outdoor, own, DAYS) for own in (first, ~first)
    ]
    assert parts[0] + parts[1] == pytest.approx(whole)


@given(climates, outdoors)
def test_warmer_home_never_weighs_less(temperature: Floats, outdoor: Floats) -> None:
    counted = all_hours()

    def weights(t: Floats) -> Floats:
        return np.stack(
            [
                keys.degree_hours(AREA, t, outdoor, counted),
                keys.base_temperature(AREA, t, counted, 16.0),
                keys.own_heat_loss(LOSS, GAINS, t, outdoor, counted, DAYS),
            ]
        )

    assert (weights(temperature + 1.0) >= weights(temperature)).all()


def test_gap_in_a_counted_hour_makes_the_weight_a_gap_and_elsewhere_not() -> None:
    temperature, outdoor = np.full((3, HOURS), 20.0), np.zeros(HOURS)
    temperature[0, 5] = np.nan
    temperature[1, 5] = np.nan
    counted = all_hours()
    counted[1, 5] = False
    for found in (
        keys.degree_hours(AREA, temperature, outdoor, counted),
        keys.base_temperature(AREA, temperature, counted, 16.0),
        keys.own_heat_loss(LOSS, GAINS, temperature, outdoor, counted, DAYS),
        keys.climate_bands(
            AREA, np.where(np.isnan(temperature), -1, 0).astype(np.int8), BANDS, counted
        ),
    ):
        assert np.isnan(found).tolist() == [True, False, False]
