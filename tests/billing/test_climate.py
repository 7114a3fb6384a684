"""Colours by limits: edges, gaps, the worst of what is there."""

from __future__ import annotations

import numpy as np
import pytest

from billing.measured.climate.colours import (
    MISSING,
    Band,
    climate_limits,
    colour_codes,
    colour_home,
    side_codes,
    worst_colours,
)

BAND = Band(green=(19.0, 22.0), yellow=(18.0, 25.0))


@pytest.mark.parametrize(
    ("value", "colour", "side"),
    [
        (17.99, 2, -1), (18.0, 1, -1), (18.99, 1, -1), (19.0, 0, 0), (22.0, 0, 0),
        (22.01, 1, 1), (25.0, 1, 1), (25.01, 2, 1), (np.nan, -1, 0),
    ],
)  # fmt: skip
def test_edges_belong_to_the_better_colour(value: float, colour: int, side: int) -> None:
    assert colour_codes(np.array([value]), BAND).tolist() == [colour]
    assert side_codes(np.array([value]), BAND).tolist() == [side]


def test_worst_of_the_quantities_present_decides() -> None:
    found = colour_home(
        {
            "temperature_c": np.array([20.0, 20.0, 20.0, np.nan, 10.0]),
            "humidity_pct": np.array([40.0, 65.0, np.nan, 90.0, 40.0]),
            "co2_ppm": np.array([800.0, 800.0, np.nan, 5000.0, 800.0]),
        }
    )
    assert found.worst.tolist() == [0, 1, 0, MISSING, 2]


def test_vectorised_over_flats_equals_one_by_one() -> None:
    rng = np.random.default_rng(1)
    values = {
        "temperature_c": rng.uniform(15, 28, (4, 30)),
        "humidity_pct": rng.uniform(10, 90, (4, 30)),
    }
    together = colour_home(values).worst
    for row in range(4):
        alone = colour_home({name: rows[row] for name, rows in values.items()}).worst
        assert np.array_equal(together[row], alone)


def test_worst_of_many_homes_equals_the_maximum_of_their_colours() -> None:
    rng = np.random.default_rng(2)
    values = {
        "temperature_c": rng.uniform(15, 28, (21, 50)),
        "humidity_pct": rng.uniform(10, 90, (21, 50)),
        "co2_ppm": rng.uniform(400, 2500, (21, 50)),
    }
    for rows in values.values():
        rows[rng.random(rows.shape) < 0.1] = np.nan
    bands = climate_limits().bands
    codes = [colour_codes(rows, bands[name]) for name, rows in values.items()]
    expected = np.where(np.isnan(values["temperature_c"]), MISSING, np.max(codes, axis=0))
    assert np.array_equal(worst_colours(values), expected)


def test_weights_grow_with_the_colour_and_bound_the_spread() -> None:
    weights = climate_limits().weights
    assert weights.tolist() == sorted(weights.tolist())
    assert weights[2] / weights[0] == 2.0


def test_every_quantity_of_a_box_has_limits_with_green_inside_yellow() -> None:
    bands = climate_limits().bands
    assert set(bands) == {"temperature_c", "humidity_pct", "co2_ppm"}
    for band in bands.values():
        assert band.yellow[0] <= band.green[0] < band.green[1] <= band.yellow[1]
