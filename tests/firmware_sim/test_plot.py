"""The picture of a week: every home and line is there, within its row, and it is the same again."""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree as ET

import pytest

from firmware_sim.physics.building import Simulation
from firmware_sim.results.comparison import simulate_personas
from firmware_sim.results.plot import LINES, week_picture

FIRST = date(2025, 1, 3)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return simulate_personas(date(2025, 1, 1), date(2025, 1, 11), seed=1)


@pytest.mark.slow
def test_every_home_and_line_is_named(simulation: Simulation) -> None:
    picture = ET.fromstring(week_picture(simulation, FIRST))  # noqa: S314  made here
    texts = {text for each in picture.iter(f"{SVG}text") for text in [each.text] if text}
    assert set(simulation.house.flats) <= texts
    assert {f"{name}, {scale}" for name, _, _, _, scale in LINES} <= texts
    assert f"days from {FIRST}" in texts


def test_every_home_has_its_lines_in_their_colours(simulation: Simulation) -> None:
    picture = ET.fromstring(week_picture(simulation, FIRST))  # noqa: S314  made here
    styles = [each.get("style", "") for each in picture.iter(f"{SVG}path")]
    for *_, colour, _ in LINES:
        # One of each home, and one in the legend.
        assert sum(f"stroke: {colour}" in style for style in styles) == (
            len(simulation.house.flats) + 1
        )


@pytest.mark.slow
def test_the_same_week_is_the_same_file(simulation: Simulation) -> None:
    assert week_picture(simulation, FIRST) == week_picture(simulation, FIRST)
